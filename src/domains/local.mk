noinst_LIBRARIES += libdomains.a
libdomains_a_SOURCES = \
	src/domains/check.c include/domains/check.h \
	src/domains/txt.c include/domains/txt.h

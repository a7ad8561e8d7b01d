noinst_LIBRARIES += libissuer.a
libissuer_a_SOURCES = \
	src/issuer/fetch.c include/issuer/fetch.h \
	src/issuer/refresh.c include/issuer/refresh.h

check_PROGRAMS += test_domains
TESTS += test_domains
test_domains_SOURCES = tests/unit/test_domains.c tests/support/names.c tests/support/names.h tests/support/unit.h
test_domains_LDADD = $(CHECK_LIBS) $(CORE_LIBS) $(CUNIT_LIBS) -lpthread

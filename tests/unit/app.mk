check_PROGRAMS += test_app
TESTS += test_app
test_app_SOURCES = tests/support/cases.c tests/support/cases.h tests/support/unit.h tests/unit/test_app.c
test_app_CPPFLAGS = $(AM_CPPFLAGS) -DTEST_CASES_DIR='"$(abs_top_srcdir)/tests/cases"'
test_app_LDADD = $(DOMAIN_LIBS) $(DB_LIBS) $(CRYPTO_LIBS) $(HTTP_LIBS) $(CORE_LIBS) $(CUNIT_LIBS)

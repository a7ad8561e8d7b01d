check_PROGRAMS += test_app
TESTS += test_app
test_app_SOURCES = tests/support/unit.h tests/unit/test_app.c
test_app_LDADD = $(DOMAIN_LIBS) $(DB_LIBS) $(CRYPTO_LIBS) $(HTTP_LIBS) $(CORE_LIBS) $(CUNIT_LIBS)

check_PROGRAMS += test_issuer
TESTS += test_issuer
test_issuer_SOURCES = tests/unit/test_issuer.c tests/support/files.c tests/support/files.h tests/support/origin.c \
	tests/support/origin.h tests/support/tokens.c tests/support/tokens.h tests/support/unit.h
test_issuer_LDADD = $(ISSUER_LIBS) $(CRYPTO_LIBS) $(CORE_LIBS) $(CUNIT_LIBS) -lpthread

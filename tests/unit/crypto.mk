check_PROGRAMS += test_crypto
TESTS += test_crypto
test_crypto_SOURCES = \
	tests/support/files.c tests/support/files.h \
	tests/support/tokens.c \
	tests/support/tokens.h \
	tests/support/unit.h \
	tests/unit/test_crypto.c \
	tests/unit/test_crypto.h \
	tests/unit/test_crypto_digest.c \
	tests/unit/test_crypto_keystore.c \
	tests/unit/test_crypto_password.c \
	tests/unit/test_crypto_roca.c \
	tests/unit/test_crypto_sign.c \
	tests/unit/test_crypto_statement.c \
	tests/unit/test_crypto_token.c
test_crypto_LDADD = $(CRYPTO_LIBS) $(CORE_LIBS) $(CUNIT_LIBS)

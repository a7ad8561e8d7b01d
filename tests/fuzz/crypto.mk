noinst_PROGRAMS += fuzz_token
fuzz_token_SOURCES = tests/fuzz/fuzz_token.c tests/support/tokens.c tests/support/tokens.h \
	tests/support/files.c tests/support/files.h
fuzz_token_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
fuzz_token_LDADD = $(CRYPTO_LIBS) $(CORE_LIBS)

noinst_PROGRAMS += fuzz_request
fuzz_request_SOURCES = tests/fuzz/fuzz_request.c tests/support/fcgi_client.c tests/support/fcgi_client.h \
	tests/support/files.c tests/support/files.h tests/support/resource.c tests/support/resource.h \
	tests/support/tokens.c tests/support/tokens.h
fuzz_request_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
fuzz_request_LDADD = $(DOMAIN_LIBS) $(DB_LIBS) $(CRYPTO_LIBS) $(HTTP_LIBS) $(CORE_LIBS)

noinst_PROGRAMS += fuzz_filter
fuzz_filter_SOURCES = tests/fuzz/fuzz_filter.c tests/support/resource.c tests/support/resource.h
fuzz_filter_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
fuzz_filter_LDADD = libhttp.a libresource.a librepo.a $(DB_LIBS) $(CRYPTO_LIBS) $(CORE_LIBS)

noinst_PROGRAMS += fuzz_fcgi fuzz_path fuzz_query
fuzz_fcgi_SOURCES = tests/fuzz/fuzz_fcgi.c
fuzz_fcgi_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
fuzz_fcgi_LDADD = libhttp.a $(CORE_LIBS)
fuzz_path_SOURCES = tests/fuzz/fuzz_path.c
fuzz_path_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
fuzz_path_LDADD = libhttp.a $(CORE_LIBS)
fuzz_query_SOURCES = tests/fuzz/fuzz_query.c
fuzz_query_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
fuzz_query_LDADD = libhttp.a $(CORE_LIBS)

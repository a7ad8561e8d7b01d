noinst_PROGRAMS += fuzz_json
fuzz_json_SOURCES = tests/fuzz/fuzz_json.c
fuzz_json_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
fuzz_json_LDADD = $(CORE_LIBS)

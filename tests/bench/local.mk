check_PROGRAMS += bench_hello
bench_hello_SOURCES = tests/bench/hello.c
bench_hello_LDADD = $(HTTP_LIBS) $(CORE_LIBS)

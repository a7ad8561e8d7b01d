check_PROGRAMS += bench_hello
bench_hello_SOURCES = tests/bench/hello.c
bench_hello_LDADD = $(HTTP_LIBS) $(CORE_LIBS)
check_PROGRAMS += bench_mint
bench_mint_SOURCES = tests/bench/mint.c
bench_mint_LDADD = $(CRYPTO_LIBS) $(CORE_LIBS)

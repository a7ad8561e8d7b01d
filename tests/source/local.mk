# For tests/source/run, which needs no server; it finds the program in the build tree it is given.
check_PROGRAMS += print_tables
print_tables_SOURCES = tests/source/print_tables.c
print_tables_LDADD = $(DOMAIN_LIBS) $(DB_LIBS) $(CRYPTO_LIBS) $(HTTP_LIBS) $(CORE_LIBS)
dist_check_SCRIPTS += tests/source/run tests/source/threats tests/smoke/run

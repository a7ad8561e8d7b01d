check_PROGRAMS += test_pool
TESTS += test_pool
test_pool_SOURCES = tests/unit/test_pool.c tests/unit/test_pool.h tests/unit/test_pool_world.c \
	tests/unit/test_pool_listener.c tests/unit/test_pool_supervise.c tests/unit/test_pool_reload.c \
	tests/support/files.c tests/support/files.h \
	tests/unit/test_pool_drain.c tests/unit/test_pool_errand.c tests/unit/test_pool_handover.c tests/unit/test_pool_hashing.c tests/unit/test_pool_systemd.c tests/unit/test_pool_turns.c
test_pool_LDADD = libpool.a $(CRYPTO_LIBS) $(CORE_LIBS) $(CUNIT_LIBS)

STACK_TESTS += test_stack_matrix
EXTRA_DIST += tests/http/matrix.sql
test_stack_matrix_SOURCES = tests/http/test_http_matrix.c tests/http/test_http_matrix_ways.c \
	tests/http/matrix_world.c tests/http/matrix_world.h $(STACK_TEST_SUPPORT)
test_stack_matrix_CPPFLAGS = $(STACK_TEST_CPPFLAGS)
test_stack_matrix_LDADD = $(STACK_TEST_LIBS)

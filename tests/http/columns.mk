STACK_TESTS += test_stack_columns
test_stack_columns_SOURCES = tests/http/test_http_columns.c $(STACK_TEST_SUPPORT)
test_stack_columns_CPPFLAGS = $(STACK_TEST_CPPFLAGS)
test_stack_columns_LDADD = $(STACK_TEST_LIBS)

STACK_TESTS += test_stack_openapi
test_stack_openapi_SOURCES = tests/http/test_http_openapi.c $(STACK_TEST_SUPPORT)
test_stack_openapi_CPPFLAGS = $(STACK_TEST_CPPFLAGS)
test_stack_openapi_LDADD = $(STACK_TEST_LIBS)

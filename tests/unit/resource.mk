check_PROGRAMS += test_resource
TESTS += test_resource
test_resource_SOURCES = \
	tests/support/resource.c tests/support/resource.h tests/support/unit.h \
	tests/unit/test_resource.c tests/unit/test_resource.h \
	tests/unit/test_resource_build.c \
	tests/unit/test_resource_input.c \
	tests/unit/test_resource_prefer.c \
	tests/unit/test_resource_query.c \
	tests/unit/test_resource_value.c
test_resource_LDADD = libresource.a librepo.a $(DB_LIBS) $(CRYPTO_LIBS) $(CORE_LIBS) $(CUNIT_LIBS)

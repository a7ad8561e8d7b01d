check_PROGRAMS += test_http
TESTS += test_http
test_http_SOURCES = \
	tests/support/fcgi_client.c \
	tests/support/fcgi_client.h \
	tests/support/files.c tests/support/files.h \
	tests/support/unit.h \
	tests/unit/test_http.c \
	tests/unit/test_http.h \
	tests/unit/test_http_fcgi.c \
	tests/unit/test_http_hostile.c \
	tests/unit/test_http_path.c \
	tests/unit/test_http_request.c \
	tests/unit/test_http_response.c \
	tests/unit/test_http_stage.c \
	tests/unit/test_http_stream.c \
	tests/unit/test_http_workers.c
test_http_LDADD = $(HTTP_LIBS) $(CORE_LIBS) $(CUNIT_LIBS)

# Tests through a real lighttpd, the real pool and a real PostgreSQL (tests/support/stack.h). They are built by
# `make check`; ./dev check runs them.
STACK_TEST_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests $(CUNIT_CFLAGS) $(CURL_CFLAGS) \
	-DTEST_DATABASE_DIR='"$(abs_top_srcdir)/db"' -DTEST_SOURCE_DIR='"$(abs_top_srcdir)"' \
	-DTEST_BUILD_DIR='"$(abs_top_builddir)"'
STACK_TEST_LIBS = $(DOMAIN_LIBS) $(DB_LIBS) $(CRYPTO_LIBS) $(HTTP_LIBS) $(CORE_LIBS) $(CUNIT_LIBS) $(CURL_LIBS) \
	-lpthread
STACK_TEST_SUPPORT = tests/support/people.c tests/support/people.h tests/support/stack.c tests/support/stack.h tests/support/http.c tests/support/http.h \
	tests/support/cluster.c tests/support/cluster.h tests/support/tokens.c tests/support/tokens.h \
	tests/support/fcgi_client.c tests/support/fcgi_client.h tests/support/unit.h

# Not in TESTS: `make check` starts no web server.
STACK_TESTS = \
	test_stack_answers test_stack_audit test_stack_bootstrap test_stack_data test_stack_faults \
	test_stack_gate test_stack_headers test_stack_input test_stack_media test_stack_members \
	test_stack_peers test_stack_tokens test_stack_verdicts test_stack_views
check_PROGRAMS += $(STACK_TESTS)

test_stack_answers_SOURCES = tests/http/test_http_answers.c $(STACK_TEST_SUPPORT)
test_stack_answers_CPPFLAGS = $(STACK_TEST_CPPFLAGS)
test_stack_answers_LDADD = $(STACK_TEST_LIBS)

test_stack_audit_SOURCES = tests/http/test_http_audit.c $(STACK_TEST_SUPPORT)
test_stack_audit_CPPFLAGS = $(STACK_TEST_CPPFLAGS)
test_stack_audit_LDADD = $(STACK_TEST_LIBS)

test_stack_bootstrap_SOURCES = tests/http/test_http_bootstrap.c $(STACK_TEST_SUPPORT)
test_stack_bootstrap_CPPFLAGS = $(STACK_TEST_CPPFLAGS)
test_stack_bootstrap_LDADD = $(STACK_TEST_LIBS)

test_stack_faults_SOURCES = tests/http/test_http_faults.c $(STACK_TEST_SUPPORT)
test_stack_faults_CPPFLAGS = $(STACK_TEST_CPPFLAGS)
test_stack_faults_LDADD = $(STACK_TEST_LIBS)

test_stack_gate_SOURCES = tests/http/test_http_gate.c $(STACK_TEST_SUPPORT)
test_stack_gate_CPPFLAGS = $(STACK_TEST_CPPFLAGS)
test_stack_gate_LDADD = $(STACK_TEST_LIBS)

test_stack_headers_SOURCES = tests/http/test_http_headers.c $(STACK_TEST_SUPPORT)
test_stack_headers_CPPFLAGS = $(STACK_TEST_CPPFLAGS)
test_stack_headers_LDADD = $(STACK_TEST_LIBS)

test_stack_input_SOURCES = tests/http/test_http_input.c $(STACK_TEST_SUPPORT)
test_stack_input_CPPFLAGS = $(STACK_TEST_CPPFLAGS)
test_stack_input_LDADD = $(STACK_TEST_LIBS)

test_stack_members_SOURCES = tests/http/test_http_members.c $(STACK_TEST_SUPPORT)
test_stack_members_CPPFLAGS = $(STACK_TEST_CPPFLAGS)
test_stack_members_LDADD = $(STACK_TEST_LIBS)

test_stack_peers_SOURCES = tests/http/test_http_peers.c $(STACK_TEST_SUPPORT)
test_stack_peers_CPPFLAGS = $(STACK_TEST_CPPFLAGS)
test_stack_peers_LDADD = $(STACK_TEST_LIBS)

test_stack_tokens_SOURCES = tests/http/test_http_tokens.c $(STACK_TEST_SUPPORT)
test_stack_tokens_CPPFLAGS = $(STACK_TEST_CPPFLAGS)
test_stack_tokens_LDADD = $(STACK_TEST_LIBS)

test_stack_verdicts_SOURCES = tests/http/test_http_verdicts.c tests/support/routes.c tests/support/routes.h \
	$(STACK_TEST_SUPPORT)
test_stack_verdicts_CPPFLAGS = $(STACK_TEST_CPPFLAGS)
test_stack_verdicts_LDADD = $(STACK_TEST_LIBS)

test_stack_views_SOURCES = tests/http/test_http_views.c $(STACK_TEST_SUPPORT)
test_stack_views_CPPFLAGS = $(STACK_TEST_CPPFLAGS)
test_stack_views_LDADD = $(STACK_TEST_LIBS)

test_stack_data_SOURCES = tests/http/test_http_data.c $(STACK_TEST_SUPPORT)
test_stack_data_CPPFLAGS = $(STACK_TEST_CPPFLAGS)
test_stack_data_LDADD = $(STACK_TEST_LIBS)

test_stack_media_SOURCES = tests/http/test_http_media.c $(STACK_TEST_SUPPORT)
test_stack_media_CPPFLAGS = $(STACK_TEST_CPPFLAGS)
test_stack_media_LDADD = $(STACK_TEST_LIBS)

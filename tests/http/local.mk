# Tests through a real lighttpd, the real pool and a real PostgreSQL (tests/support/stack.h). They are built by
# `make check`; ./dev check runs them. A program is a name in STACK_TESTS and a line with its files: what they share is
# a library, and LDADD is what automake links programs with that say nothing else, which are these alone.
check_LIBRARIES += libstack.a
libstack_a_SOURCES = \
	tests/support/cases.c tests/support/cases.h tests/support/cluster.c tests/support/cluster.h \
	tests/support/fcgi_client.c tests/support/fcgi_client.h tests/support/files.c tests/support/files.h \
	tests/support/http.c tests/support/http.h tests/support/people.c tests/support/people.h \
	tests/support/origin.c tests/support/origin.h tests/support/routes.c tests/support/routes.h tests/support/stack.c tests/support/stack.h \
	tests/support/tokens.c tests/support/tokens.h tests/support/unit.h
libstack_a_CPPFLAGS = $(AM_CPPFLAGS) -DTEST_DATABASE_DIR='"$(abs_top_srcdir)/db"' \
	-DTEST_CASES_DIR='"$(abs_top_srcdir)/tests/cases"' -DTEST_SOURCE_DIR='"$(abs_top_srcdir)"' -DTEST_BUILD_DIR='"$(abs_top_builddir)"'
LDADD = libstack.a $(DOMAIN_LIBS) $(DB_LIBS) $(CRYPTO_LIBS) $(HTTP_LIBS) $(CORE_LIBS) $(CUNIT_LIBS) $(CURL_LIBS) \
	-lpthread

# Not in TESTS: `make check` starts no web server.
STACK_TESTS = \
	test_stack_accounts test_stack_answers test_stack_api_keys test_stack_audit test_stack_bare test_stack_bootstrap test_stack_code test_stack_columns test_stack_data_read \
	test_stack_admin \
	test_stack_cors test_stack_domains \
	test_stack_data_rules test_stack_data_write test_stack_fairness test_stack_faults test_stack_gate \
	test_stack_headers \
	test_stack_input test_stack_issuers test_stack_limits test_stack_matrix test_stack_media test_stack_members test_stack_openapi test_stack_operations test_stack_ownership \
	test_stack_joining \
	test_stack_peers test_stack_servers test_stack_soak test_stack_starts test_stack_storm test_stack_tokens test_stack_upgrade test_stack_verdicts test_stack_views test_stack_walls \
	test_stack_web_server
check_PROGRAMS += $(STACK_TESTS)

# What is preloaded into servers that are to fail. It stands before libc, so that nothing may be put into it.
check_PROGRAMS += preload.so
preload_so_SOURCES = tests/support/preload.c tests/support/preload.h
preload_so_CFLAGS = -fPIC
preload_so_LDFLAGS = -shared
preload_so_LDADD = -ldl

# The program of the next release, for test_stack_upgrade.
check_PROGRAMS += tenantd_next
tenantd_next_SOURCES = src/main/tenantd.c tests/support/next_gate.c
tenantd_next_LDADD = $(tenantd_LDADD)

test_stack_accounts_SOURCES = tests/http/test_http_accounts.c
test_stack_admin_SOURCES = tests/http/test_http_admin.c
test_stack_answers_SOURCES = tests/http/test_http_answers.c
test_stack_api_keys_SOURCES = tests/http/test_http_api_keys.c
test_stack_audit_SOURCES = tests/http/test_http_audit.c
test_stack_bare_SOURCES = tests/http/test_http_bare.c
test_stack_bootstrap_SOURCES = tests/http/test_http_bootstrap.c
test_stack_code_SOURCES = tests/http/test_http_code.c tests/http/data_world.c tests/http/data_world.h
test_stack_columns_SOURCES = tests/http/test_http_columns.c
test_stack_cors_SOURCES = tests/http/test_http_cors.c
test_stack_data_read_SOURCES = tests/http/test_http_data_read.c tests/http/data_world.c tests/http/data_world.h
test_stack_data_rules_SOURCES = tests/http/test_http_data_rules.c tests/http/data_world.c tests/http/data_world.h
test_stack_data_write_SOURCES = tests/http/test_http_data_write.c tests/http/data_world.c tests/http/data_world.h
test_stack_domains_SOURCES = tests/http/test_http_domains.c tests/support/names.c tests/support/names.h
test_stack_fairness_SOURCES = tests/http/test_http_fairness.c tests/http/data_world.c tests/http/data_world.h
test_stack_faults_SOURCES = tests/http/test_http_faults.c
test_stack_gate_SOURCES = tests/http/test_http_gate.c
test_stack_headers_SOURCES = tests/http/test_http_headers.c
test_stack_joining_SOURCES = tests/http/test_http_joining.c
test_stack_limits_SOURCES = tests/http/test_http_limits.c
test_stack_input_SOURCES = tests/http/test_http_input.c
test_stack_issuers_SOURCES = tests/http/test_http_issuers.c
test_stack_matrix_SOURCES = tests/http/test_http_matrix.c tests/http/test_http_matrix_ways.c \
	tests/http/matrix_world.c tests/http/matrix_world.h
test_stack_media_SOURCES = tests/http/test_http_media.c
test_stack_members_SOURCES = tests/http/test_http_members.c
test_stack_openapi_SOURCES = tests/http/test_http_openapi.c
test_stack_operations_SOURCES = tests/http/test_http_operations.c tests/http/soak_load.c tests/http/soak_load.h
test_stack_ownership_SOURCES = tests/http/test_http_ownership.c
test_stack_peers_SOURCES = tests/http/test_http_peers.c
test_stack_servers_SOURCES = tests/http/test_http_servers.c
test_stack_soak_SOURCES = tests/http/test_http_soak.c tests/http/soak_load.c tests/http/soak_load.h
test_stack_starts_SOURCES = tests/http/test_http_starts.c
test_stack_storm_SOURCES = tests/http/test_http_storm.c tests/http/storm_load.c tests/http/storm_load.h \
	tests/support/cutter.c tests/support/cutter.h tests/support/preload.h
test_stack_storm_CPPFLAGS = $(libstack_a_CPPFLAGS)
test_stack_tokens_SOURCES = tests/http/test_http_tokens.c
test_stack_upgrade_SOURCES = tests/http/test_http_upgrade.c tests/http/data_world.c tests/http/data_world.h
test_stack_upgrade_CPPFLAGS = $(libstack_a_CPPFLAGS)
test_stack_verdicts_SOURCES = tests/http/test_http_verdicts.c
test_stack_walls_SOURCES = tests/http/test_http_walls.c tests/http/data_world.c tests/http/data_world.h
test_stack_web_server_SOURCES = tests/http/test_http_web_server.c
test_stack_views_SOURCES = tests/http/test_http_views.c
EXTRA_DIST += tests/http/matrix.sql
EXTRA_DIST += \
	tests/cases/accounts.cases tests/cases/api_keys.cases tests/cases/domains.cases tests/cases/audit.cases tests/cases/auth.cases tests/cases/data.cases tests/cases/invitations.cases tests/cases/join_requests.cases tests/cases/members.cases tests/cases/onboarding.cases tests/cases/resources.cases tests/cases/server.cases tests/cases/tenant.cases \
	tests/cases/admin.cases tests/cases/ownership.cases

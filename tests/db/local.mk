# Tests that need PostgreSQL's server programs; each starts a cluster of its own (tests/support/cluster.h).
DB_TEST_CPPFLAGS = $(AM_CPPFLAGS) -DTEST_DATABASE_DIR='"$(abs_top_srcdir)/db"'
DB_TEST_SUPPORT = tests/support/cluster.c tests/support/cluster.h tests/support/files.c tests/support/files.h tests/support/unit.h

check_PROGRAMS += test_db_pipeline test_db_migrate test_db_tenantctl
TESTS += test_db_pipeline test_db_migrate test_db_tenantctl
test_db_pipeline_SOURCES = tests/db/test_db_pipeline.c tests/db/test_db_conn.c tests/db/test_db.h \
	$(DB_TEST_SUPPORT)
test_db_pipeline_CPPFLAGS = $(DB_TEST_CPPFLAGS)
test_db_pipeline_LDADD = $(DB_LIBS) $(CORE_LIBS) $(CUNIT_LIBS)
test_db_migrate_SOURCES = tests/db/test_db_migrate.c $(DB_TEST_SUPPORT)
test_db_migrate_CPPFLAGS = $(DB_TEST_CPPFLAGS)
test_db_migrate_LDADD = $(DB_LIBS) $(CORE_LIBS) $(CUNIT_LIBS)
test_db_tenantctl_SOURCES = tests/db/test_db_tenantctl.c $(DB_TEST_SUPPORT)
test_db_tenantctl_CPPFLAGS = $(DB_TEST_CPPFLAGS)
test_db_tenantctl_LDADD = $(DB_LIBS) $(CRYPTO_LIBS) $(CORE_LIBS) $(CUNIT_LIBS)

check_PROGRAMS += test_db_requests
TESTS += test_db_requests
test_db_requests_SOURCES = tests/db/test_db_requests.c tests/support/cases.c tests/support/cases.h \
	tests/support/routes.c tests/support/routes.h tests/support/tokens.c tests/support/tokens.h $(DB_TEST_SUPPORT)
test_db_requests_CPPFLAGS = $(DB_TEST_CPPFLAGS) -DTEST_CASES_DIR='"$(abs_top_srcdir)/tests/cases"'
test_db_requests_LDADD = $(DOMAIN_LIBS) $(DB_LIBS) $(CRYPTO_LIBS) $(HTTP_LIBS) $(CORE_LIBS) $(CUNIT_LIBS)

check_PROGRAMS += test_db_plans
TESTS += test_db_plans
test_db_plans_SOURCES = tests/db/test_db_plans.c $(DB_TEST_SUPPORT)
test_db_plans_CPPFLAGS = $(DB_TEST_CPPFLAGS)
test_db_plans_LDADD = $(DOMAIN_LIBS) $(DB_LIBS) $(CRYPTO_LIBS) $(HTTP_LIBS) $(CORE_LIBS) $(CUNIT_LIBS)

check_PROGRAMS += test_db_mail
TESTS += test_db_mail
test_db_mail_SOURCES = tests/db/test_db_mail.c $(DB_TEST_SUPPORT)
test_db_mail_CPPFLAGS = $(DB_TEST_CPPFLAGS) -DTOP_SRCDIR='"$(abs_top_srcdir)"'
test_db_mail_LDADD = $(DB_LIBS) $(CRYPTO_LIBS) $(CORE_LIBS) $(CUNIT_LIBS)

CTL_TEST_SUPPORT = tests/support/ctl.c tests/support/ctl.h $(DB_TEST_SUPPORT)
check_PROGRAMS += test_db_backfill test_db_chain test_db_seed
TESTS += test_db_backfill test_db_chain test_db_seed
test_db_backfill_SOURCES = tests/db/test_db_backfill.c $(CTL_TEST_SUPPORT)
test_db_backfill_CPPFLAGS = $(DB_TEST_CPPFLAGS)
test_db_backfill_LDADD = $(DB_LIBS) $(CRYPTO_LIBS) $(CORE_LIBS) $(CUNIT_LIBS)
test_db_chain_SOURCES = tests/db/test_db_chain.c $(CTL_TEST_SUPPORT)
test_db_chain_CPPFLAGS = $(DB_TEST_CPPFLAGS)
test_db_chain_LDADD = $(DB_LIBS) $(CRYPTO_LIBS) $(CORE_LIBS) $(CUNIT_LIBS)
test_db_seed_SOURCES = tests/db/test_db_seed.c $(CTL_TEST_SUPPORT)
test_db_seed_CPPFLAGS = $(DB_TEST_CPPFLAGS) -DTEST_SEED='"$(abs_top_srcdir)/contrib/seed/example.json"'
test_db_seed_LDADD = $(DB_LIBS) $(CRYPTO_LIBS) $(CORE_LIBS) $(CUNIT_LIBS)
check_PROGRAMS += test_db_archive
TESTS += test_db_archive
EXTRA_DIST += tests/db/archive_rows.sql
test_db_archive_SOURCES = tests/db/test_db_archive.c $(CTL_TEST_SUPPORT)
test_db_archive_CPPFLAGS = $(DB_TEST_CPPFLAGS) -DTEST_SEED='"$(abs_top_srcdir)/contrib/seed/example.json"'
test_db_archive_LDADD = $(DB_LIBS) $(CRYPTO_LIBS) $(CORE_LIBS) $(CUNIT_LIBS)

# What psql and tenantctl read at run time, installed as it stands here. A new migration, family of functions, area or seed is one
# more line: a file that is not listed is neither installed nor in the tarball, and `make distcheck` runs the
# tests from the tarball.
dist_pkgdata_DATA = db/roles.sql

migrationsdir = $(pkgdatadir)/migrations
dist_migrations_DATA = \
	db/migrations/0001_tenancy.sql \
	db/migrations/0002_walls.sql \
	db/migrations/0003_resources.sql \
	db/migrations/0004_mail.sql \
	db/migrations/0005_accounts.sql \
	db/migrations/0006_api_keys.sql \
	db/migrations/0007_administration.sql \
	db/migrations/0008_cutover_access.sql \
	db/migrations/0009_joining.sql \
	db/migrations/0010_domains.sql \
	db/migrations/0011_erasures.sql \
	db/migrations/0012_checkpoints.sql

functionsdir = $(pkgdatadir)/functions
dist_functions_DATA = \
	db/functions/accounts.sql \
	db/functions/api_keys.sql \
	db/functions/administration.sql \
	db/functions/archive.sql \
	db/functions/audit.sql \
	db/functions/backfill.sql \
	db/functions/catalog.sql \
	db/functions/chain.sql \
	db/functions/code.sql \
	db/functions/context.sql \
	db/functions/cutover.sql \
	db/functions/domains.sql \
	db/functions/gate.sql \
	db/functions/gate_attempts.sql \
	db/functions/idempotency.sql \
	db/functions/identity.sql \
	db/functions/invariants.sql \
	db/functions/invitations.sql \
	db/functions/isolation.sql \
	db/functions/join_requests.sql \
	db/functions/limits.sql \
	db/functions/mail.sql \
	db/functions/onboarding.sql \
	db/functions/operator.sql \
	db/functions/ownership.sql \
	db/functions/resource_actions.sql \
	db/functions/resource_refusals.sql \
	db/functions/resources.sql \
	db/functions/retention.sql \
	db/functions/secrets.sql \
	db/functions/seed.sql \
	db/functions/views.sql \
	db/functions/walls.sql

areasdir = $(pkgdatadir)/areas
dist_areas_DATA = \
	db/areas/0001_budgets.sql \
	db/areas/0002_kpis.sql \
	db/areas/0003_temperature_readings.sql \
	db/areas/0004_nexus_documents.sql \
	db/areas/0005_vector_points.sql \
	db/areas/0006_bossman_tasks.sql \
	db/areas/0007_media_objects.sql \
	db/areas/0008_analytics_events.sql \
	db/areas/0009_log_events.sql \
	db/areas/0010_page_contents.sql \
	db/areas/0011_kill_switches.sql \
	db/areas/0012_strategy_locks.sql \
	db/areas/0013_item_profiles.sql \
	db/areas/0014_inventory_items.sql \
	db/areas/0015_jobs.sql \
	db/areas/0016_campaigns.sql

# What psql and tenantctl read at run time, installed as it stands here. A new migration, area or seed is one
# more line: a file that is not listed is neither installed nor in the tarball, and `make distcheck` runs the
# tests from the tarball.
dist_pkgdata_DATA = db/roles.sql

migrationsdir = $(pkgdatadir)/migrations
dist_migrations_DATA = \
	db/migrations/0001_schema.sql \
	db/migrations/0002_context.sql \
	db/migrations/0003_audit.sql \
	db/migrations/0004_isolation.sql \
	db/migrations/0005_invariants.sql \
	db/migrations/0006_identity.sql \
	db/migrations/0007_operator.sql \
	db/migrations/0008_gate.sql \
	db/migrations/0009_code.sql \
	db/migrations/0010_resources.sql \
	db/migrations/0011_idempotency.sql \
	db/migrations/0012_content_pieces.sql \
	db/migrations/0013_views.sql \
	db/migrations/0014_catalog.sql \
	db/migrations/0015_gate.sql

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
	db/areas/0016_campaigns.sql \
	db/areas/0017_upkeep.sql

seeddir = $(pkgdatadir)/seed
dist_seed_DATA =

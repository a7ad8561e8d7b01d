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
	db/migrations/0008_gate.sql

areasdir = $(pkgdatadir)/areas
dist_areas_DATA =

seeddir = $(pkgdatadir)/seed
dist_seed_DATA =

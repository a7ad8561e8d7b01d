/*
 * A throw-away PostgreSQL for tests. It has a new folder under TMPDIR, is reached only by a unix socket in that folder,
 * and runs without fsync. The server is a child of the test and ends when the test ends, in whatever way. When root
 * starts it, it runs as `postgres`. The programs are taken from PG_BINDIR, or else from the newest
 * /usr/lib/postgresql/N/bin, or else from PATH. When the set-up fails, the test program ends with a message.
 *
 * When TENANTD_TEST_CLUSTER names a folder, the first program keeps a copy of its cluster there, with a migrated database,
 * and every later program starts from a copy of that. tests/check gives all programs of a run such a folder.
 */
#ifndef TENANTD_TESTS_CLUSTER_H
#define TENANTD_TESTS_CLUSTER_H

#include "core/arena.h"
#include <sys/types.h>

struct cluster {
	char dir[64]; /* holds data/, log, the socket */
	char bin[64]; /* "" when PATH has the programs */
	pid_t pid; /* of the postmaster; 0 when stopped */
};

enum cluster_stop {
	CLUSTER_FAST, /* ends the sessions with 57P01 */
	CLUSTER_IMMEDIATE, /* as in a crash: the next start begins with a recovery */
	CLUSTER_KILL /* kill -9 of the postmaster */
};

/* Makes and starts one. Exits 77, which automake reads as "skipped", when no server is installed. */
void cluster_open(struct cluster *c);
/* Stops it and removes the folder. */
void cluster_close(struct cluster *c);
/* Starts it again after cluster_stop and waits until it answers. `settings` are added to the configuration: each is
 * "name=value", the last is followed by NULL; may be NULL itself. */
void cluster_start(struct cluster *c, const char *const *settings);
void cluster_stop(struct cluster *c, enum cluster_stop how);

/* Makes a new database and runs db/roles.sql in it, as an operator would. */
void cluster_database(struct cluster *c, const char *name);
/* The same, and migrates it to the newest schema. */
void cluster_migrated(struct cluster *c, const char *name);
/* Runs those migrations of one set in a folder that have not been run yet. */
void cluster_migrate(struct cluster *c, const char *name, const char *set, const char *folder);
/* Runs SQL with psql as the superuser. */
void cluster_sql(struct cluster *c, const char *database, const char *sql);
/* Runs a file of SQL in the same way. False when psql failed; its messages are then in the log. */
bool cluster_try_file(struct cluster *c, const char *database, const char *user, const char *path);
/* A connection string: user is "postgres", "tenantd_migrator" or "tenantd_app". */
struct str cluster_url(const struct cluster *c, struct arena *a, const char *database, const char *user);
/* Runs a program and waits for its end. argv[0] is looked up in PATH, and the output goes to the cluster's log. Returns
 * the exit status, or -1 when a signal ended it. */
int cluster_run(struct cluster *c, char *const argv[]);
/* The folder of db/ in the source tree. */
const char *cluster_sources(void);

#endif

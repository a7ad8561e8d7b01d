/*
 * A throw-away PostgreSQL for tests. It has a new folder under TMPDIR, is reached only by a unix socket in that folder,
 * and runs without fsync. The server is a child of the test and ends when the test ends, in whatever way. When root
 * starts it, it runs as `postgres`. The programs are taken from PG_BINDIR, or else from the newest
 * /usr/lib/postgresql/N/bin, or else from PATH. When the set-up fails, the test program ends with a message.
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
	CLUSTER_FAST, /* sessions are ended (57P01) */
	CLUSTER_IMMEDIATE, /* as after a crash; recovery at the next start */
	CLUSTER_KILL /* kill -9 of the postmaster */
};

/* Makes and starts one. Exits 77, which automake reads as "skipped", when no server is installed. */
void cluster_open(struct cluster *c);
/* Stops it and removes the folder. */
void cluster_close(struct cluster *c);
/* Starts it again after cluster_stop, with more settings (terminated by NULL, each "name=value"; may be
 * NULL), and waits until it answers. */
void cluster_start(struct cluster *c, const char *const *settings);
void cluster_stop(struct cluster *c, enum cluster_stop how);

/* A new database with db/roles.sql run in it, as an operator would. */
void cluster_database(struct cluster *c, const char *name);
/* The same, migrated to the newest schema. */
void cluster_migrated(struct cluster *c, const char *name);
/* Runs what is left of one set of migrations in a folder. */
void cluster_migrate(struct cluster *c, const char *name, const char *set, const char *folder);
/* SQL by psql as the superuser. */
void cluster_sql(struct cluster *c, const char *database, const char *sql);
/* The same of a file; false when psql failed, whose words are then in the log. */
bool cluster_try_file(struct cluster *c, const char *database, const char *user, const char *path);
/* A connection string: user is "postgres", "tenantd_migrator" or "tenantd_app". */
struct str cluster_url(const struct cluster *c, struct arena *a, const char *database, const char *user);
/* Runs a program (argv[0] looked up in PATH) to its end, with output to the cluster's log: its exit status,
 * -1 when a signal ended it. */
int cluster_run(struct cluster *c, char *const argv[]);
/* The folder of db/ in the source tree. */
const char *cluster_sources(void);

#endif

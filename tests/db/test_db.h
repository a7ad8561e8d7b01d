/* What the files of test_db_pipeline share: one cluster, one database, a connection and an arena. */
#ifndef TENANTD_TESTS_DB_H
#define TENANTD_TESTS_DB_H

#include "core/clock.h"
#include "core/log.h"
#include "core/metrics.h"
#include "db/pipeline.h"
#include "support/cluster.h"
#include "support/unit.h"

struct world {
	struct cluster cluster;
	struct arena *arena;
	struct db_options options; /* of a superuser in the database "pipeline" */
	struct db *db;
	struct error err;
};
extern struct world world;

/* Writes of this program to its sockets so far: libpq's, counted under it. */
extern size_t sends;

/* A fresh connection and an empty arena; ends the program when the server does not let it. */
void world_begin(void);
/* One value of one statement through a pipeline; "" when that failed. */
struct str ask(struct db *db, const char *sql);
/* The same as the superuser, by a connection of its own. */
struct str ask_aside(const char *sql);

extern const struct unit_test conn_tests[];
extern const size_t conn_test_count;

#define ASSERT_STR(s, c) CU_ASSERT(str_eq((s), str_c(c)))

#endif

/*
 * The setting of the isolation matrix: a tenant with a caller of each role, rows that are foreign to them, and every
 * resource of the catalog with its registration. No resource is named here: matrix.sql reads the catalog and makes rows
 * for each resource.
 */
#ifndef TENANTD_TESTS_MATRIX_WORLD_H
#define TENANTD_TESTS_MATRIX_WORLD_H

#include "support/http.h"
#include "support/stack.h"

enum caller_role { MEMBER, ADMIN, OWNER, CALLERS };
enum foreign { FOREIGN_TENANT, FOREIGN_ENV, FOREIGN_USER, FOREIGNS };
/* OP_PUT makes or changes; OP_ACT has a role of its own. */
enum op { OP_READ, OP_CREATE, OP_UPDATE, OP_DELETE, OP_PUT, OP_ACT };

struct caller {
	const char *role, *user, *token;
};

/* Where foreign rows are, whose, and how these see them. */
struct target {
	const char *name, *tenant, *user, *token;
};

/* A resource. */
struct subject {
	const char *name, *key, *guard;
	enum caller_role least[OP_ACT]; /* OP_READ .. OP_PUT */
	bool user_scoped, append_only, is_view, is_changeable;
	const char *content; /* the resource that has its bytes, or "" */
	const struct json *parents; /* [{col, parent}] */
	const struct json *actions; /* on a row, [{name, role}] */
};

struct world {
	const char *tenant;
	struct caller callers[CALLERS];
	struct target foreign[FOREIGNS];
	struct subject *subjects;
	size_t count;
};

/* Makes it all, once; and what was made. */
const struct world *world_new(void);
extern const struct world *const the_world;
enum caller_role role_named(const char *name);
/* A row made by the superuser: its key. */
const char *row_of(const struct subject *s, const char *tenant, const char *user);

/* Counts, and prints what did not hold. */
bool matrix_expect(bool holds, const char *fmt, ...) PRINTF(2, 3);
extern size_t matrix_tried, matrix_wrong;
extern bool matrix_is_quiet; /* while the matrix itself is tried */
/* What the registration says to an operation, before any row is looked at: `status`, 403 or 405. */
int matrix_verdict(const struct subject *s, const struct caller *c, enum op op, int status);
bool matrix_serves(const struct subject *s, const struct caller *c, enum op op);

/* test_http_matrix_ways.c */
void a_foreign_cursor_is_none(void);
void a_foreign_key_is_free_for_ones_own_row(void);
void no_body_and_no_filter_names_a_tenant(void);
void a_foreign_parent_is_none(void);
void foreign_rows_are_not_acted_on_and_have_no_bytes(void);

/* A string of an object's, "" when there is none; lives as long as the object. */
const char *word(const struct json *object, const char *name);

#endif

/*
 * The query grammar of the resources, PostgREST's: filters (col=eq.v), groups (and, or, not), select, order, limit,
 * offset, and a cursor. Every name is looked up in the catalog and every value held to its column's type here; what
 * is left has columns instead of names. Each bad parameter is named in the refusal.
 */
#ifndef TENANTD_RESOURCE_QUERY_H
#define TENANTD_RESOURCE_QUERY_H

#include "core/limits.h"
#include "resource/catalog.h"

/* X(enumerator, spelling, SQL) */
#define TEST_TABLE(X)                                                                                        \
	X(TEST_EQ, "eq", "=")                                                                                    \
	X(TEST_NEQ, "neq", "<>")                                                                                 \
	X(TEST_GT, "gt", ">")                                                                                    \
	X(TEST_GTE, "gte", ">=")                                                                                 \
	X(TEST_LT, "lt", "<")                                                                                    \
	X(TEST_LTE, "lte", "<=")                                                                                 \
	X(TEST_LIKE, "like", "~~")                                                                               \
	X(TEST_ILIKE, "ilike", "~~*")                                                                            \
	X(TEST_MATCH, "match", "~")                                                                              \
	X(TEST_IMATCH, "imatch", "~*")                                                                           \
	X(TEST_ISDISTINCT, "isdistinct", "=")                                                                    \
	X(TEST_CS, "cs", "@>")                                                                                   \
	X(TEST_CD, "cd", "<@")                                                                                   \
	X(TEST_OV, "ov", "&&")                                                                                   \
	X(TEST_IN, "in", "=")                                                                                    \
	X(TEST_IS, "is", "IS")

enum test {
#define X(name, spelling, sql) name,
	TEST_TABLE(X)
#undef X
		TEST_COUNT
};

/* How a test meets a list: col=op(any).{…}, col=op(all).{…}. */
enum quantifier { QUANTIFIER_NONE, QUANTIFIER_ANY, QUANTIFIER_ALL };

/* col->key->0->>key: what stands in a JSON column. The keys are one parameter. */
struct json_path {
	const struct column *of;
	struct str keys; /* an array literal */
	bool as_text; /* ->> at the end */
	struct str name; /* the last key that is no index, or the column's */
	struct column value; /* what it is compared as: text or JSON */
};

enum filter_kind { FILTER_TEST, FILTER_AND, FILTER_OR };

struct filter {
	enum filter_kind kind;
	bool is_negated;
	/* of a test */
	const struct column *column; /* path->value where there is a path */
	const struct json_path *path;
	enum test test; /* eq(any) is TEST_IN */
	enum quantifier quantifier;
	struct str
		value; /* TEST_IN, with a quantifier, of an array: an array literal; TEST_IS: the SQL word; LIKE: with
	                   * % for * */
	size_t value_count; /* distinct values of TEST_IN; 1 else */
	/* of a group */
	struct filter *first;
	struct filter *next; /* of the same group */
};

enum {
	QUERY_TESTS = 24, /* comparisons in one request, and paths into JSON: each is a parameter */
	QUERY_DEPTH = 8, /* nested groups */
	QUERY_ORDER = 8, /* columns in an order */
	QUERY_SELECT = 256,
	QUERY_OFFSET = INT32_MAX /* rows before a page */
};

struct selected {
	const struct column *column;
	const struct json_path *path; /* in the column; NULL: all of it */
	struct str name; /* as the answer calls it: [A-Za-z_][A-Za-z0-9_]*, or the column's own */
};

struct ordered {
	const struct column *column;
	bool is_descending;
	bool nulls_first;
};

/* Which parameters an operation takes. */
enum {
	TAKES_SELECT = 1,
	TAKES_FILTERS = 2,
	TAKES_PAGE = 4, /* limit, offset, cursor */
	TAKES_COLUMNS = 8,
	TAKES_CONFLICT = 16,
	TAKES_ORDER = 32
};

struct query {
	const struct resource *resource;
	struct filter root; /* all of it, joined by AND */
	size_t test_count;
	size_t regex_count; /* of LIMIT_REGEXES */
	size_t pattern_bytes; /* of LIMIT_PATTERNS */
	struct selected *select;
	size_t select_count; /* 0: every column under its own name */
	struct ordered order[QUERY_ORDER + 1]; /* ends with the key, so that it is total */
	size_t order_count;
	bool is_ordered; /* the caller said how */
	bool has_limit; /* the same */
	bool is_ranged; /* by a Range header */
	int64_t limit;
	int64_t offset;
	struct str cursor; /* empty: none */
	struct str binding; /* what a cursor is bound to: the resource, filters and order */
	bool *columns; /* by the catalog's index; NULL: not given */
	const struct constraint *conflict; /* on_conflict; NULL: the primary key */
};

/* Parses the pairs of a request's query. ERR_INVALID_REQUEST naming each bad parameter. */
struct query_param {
	struct str name;
	struct str value;
};
MUST_CHECK bool query_parse(struct query *q, struct arena *a, const struct resource *r,
	const struct query_param *params, size_t count, int takes, struct error *err);

/*
 * range.c: narrows limit and offset to Range: FIRST-[LAST], rows from 0; items=FIRST-[LAST] is the same. One of another
 * unit is ignored, and so is what is no range at all; rows beyond LIMIT_PAGE are left for the next one.
 * ERR_RANGE_NOT_SATISFIABLE when no row can be in it, ERR_INVALID_REQUEST beside a cursor.
 */
MUST_CHECK bool query_range(struct query *q, struct str unit, struct str range, struct error *err);

/* filter.c: one parameter of filters into the group. `name` is a column, and, or, not.and, not.or. */
MUST_CHECK bool filter_parse(
	struct query *q, struct arena *a, struct str name, struct str value, struct error *err);
/* After the database refused the query's values (SQLSTATE 22…): names those that only it could look at. False. */
bool filter_explain(const struct query *q, struct error *err);
/* True of an error that a value of a type of the database's own (KIND_OTHER) may have raised: their input functions and casts raise
 * what they like, from syntax errors to undefined names. Not of one that came out of a function of the application's. */
bool value_is_to_blame(const struct error *err);
const char *test_sql(enum test t);

#endif

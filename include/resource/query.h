/*
 * The query grammar of the resources, which is that of PostgREST: filters (col=eq.v), groups (and, or, not), select,
 * order, limit, offset; and a cursor. Every name is looked up in the catalog, so the result has columns instead of
 * names, and every value is checked against the type of its column. A refusal names each bad parameter.
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

/* Whether a test must hold for any or for all values of a list: col=op(any).{…}, col=op(all).{…}. */
enum quantifier { QUANTIFIER_NONE, QUANTIFIER_ANY, QUANTIFIER_ALL };

/* A value inside a JSON column: col->key->0->>key. The keys are one parameter. */
struct json_path {
	const struct column *of;
	struct str keys; /* an array literal */
	bool as_text; /* the last arrow is ->> */
	struct str name; /* the last key that is not an index, or else the column's name */
	struct column value; /* describes the value for comparisons: text or JSON */
};

enum filter_kind { FILTER_TEST, FILTER_AND, FILTER_OR };

struct filter {
	enum filter_kind kind;
	bool is_negated;
	/* of a test */
	const struct column *column; /* path->value when there is a path */
	const struct json_path *path;
	enum test test; /* eq(any) is TEST_IN */
	enum quantifier quantifier;
	/* An array literal for TEST_IN, for a quantifier and for an array column; the SQL word for TEST_IS; a pattern with
	 * % instead of * for LIKE. */
	struct str value;
	size_t value_count; /* the number of distinct values when it is a list, else 1 */
	/* of a group */
	struct filter *first;
	struct filter *next; /* of the same group */
};

enum {
	QUERY_TESTS = 24, /* comparisons and paths into JSON in one request; each takes a parameter */
	QUERY_DEPTH = 8, /* nested groups */
	QUERY_ORDER = 8, /* columns in an order */
	QUERY_SELECT = 256,
	QUERY_OFFSET = INT32_MAX /* rows before a page */
};

struct selected {
	const struct column *column;
	const struct json_path *path; /* into the column; NULL: the whole column */
	struct str name; /* its name in the answer: [A-Za-z_][A-Za-z0-9_]*, or that of the column */
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
	struct filter root; /* all filters, joined by AND */
	size_t test_count;
	size_t regex_count; /* at most LIMIT_REGEXES */
	size_t pattern_bytes; /* at most LIMIT_PATTERNS */
	struct selected *select;
	size_t select_count; /* 0: every column under its own name */
	struct ordered order[QUERY_ORDER + 1]; /* contains the key, so that no two rows are equal in it */
	size_t order_count;
	bool is_ordered; /* the caller gave an order */
	bool has_limit; /* the caller gave a limit */
	bool is_ranged; /* a Range header set limit and offset */
	int64_t limit;
	int64_t offset;
	struct str cursor; /* empty: none */
	struct str binding; /* what a cursor is bound to: the resource, filters and order */
	bool *columns; /* for each column of the catalog: columns= names it; NULL: not given */
	const struct constraint *conflict; /* on_conflict; NULL: the primary key */
};

/* Parses the parameters of a request; `takes` has those that the operation allows, TAKES_…. ERR_INVALID_REQUEST names
 * each bad parameter. */
struct query_param {
	struct str name;
	struct str value;
};
MUST_CHECK bool query_parse(struct query *q, struct arena *a, const struct resource *r,
	const struct query_param *params, size_t count, int takes, struct error *err);

/*
 * range.c: narrows limit and offset to a Range header, FIRST-[LAST] or items=FIRST-[LAST], where rows are counted from
 * 0. A range of another unit or of a wrong form is ignored. At most LIMIT_PAGE rows are returned, and the caller must
 * ask for the rest. ERR_RANGE_NOT_SATISFIABLE when no row can be in the range, ERR_INVALID_REQUEST together with a
 * cursor.
 */
MUST_CHECK bool query_range(struct query *q, struct str unit, struct str range, struct error *err);

/* filter.c: parses one filter parameter and adds it to q->root. `name` is a column, and, or, not.and or not.or. */
MUST_CHECK bool filter_parse(
	struct query *q, struct arena *a, struct str name, struct str value, struct error *err);
/* Call when the database refused the statement. If a value may be the reason, names the filters whose values only the
 * database could check. Returns false. */
bool filter_explain(const struct query *q, struct error *err);
/* True when the error may come from a value of a type that only the database checks (KIND_OTHER). The input functions
 * and casts of such types raise any kind of error, from syntax errors to undefined names. False when the error came
 * from a function of the application. */
bool value_is_to_blame(const struct error *err);
const char *test_sql(enum test t);

#endif

/*
 * What is served under /v1/data/: the registered tables and views with their columns, constraints and actions, as the
 * database's own catalog tells them to the workers' role. Read at start and again when a registration was
 * announced; lives in an arena of its own that is swapped whole, and never holds a tenant's data.
 *
 * Every identifier and type name here is quoted by PostgreSQL and is the only kind of name that gets into SQL.
 */
#ifndef TENANTD_RESOURCE_CATALOG_H
#define TENANTD_RESOURCE_CATALOG_H

#include "core/context.h"
#include "repo/resources.h"

/* How values of a type are checked before they go to the database. */
enum kind {
	KIND_OTHER, /* by PostgreSQL alone */
	KIND_BOOL,
	KIND_INT2,
	KIND_INT4,
	KIND_INT8,
	KIND_NUMERIC,
	KIND_FLOAT4,
	KIND_FLOAT8,
	KIND_TEXT,
	KIND_UUID,
	KIND_TIMESTAMPTZ,
	KIND_TIMESTAMP,
	KIND_DATE,
	KIND_TIME,
	KIND_JSON,
	KIND_JSONB,
	KIND_BYTEA,
	KIND_ENUM,
	KIND_ARRAY
};

struct column {
	struct str name;
	struct str quoted;
	struct str shown_type; /* for people: "character varying(20)" */
	struct str type; /* as a record's field: with modifiers, a text type as text */
	struct str cast; /* of one value in a filter: without modifiers, a domain as its base */
	struct str list_cast; /* of an array of them; empty when there is none */
	struct str operators; /* the schema that = and < are in, quoted; empty: pg_catalog */
	enum kind kind;
	enum kind element; /* of an array: what it holds */
	int64_t max_chars; /* of a text type; 0: none */
	int64_t precision, scale; /* of a numeric: digits in all and behind the point; precision 0: any */
	struct str *labels; /* of an enum, in order */
	size_t label_count;
	struct str standard; /* the default as SQL; empty: none */
	struct str comment;
	bool is_nullable;
	bool is_comparable; /* has = and < that the workers find */
	bool is_context; /* tenant_id, env, and user_id where rows are a user's: never a caller's to say */
	bool may_insert;
	bool may_update;
};

struct constraint {
	struct str name;
	struct str arbiter; /* behind ON CONFLICT: ON CONSTRAINT name, (columns) */
	char
		type; /* 'p', 'u', 'f', 'c', 'x' as in pg_constraint; 'i': unique, and none that ON CONFLICT could name */
	struct str *columns; /* without tenant_id and env */
	size_t column_count;
	struct str target; /* of a foreign key: the resource, empty when it is none */
	struct str target_column; /* when there is one */
};

struct action {
	struct str name;
	struct str function; /* quoted, with its schema */
	bool takes_body;
	bool is_on_collection; /* POST …/{resource}/{action}: it is given no row */
	struct guard guard;
};

enum operation { OPERATION_READ, OPERATION_CREATE, OPERATION_UPDATE, OPERATION_DELETE, OPERATION_COUNT };

struct resource {
	struct str name;
	struct str table; /* quoted, with its schema */
	struct column *columns;
	size_t column_count;
	const struct column *key;
	struct constraint *constraints;
	size_t constraint_count;
	struct action *actions;
	size_t action_count;
	enum least least[OPERATION_COUNT]; /* LEAST_CLOSED: nobody does it */
	enum tenant_guard tenant;
	bool is_user_scoped;
	bool is_append_only;
	struct str object; /* "schema.table", as the isolation gate names it */
	bool is_closed; /* the gate could not look at it: nothing is served from it now */
	bool is_view; /* only read; several of its rows may have one key */
	bool read_runs_code; /* code of the application runs when its rows are read: casts, a view's functions */
	bool
		write_runs_code; /* or written: checks, triggers, and those of tables that a foreign key changes then */
	bool has_etag; /* a view without a version has none */
	struct str
		content_of; /* its rows are the bytes of another's, and it has no path of its own; empty: not so */
	const struct resource *content; /* the one whose rows are its bytes; NULL: none */
};

struct catalog {
	struct resource *resources; /* by name */
	size_t count;
	struct str json; /* all of it, as GET /v1/resources answers */
};

/* Reads rows as repo/resources.c got them; they, too, live in `a`. A resource whose table is gone is logged and left
 * out. False when the rows make no sense (ERR_INTERNAL). */
MUST_CHECK bool catalog_load(
	struct catalog *c, struct arena *a, const struct catalog_rows *rows, struct error *err);

/* Nothing is served from that table or view ("schema.table") any more. */
void catalog_close(struct catalog *c, struct str object);
/* NULL when there is none of this name, or it is another's content. */
const struct resource *catalog_find(const struct catalog *c, struct str name);
/* False of what is never done to it, whoever asks: a view is only read, what is append-only is not changed. */
bool resource_takes(const struct resource *r, enum operation operation);
const struct column *resource_column(const struct resource *r, struct str name);
const struct action *resource_action(const struct resource *r, struct str name);
const struct constraint *resource_constraint(const struct resource *r, struct str name);

#endif

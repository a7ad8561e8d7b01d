/*
 * What is served under /v1/data/: the registered tables and views with their columns, constraints and actions, as the
 * system catalogs of the database show them to the workers' role. It is read at the start and again when the database
 * announces a registration. It lives in an arena of its own, which is replaced as a whole, and never holds a tenant's
 * data.
 *
 * The identifiers and type names that get into SQL come only from here, and PostgreSQL has quoted them.
 */
#ifndef TENANTD_RESOURCE_CATALOG_H
#define TENANTD_RESOURCE_CATALOG_H

#include "core/buf.h"
#include "core/context.h"
#include "repo/resources.h"

/* How values of a type are checked before they go to the database. */
enum kind {
	KIND_OTHER, /* only PostgreSQL checks them */
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
	struct str type; /* for a field of a record: with modifiers, but every text type as text */
	struct str cast; /* for one value in a filter: without modifiers, and the base type of a domain */
	struct str list_cast; /* for an array of such values; empty when there is no array type */
	struct str operators; /* the schema of its operators = and <, quoted; empty: pg_catalog */
	enum kind kind;
	enum kind element; /* the kind of the elements of an array */
	int64_t max_chars; /* the most characters of a text type; 0: no bound */
	int64_t precision, scale; /* digits of a numeric in all and after the point; precision 0: no bound */
	struct str *labels; /* the values of an enum, in order */
	size_t label_count;
	struct str standard; /* the default as an SQL expression; empty: none */
	struct str comment;
	bool is_nullable;
	bool is_comparable; /* it has operators = and < that the workers may use */
	bool is_context; /* tenant_id, env, and user_id where rows belong to users: callers never set it */
	bool is_person; /* it holds the id of a user, whose name is among the tenant's members */
	bool may_insert;
	bool may_update;
};

struct constraint {
	struct str name;
	struct str arbiter; /* what follows ON CONFLICT: ON CONSTRAINT name, or (columns) */
	/* 'p', 'u', 'f', 'c', 'x' as in pg_constraint; 'i' is a unique index that ON CONFLICT cannot use. */
	char type;
	struct str *columns; /* without tenant_id and env */
	size_t column_count;
	struct str target; /* the resource that a foreign key refers to; empty when that is not a resource */
	struct str target_column; /* when there is exactly one */
};

struct action {
	struct str name;
	struct str function; /* quoted, with its schema */
	bool takes_body;
	bool is_on_collection; /* it is called as POST …/{resource}/{action} and gets no row */
	struct guard guard;
};

enum operation { OPERATION_READ, OPERATION_CREATE, OPERATION_UPDATE, OPERATION_DELETE, OPERATION_COUNT };

struct resource {
	struct str name;
	struct str title; /* for people */
	struct str table; /* quoted, with its schema */
	struct column *columns;
	size_t column_count;
	const struct column *key;
	struct constraint *constraints;
	size_t constraint_count;
	struct action *actions;
	size_t action_count;
	enum least least[OPERATION_COUNT]; /* the lowest role that may; LEAST_CLOSED: nobody may */
	enum tenant_guard tenant;
	bool is_user_scoped;
	bool is_append_only;
	struct str object; /* "schema.table", as the isolation gate names it */
	bool is_closed; /* the gate could not check it, so it is not served at present */
	bool is_view; /* it can only be read, and several of its rows may have one key */
	/* Reading its rows runs code of the application, such as casts or a view's functions. */
	bool read_runs_code;
	/* Writing its rows runs code of the application, such as checks and triggers, including those of tables that a
	 * foreign key changes along with it. */
	bool write_runs_code;
	bool has_etag; /* false for a view without a version */
	/* The resource whose contents its rows hold; it then has no path of its own. Empty for a normal resource. */
	struct str content_of;
	const struct resource *content; /* the resource that holds the contents of its rows; NULL: none */
};

struct catalog {
	struct resource *resources; /* by name */
	size_t count;
	struct str json; /* all of it, as GET /v1/resources answers */
};

/* Makes the catalog from the rows that repo/resources.c read; they must live in `a` too. A resource whose table is gone
 * or is not as it was registered is logged and left out. False with ERR_INTERNAL when the rows are not in order. */
MUST_CHECK bool catalog_load(
	struct catalog *c, struct arena *a, const struct catalog_rows *rows, struct error *err);

/* Marks that table or view ("schema.table") as not served. */
void catalog_close(struct catalog *c, struct str object);
/* NULL when there is no resource of this name, or when it holds the contents of another. */
const struct resource *catalog_find(const struct catalog *c, struct str name);
/* False for an operation that nobody can do: a view is only read, and rows of an append-only table are not changed. */
bool resource_takes(const struct resource *r, enum operation operation);
const struct column *resource_column(const struct resource *r, struct str name);
/* The foreign key to another resource that consists of this column and the tenant; NULL when there is none. */
const struct constraint *resource_reference(const struct resource *r, const struct column *c);
const struct action *resource_action(const struct resource *r, struct str name);
const struct constraint *resource_constraint(const struct resource *r, struct str name);

/* Prints an object under that name: the list in which the row or the person is found whose id the column holds, and the
 * column there. Prints nothing when the column refers to nothing that is served. */
void catalog_reference(struct buf *b, const char *name, const struct resource *r, const struct column *c);

#endif

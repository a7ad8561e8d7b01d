/* What the builders of statements share: the text of a statement and its parameters, which grow together. */
#ifndef TENANTD_RESOURCE_SQL_H
#define TENANTD_RESOURCE_SQL_H

#include "core/buf.h"
#include "resource/build.h"

struct sql {
	struct arena *arena;
	const struct query *query;
	const struct resource *resource;
	struct buf text;
	struct built *built;
};

void sql_begin(struct sql *s, struct arena *a, const struct query *q, const struct resource *r);
const struct built *sql_end(struct sql *s);

void sql_add(struct sql *s, const char *text);
/* A name as the catalog quoted it. */
void sql_name(struct sql *s, struct str quoted);
/* Adds $n and its value. */
void sql_value(struct sql *s, struct value value);
/* $n::cast */
void sql_cast(struct sql *s, struct value value, struct str cast);
/* Uses one parameter in several places. *place must be 0 before the first call. */
void sql_again(struct sql *s, size_t *place, struct value value);
void sql_number(struct sql *s, const char *before, size_t number);
/* t.name */
void sql_column(struct sql *s, const struct column *c);

/* t.name and an operator of its type: t.name =, t.name OPERATOR(app.=) */
void sql_compare(struct sql *s, const struct column *c, const char *op);

/* t.tenant_id = $1 AND t.env = $2 */
void sql_tenant(struct sql *s);
/* The condition on the tenant and all filters, joined by AND. */
void sql_where(struct sql *s);
/* AND t.key = $n */
void sql_id(struct sql *s, struct str id);
/* The JSON of row t with the selected columns. */
void sql_row(struct sql *s);
/* ORDER BY, when there is an order. */
void sql_order(struct sql *s);
/* The ETag of row t: its version and the time of its last change. The version alone is not enough, because it begins
 * again at 1 when a row is deleted and created again. */
#define SQL_ETAG "t.version || '-' || (date_part('epoch', t.updated_at) * 1000000)::bigint"

#endif

/* What the parts of the OpenAPI document share: pieces of an operation, and how a type is said. */
#ifndef TENANTD_APP_OPENAPI_PARTS_H
#define TENANTD_APP_OPENAPI_PARTS_H

#include "app/routes.h"
#include "core/json_write.h"
#include "resource/catalog.h"

/* ---- pieces of an operation */

/* {"$ref":"#/components/KIND/NAME"} */
void put_ref(struct buf *b, const char *name, const char *kind, struct str to);
void put_tag(struct buf *b, struct str name, const char *purpose);
/* 401, 403, 404 … as the guard has them, those of `more` (ends with 0), and the default. */
void put_problems(struct buf *b, enum caller_kind caller, enum least least, const int *more);
/* The components of these: each status with the codes that the error table has for it. */
void put_problem_responses(struct buf *b);
/* x-tenantd-least, x-tenantd-tenant; a public route needs no token. */
void put_guard(struct buf *b, enum caller_kind caller, const char *least, enum tenant_guard tenant);
/* The headers by which a caller says env and tenant; inside `parameters`. */
void put_context_parameters(struct buf *b, enum caller_kind caller, enum least least);
/* {"application/json":{"schema":…}} as `content`. */
void put_content(struct buf *b, const struct type *type);

/* ---- openapi_fixed.c: the fixed routes */

/* A type as JSON Schema: a reference to its schema when it has a name. */
void put_type(struct buf *b, const char *name, const struct type *type, bool may_be_null);
void put_fixed_tags(struct buf *b);
void put_fixed_schemas(struct buf *b);
/* One operation under its method. */
void put_fixed_operation(struct buf *b, const struct route *route, const char *tag);

/* ---- openapi_data.c, openapi_rows.c: the resources */

/* The one at *n, which moves on; behind the registered ones openapi_any, the route table's template; then NULL. */
extern const struct resource openapi_any;
const struct resource *openapi_next(const struct catalog *catalog, size_t *n);
/* The component of a resource: its name, "AnyRow" for the template, with a suffix. */
struct str openapi_name(struct buf *b, const struct resource *r, const char *suffix);

void put_data_tags(struct buf *b, const struct catalog *catalog);
void put_data_paths(struct buf *b, const struct catalog *catalog);
void put_data_schemas(struct buf *b, const struct catalog *catalog);
void put_data_parameters(struct buf *b, const struct catalog *catalog);

#endif

/* What the files that print the OpenAPI document share: pieces of an operation, and the schema of a type. */
#ifndef TENANTD_APP_OPENAPI_PARTS_H
#define TENANTD_APP_OPENAPI_PARTS_H

#include "app/routes.h"
#include "core/json_write.h"
#include "resource/catalog.h"

/* ---- pieces of an operation */

/* {"$ref":"#/components/KIND/NAME"} */
void put_ref(struct buf *b, const char *name, const char *kind, struct str to);
void put_tag(struct buf *b, struct str name, const char *purpose);
/* Prints the refusals: those of the guard (401, 403, 404 …), those in `more` (which ends with 0), and the
 * default. */
void put_problems(struct buf *b, enum caller_kind caller, enum least least, const int *more);
/* Prints the components to which put_problems refers: each status with its codes from the error table. */
void put_problem_responses(struct buf *b);
/* Prints x-tenantd-least and x-tenantd-tenant, and for a public route that it needs no token. */
void put_guard(struct buf *b, enum caller_kind caller, const char *least, enum tenant_guard tenant);
/* Prints, inside `parameters`, the headers with which a caller names the env and the tenant. */
void put_context_parameters(struct buf *b, enum caller_kind caller, enum least least);
/* Prints {"application/json":{"schema":…}} as `content`. */
void put_content(struct buf *b, const struct type *type);

/* ---- openapi_fixed.c: the fixed routes */

/* Prints a type as JSON Schema. When the type has a name, it prints a reference to its schema. */
void put_type(struct buf *b, const char *name, const struct type *type, bool may_be_null);
void put_fixed_tags(struct buf *b);
void put_fixed_schemas(struct buf *b);
/* One operation under its method. */
void put_fixed_operation(struct buf *b, const struct route *route, const char *tag);

/* ---- openapi_data.c, openapi_rows.c: the resources */

/* Returns the resource at *n and increases *n. After the registered ones comes openapi_any, the route
 * table's template, and then NULL. */
extern const struct resource openapi_any;
const struct resource *openapi_next(const struct catalog *catalog, size_t *n);
/* The name of a component: the resource's name (or "AnyRow" for the template), and a suffix. */
struct str openapi_name(struct buf *b, const struct resource *r, const char *suffix);

void put_data_tags(struct buf *b, const struct catalog *catalog);
void put_data_paths(struct buf *b, const struct catalog *catalog);
void put_data_schemas(struct buf *b, const struct catalog *catalog);
void put_data_parameters(struct buf *b, const struct catalog *catalog);

#endif

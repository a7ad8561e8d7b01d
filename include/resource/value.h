/*
 * Values held to their column's type before any SQL sees them: strictly, in one spelling where there are several,
 * never coerced or clamped. What is wrong is said as a phrase that follows the field's name; NULL when nothing is.
 */
#ifndef TENANTD_RESOURCE_VALUE_H
#define TENANTD_RESOURCE_VALUE_H

#include "core/json.h"
#include "resource/catalog.h"

/* A value in text form, as in a filter or a path. */
const char *value_fault(const struct column *c, struct str text);
/* A member of a body. null is looked at by the caller. */
const char *value_fault_json(const struct column *c, const struct json *v);

#endif

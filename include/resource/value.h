/*
 * Checks values against the type of their column before they get into any statement. The checks are strict: where a type
 * has several spellings only one is accepted, and no value is converted or cut. The result is NULL, or what is wrong as
 * a phrase that follows the name of the field.
 */
#ifndef TENANTD_RESOURCE_VALUE_H
#define TENANTD_RESOURCE_VALUE_H

#include "core/json.h"
#include "resource/catalog.h"

/* A value in text form, as in a filter or a path. */
const char *value_fault(const struct column *c, struct str text);
/* A member of a body. The caller must handle null before. */
const char *value_fault_json(const struct column *c, const struct json *v);

#endif

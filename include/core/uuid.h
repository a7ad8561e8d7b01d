/* UUIDs (RFC 9562) in their canonical text: 36 characters, lower case. */
#ifndef TENANTD_CORE_UUID_H
#define TENANTD_CORE_UUID_H

#include "core/str.h"

struct uuid {
	char text[37]; /* terminated; all zero bytes when there is none */
};

/* Takes the 8-4-4-4-12 form in either case; nothing else (no braces, no urn:, no bare hex). */
MUST_CHECK bool uuid_parse(struct str s, struct uuid *out);
bool uuid_is_set(const struct uuid *u);
bool uuid_eq(const struct uuid *a, const struct uuid *b);

#endif

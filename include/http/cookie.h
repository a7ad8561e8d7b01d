/* Reading the header Cookie (RFC 6265, 5.4). */
#ifndef TENANTD_HTTP_COOKIE_H
#define TENANTD_HTTP_COOKIE_H

#include "core/str.h"

/* How often the header has a cookie of this name, compared byte for byte; *value is that of the first one, and empty when
 * there is none. */
size_t cookie_find(struct str header, struct str name, struct str *value);
/* True for an Origin (RFC 6454) that is the origin of this http or https URL. */
bool origin_is_of(struct str origin, struct str url);

#endif

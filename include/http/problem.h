/* RFC 9457: an error as application/problem+json. */
#ifndef TENANTD_HTTP_PROBLEM_H
#define TENANTD_HTTP_PROBLEM_H

#include "core/error.h"
#include "http/response.h"

/* Makes the error the body of the response: type (urn:problem-type:tenantd:CODE), title, status, code, trace_id, the
 * detail when there is one, and errors, an array of {"field","detail"}, when fields were refused. For clients of
 * PostgREST it adds message and details. err->operator is never shown. Adds Retry-After when the error's row in
 * core/error.h asks for it, and WWW-Authenticate: Bearer (RFC 6750) on 401. Headers that were set before (Allow,
 * Deprecation, traceparent) stay. */
void problem_render(struct response *r, const struct error *err, const char *trace_id);

#endif

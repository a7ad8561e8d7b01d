/* RFC 9457: an error as application/problem+json. */
#ifndef TENANTD_HTTP_PROBLEM_H
#define TENANTD_HTTP_PROBLEM_H

#include "core/error.h"
#include "http/response.h"

/* Turns the response into the problem: type (urn:problem-type:tenantd:CODE), title, status, code, detail
 * when there is one, trace_id, errors[] of {"field","detail"} when there are some. err->operator is never
 * shown. Adds Retry-After where the table says, WWW-Authenticate: Bearer (RFC 6750) on 401. Headers set
 * before (Allow, Deprecation, traceparent) stay. */
void problem_render(struct response *r, const struct error *err, const char *trace_id);

#endif

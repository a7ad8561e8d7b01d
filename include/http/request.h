/*
 * One request, parsed once into the request arena, with the bounds of core/limits.h. This room knows HTTP and nothing
 * of tenants: what a tenant header means is decided elsewhere.
 */
#ifndef TENANTD_HTTP_REQUEST_H
#define TENANTD_HTTP_REQUEST_H

#include "core/arena.h"
#include "core/error.h"
#include "core/stream.h"
#include "http/path.h"

enum method {
	METHOD_OTHER,
	METHOD_GET,
	METHOD_HEAD,
	METHOD_POST,
	METHOD_PUT,
	METHOD_PATCH,
	METHOD_DELETE,
	METHOD_COUNT
};

/* The request headers that tenantd reads. No other header is kept. */
enum header {
	HEADER_AUTHORIZATION,
	HEADER_TENANT_ID, /* X-Tenant-ID */
	HEADER_TENANT_SLUG, /* X-Tenant-Slug */
	HEADER_ENV, /* X-Env */
	HEADER_HOST,
	HEADER_TRACEPARENT,
	HEADER_CONTENT_TYPE,
	HEADER_ACCEPT,
	HEADER_ORIGIN,
	HEADER_SEC_FETCH_SITE,
	HEADER_CROSS_METHOD, /* Access-Control-Request-Method */
	HEADER_IF_MATCH,
	HEADER_IF_NONE_MATCH,
	HEADER_PREFER,
	HEADER_IDEMPOTENCY_KEY,
	HEADER_RANGE,
	HEADER_IF_RANGE,
	HEADER_CONTENT_RANGE,
	HEADER_CONTENT_ENCODING,
	HEADER_RANGE_UNIT,
	HEADER_COOKIE,
	HEADER_USER_AGENT,
	HEADER_FORWARDED_FOR,
	HEADER_FORWARDED_PROTO,
	HEADER_COUNT
};

/* How the web server passed the request on. Nothing is decided by it, but a web server that is not configured as it must be
 * is recognised (app/web_server.h). */
struct request_via {
	struct str software; /* SERVER_SOFTWARE: "lighttpd/1.4.69" */
	struct str target; /* REQUEST_URI */
	struct str rest; /* PATH_INFO */
	struct str file; /* SCRIPT_FILENAME: mod_proxy_fcgi names the target here as it goes to tenantd */
	const char *missing; /* a parameter that every request has, and this one has not; NULL: none is missing */
	bool has_twins; /* a header came in two spellings */
	bool names_tenant; /* X-Tenant-ID, X-Tenant-Slug and X-Env came, be they empty */
	bool is_refusal; /* the web server refused the request, and tenantd writes the answer */
};

struct request {
	struct arena *arena;
	enum method method;
	struct str method_text;
	struct path path; /* decoded segments and query pairs of the raw REQUEST_URI */
	struct str headers[HEADER_COUNT]; /* empty when absent; an empty value counts as absent */
	struct str body; /* empty when it is streamed */
	bool has_body;
	const struct byte_source *stream; /* the body in pieces, to be read once; NULL: `body` is all of it */
	struct str peer; /* REMOTE_ADDR: the address that connected to the web server */
	bool is_https; /* HTTPS=on or REQUEST_SCHEME=https */
	struct request_via via;
};

const char *method_name(enum method m);
/* "x-tenant-id" …, for messages. */
const char *header_name(enum header h);
/* True for a header that means the same whoever sends it, so that a page of another origin may set it
 * (app/cors). */
bool header_may_cross(enum header h);

enum { REQUEST_PARAMS = 256 }; /* FastCGI parameters of one request; a web server adds about 25 of its own */

/* The name and value of one FastCGI parameter, as received; neither terminated nor checked. */
struct param {
	struct str name;
	struct str value;
};

/* An empty request, for one that is refused before it could be parsed. */
void request_init(struct request *r, struct arena *a);

/*
 * Builds the request from the CGI parameters (RFC 3875); the body is read later. Refuses, with this status:
 *   a parameter name twice, a NUL in a name or value, an empty name or one with '='     400
 *   HTTP_X_TENANT_ID, HTTP_X_TENANT_SLUG or HTTP_X_ENV with a comma, since web servers join a header that
 *     was sent twice by ", "; control characters in a header that is kept                 400
 *   more than LIMIT_HEADERS HTTP_* parameters, REQUEST_PARAMS in all, or a value above
 *     LIMIT_HEADER_VALUE (Authorization: LIMIT_AUTHORIZATION)                             431
 *   no REQUEST_METHOD or REQUEST_URI; a target whose host is not that of Host             400
 *   a CONTENT_LENGTH that is not a number                                                 400
 *   CONTENT_LENGTH above `body_limit`                                                      413
 *   CONTENT_LENGTH and HTTP_TRANSFER_ENCODING together; a body on GET, HEAD                 400
 *   a request target that path_parse refuses                                              400 or 404
 *   a request that the web server has refused, as REDIRECT_STATUS tells, except with 411 (src/http/request.c
 *     says why)                                                                    the status for that refusal
 * *content_length is the exact length that fcgi_io must read. REMOTE_USER and similar parameters are ignored.
 */
MUST_CHECK bool request_parse(struct request *r, struct arena *a, const struct param *params, size_t count,
	size_t body_limit, size_t *content_length, struct error *err);

/* True when the media type of Content-Type is `type` (parameters ignored, case folded); charset, if
 * given, must be utf-8. */
bool request_has_type(const struct request *r, struct str type);
/* The value of the query parameter `name`, of the first one when it is given more than once. When it is absent, false
 * is returned and *out is empty. */
bool request_query(const struct request *r, struct str name, struct str *out);
/* How often the query parameter `name` is given. Callers use it to refuse a parameter that must not be repeated. */
size_t request_query_count(const struct request *r, struct str name);

#endif

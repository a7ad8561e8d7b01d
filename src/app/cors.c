/* Compares the origin of a page with the configured ones, and says to the browser what their pages may do. It
 * must never allow credentials, nor name an origin that is not in the list. */
#include "app/cors.h"

#include "core/buf.h"

/* The headers of answers that a page may read, besides those that every page may. A test over the source compares
 * them with the headers that answers have. */
#define EXPOSED                                                                                              \
	"Accept-Ranges, Allow, Content-Disposition, Content-Range, Deprecation, ETag, Link, Location, "          \
	"Preference-Applied, Retry-After, traceparent, WWW-Authenticate"

/* Headers that the clients of PostgREST and Supabase add to each request. tenantd does not read them, but without
 * these names a browser would send none of those requests. */
#define OF_CLIENTS "accept-profile, apikey, content-profile, x-client-info, x-retry-count"

/* The listed origin that the request comes from; empty when there is none. */
static struct str listed(const struct config *config, const struct request *req)
{
	const struct str_list *origins = &config->cors.origins;
	for (size_t i = 0; i < origins->count; i++)
		if (str_eq(origins->at[i], req->headers[HEADER_ORIGIN]))
			return origins->at[i];
	return STR("");
}

void cors_headers(const struct config *config, const struct request *req, struct response *res)
{
	struct str origin = listed(config, req);
	if (config->cors.origins.count == 0)
		return;
	/* A cache must not give one origin the answer for another. */
	response_header(res, "Vary", STR("Origin"));
	if (str_is_empty(origin))
		return;
	response_header(res, "Access-Control-Allow-Origin", origin);
	response_header(res, "Access-Control-Expose-Headers", STR(EXPOSED));
}

static struct str sent_headers(struct arena *a)
{
	struct buf b;
	buf_init(&b, a, 1024);
	for (enum header h = 0; h < HEADER_COUNT; h++)
		if (header_may_cross(h))
			buf_printf(&b, "%s, ", header_name(h));
	buf_add_c(&b, OF_CLIENTS);
	return buf_str(&b);
}

bool cors_preflight(const struct config *config, const struct request *req, struct str allow,
	struct response *res, struct error *err)
{
	if (!str_eq(req->method_text, STR("OPTIONS")) || str_is_empty(req->headers[HEADER_CROSS_METHOD]) ||
		str_is_empty(listed(config, req)) || err->code != ERR_METHOD_NOT_ALLOWED)
		return false;
	*err = (struct error)ERROR_INIT;
	response_header(res, "Access-Control-Allow-Methods", allow);
	response_header(res, "Access-Control-Allow-Headers", sent_headers(req->arena));
	response_header(res, "Access-Control-Max-Age", arena_printf(req->arena, "%d", LIMIT_PREFLIGHT_S));
	response_empty(res, 204);
	return true;
}

/* A request on a resource. Its path, query and headers are all read before any service is called. */
#ifndef TENANTD_API_DATA_REQUEST_H
#define TENANTD_API_DATA_REQUEST_H

#include "api/route.h"
#include "service/data.h"

/* The handlers of data.c and content.c, for the rows of data_routes.c. */
handler api_resources, api_data_list, api_data_create, api_data_change_many, api_data_remove_many;
handler api_data_show, api_data_change, api_data_replace, api_data_remove, api_data_act, api_data_act_on_all;
handler api_content_show, api_content_put, api_content_remove;

/* What a handler takes. */
struct data_takes {
	int query; /* TAKES_… */
	int prefer; /* PREFERS_… */
	bool id; /* the path names a row */
	bool filter; /* a filter is required */
	bool match; /* If-Match */
	bool absence; /* If-None-Match: * */
	bool idempotency; /* Idempotency-Key */
	bool shows_by_default; /* the answer holds what was written, unless the caller says otherwise */
};

MUST_CHECK bool data_request_read(const struct context *ctx, const struct call *call,
	const struct data_takes *takes, struct data_request *r, struct error *err);
/* True when Accept asks for one object instead of an array. */
bool data_wants_object(const struct request *req);
/* True when the list of ETags in `header` has this one (RFC 9110, weak comparison), or is *. */
bool data_etag_matches(struct str header, struct str etag);
/* Takes the tags off *header and returns them as an array literal. It leaves out tags with a character
 * that is not in `alphabet`, since ours have none, and weak tags unless `takes_weak`. When *header is not
 * empty afterwards, it was malformed. */
struct str data_etags(struct arena *a, struct str *header, bool takes_weak, const char *alphabet);
/* If-Match: *if_match is empty when it is absent or *. */
MUST_CHECK bool data_if_match(struct arena *a, struct str header, const char *alphabet, struct str *if_match,
	bool *if_any, struct error *err);

/* Add the ETag of what is shown or written, and the preferences that were applied. When there are none,
 * nothing is added. */
void data_add_etag(struct response *res, struct str etag);
void data_add_applied(struct response *res, const struct prefer *prefer);

#endif

/*
 * Reads everything in a request on a resource except the body. Only this file interprets its headers. A
 * malformed one is refused, and the refusal names it.
 */
#include "data_request.h"

#include "api/remember.h"
#include "core/buf.h"
#include "resource/value.h"

enum { ETAG_MAX = 64 };

static const struct str one_object[] = { STR("application/vnd.pgrst.object+json"),
	STR("application/vnd.pgrst.object") };
static const struct str any_json[] = { STR("application/json"), STR("application/*"), STR("*/*") };

/* True when Accept names one of these types. */
static bool is_named(const struct request *req, const struct str *types, size_t count)
{
	struct str rest = req->headers[HEADER_ACCEPT];
	while (!str_is_empty(rest)) {
		struct str item, type;
		rest = str_split(rest, ',', &item);
		str_split(item, ';', &type);
		for (size_t i = 0; i < count; i++)
			if (str_eq_nocase(str_trim(type), types[i]))
				return true;
	}
	return false;
}

bool data_wants_object(const struct request *req)
{
	return is_named(req, one_object, COUNT_OF(one_object));
}

/* True when Accept is absent or allows JSON. */
static bool speaks(const struct request *req)
{
	return str_is_empty(req->headers[HEADER_ACCEPT]) || is_named(req, any_json, COUNT_OF(any_json)) ||
		data_wants_object(req);
}

/* Takes one entity tag off the list, without its quotes; *is_weak says whether it began with W/. False at
 * the end of the list, and when the next thing is not an entity tag. */
static bool next_etag(struct str *rest, struct str *tag, bool *is_weak)
{
	struct str s = str_trim(*rest);
	while (str_starts(s, STR(",")))
		s = str_trim(str_skip(s, 1));
	*is_weak = str_starts(s, STR("W/"));
	s = str_skip(s, *is_weak ? 2 : 0);
	if (!str_starts(s, STR("\"")))
		return false;
	s = str_skip(s, 1);
	size_t end = str_find(s, '"');
	if (end == s.len)
		return false;
	*tag = str_of(s.at, end);
	*rest = str_skip(s, end + 1);
	return true;
}

bool data_etag_matches(struct str header, struct str etag)
{
	struct str tag;
	bool is_weak;
	if (str_eq(header, STR("*")))
		return true;
	while (next_etag(&header, &tag, &is_weak))
		if (tag.len > 0 && str_eq(tag, etag))
			return true;
	return false;
}

struct str data_etags(struct arena *a, struct str *header, bool takes_weak, const char *alphabet)
{
	struct str tag;
	struct buf b;
	bool is_weak;
	size_t count = 0;
	buf_init(&b, a, LIMIT_HEADER_VALUE);
	buf_add_char(&b, '{');
	while (next_etag(header, &tag, &is_weak)) {
		bool is_ours = (takes_weak || !is_weak) && tag.len > 0 && tag.len <= ETAG_MAX;
		for (size_t i = 0; i < tag.len && is_ours; i++)
			is_ours = str_find(str_c(alphabet), tag.at[i]) < strlen(alphabet);
		if (!is_ours)
			continue;
		buf_add_c(&b, count++ > 0 ? "," : "");
		buf_add(&b, tag);
	}
	buf_add_char(&b, '}');
	*header = str_trim(*header);
	return buf_str(&b);
}

bool data_if_match(struct arena *a, struct str header, const char *alphabet, struct str *if_match,
	bool *if_any, struct error *err)
{
	*if_match = STR("");
	*if_any = str_eq(header, STR("*"));
	if (str_is_empty(header) || *if_any)
		return true;
	*if_match = data_etags(a, &header, false, alphabet);
	return str_is_empty(header) || error_field(err, STR("If-Match"), "is not a list of entity tags");
}

static bool read_query(
	const struct context *ctx, const struct call *call, int takes, struct data_request *r, struct error *err)
{
	const struct path *path = &call->request->path;
	struct query_param *params = ARENA_ARRAY(ctx->arena, struct query_param, path->query_count + 1);
	for (size_t i = 0; i < path->query_count; i++)
		params[i] = (struct query_param){ path->query[i].name, path->query[i].value };
	return query_parse(&r->query, ctx->arena, r->resource, params, path->query_count, takes, err);
}

static bool read_headers(const struct context *ctx, const struct call *call, const struct data_takes *takes,
	struct data_request *r, struct error *err)
{
	const struct request *req = call->request;
	struct str none_match = req->headers[HEADER_IF_NONE_MATCH];
	/* Rows of an append-only resource never change, so that nothing can be merged into them. */
	int prefers = takes->prefer & ~(r->resource->is_append_only ? PREFERS_MERGE : 0);
	r->write.if_match = STR("");
	r->remembered = (struct remembered){ .key = STR("") };
	if (takes->filter && !str_is_empty(req->headers[HEADER_IF_MATCH]))
		return error_field(err, STR("If-Match"), "is of one object, and this is a collection");
	r->write.if_absent = takes->absence && str_eq(none_match, STR("*"));
	return prefer_parse(&r->prefer, ctx->arena, req->headers[HEADER_PREFER], prefers, err) &&
		(!takes->match ||
			data_if_match(ctx->arena, req->headers[HEADER_IF_MATCH], "0123456789-", &r->write.if_match,
				&r->write.if_any, err)) &&
		(!takes->idempotency || remember_read(ctx, call, &r->remembered, err));
}

/* True when the answer holds the rows that were written. When Prefer does not say, it does, unless the
 * caller may write and not read. */
static bool shows(const struct data_request *r, const struct data_takes *takes)
{
	const enum least *least = r->resource->least;
	if (r->prefer.returns != RETURN_UNSAID)
		return r->prefer.returns == RETURN_REPRESENTATION;
	return takes->shows_by_default && least[OPERATION_READ] <= least[OPERATION_CREATE];
}

bool data_request_read(const struct context *ctx, const struct call *call, const struct data_takes *takes,
	struct data_request *r, struct error *err)
{
	const struct request *req = call->request;
	*r = (struct data_request){ .resource = catalog_find(ctx->catalog, call->params[0]) };
	if (!r->resource)
		return error_set(err, ERR_NOT_FOUND, "there is no such resource");
	if (!speaks(req))
		return error_set(err, ERR_NOT_ACCEPTABLE, "there is nothing but application/json");
	r->write.id = takes->id ? call->params[1] : STR("");
	if (takes->id && value_fault(r->resource->key, r->write.id))
		return error_set(err, ERR_NOT_FOUND, "there is no such object");
	if (!read_query(ctx, call, takes->query, r, err))
		return false;
	if (takes->query & TAKES_PAGE &&
		!query_range(&r->query, req->headers[HEADER_RANGE_UNIT], req->headers[HEADER_RANGE], err))
		return false;
	if (!read_headers(ctx, call, takes, r, err))
		return false;
	if (takes->filter && !r->query.root.first)
		return error_set(err, ERR_INVALID_REQUEST, "a filter is required: say which, as in ?%.*s=eq.…",
			STR_ARG(r->resource->key->name));
	r->body = req->body;
	r->write.wants_rows = shows(r, takes);
	r->write.wants_one = r->write.wants_rows && !takes->id && data_wants_object(req);
	r->write.resolution = r->prefer.resolution;
	r->write.has_most = r->prefer.has_most;
	r->write.most = r->prefer.most;
	r->write.missing_default = r->prefer.missing_default;
	r->write.remember = r->remembered.key;
	return true;
}

void data_add_etag(struct response *res, struct str etag)
{
	if (!str_is_empty(etag))
		response_header(res, "ETag", arena_printf(res->arena, "\"%.*s\"", STR_ARG(etag)));
}

void data_add_applied(struct response *res, const struct prefer *prefer)
{
	if (!str_is_empty(prefer->applied))
		response_header(res, "Preference-Applied", prefer->applied);
}

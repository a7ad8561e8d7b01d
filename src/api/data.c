/*
 * /v1/data and /v1/resources: the application's own tables. A collection is answered with an array, or with
 * one object when Accept asks for that. A row is answered with an object.
 */
#include "data_request.h"

#include "core/buf.h"

static const char array_type[] = "application/json";
static const char object_type[] = "application/vnd.pgrst.object+json";

/* Returns the only element of an array. */
static struct str only_element(struct str array)
{
	return str_trim(str_of(array.at + 1, array.len - 2));
}

/* Adds Content-Range: first-last/total. A star stands for a total that is not known, or for no rows. */
static void add_range(struct response *res, const struct data_answer *answer)
{
	struct buf b;
	buf_init(&b, res->arena, 96);
	if (answer->count == 0)
		buf_add_c(&b, "*/");
	else
		buf_printf(&b, "%zu-%zu/", answer->position, answer->position + answer->count - 1);
	if (answer->total < 0)
		buf_add_char(&b, '*');
	else
		buf_printf(&b, "%lld", (long long)answer->total);
	response_header(res, "Content-Range", buf_str(&b));
}

/* True when the page begins after the last row, if the total is known. A page that begins exactly after
 * the last row is only empty. A request with a cursor is never refused: the rows may have become fewer
 * since it was given out. */
static bool is_beyond(const struct query *q, const struct data_answer *answer)
{
	return answer->total >= 0 && answer->count == 0 && q->limit > 0 && str_is_empty(q->cursor) &&
		(int64_t)answer->position > answer->total;
}

bool api_data_list(
	const struct context *ctx, const struct call *call, struct response *res, struct error *err)
{
	static const struct data_takes takes = {
		.query = TAKES_SELECT | TAKES_FILTERS | TAKES_PAGE | TAKES_ORDER,
		.prefer = PREFERS_COUNT,
	};
	struct data_request r;
	struct data_answer answer;
	if (!data_request_read(ctx, call, &takes, &r, err) || !data_list(ctx, &r, &answer, err))
		return false;
	bool wants_object = data_wants_object(call->request);
	if (is_beyond(&r.query, &answer)) {
		add_range(res, &answer);
		return error_set(err, ERR_RANGE_NOT_SATISFIABLE, "there are only %lld", (long long)answer.total);
	}
	if (wants_object && answer.count != 1)
		return error_set(err, ERR_NOT_ACCEPTABLE, "one object was asked for, and there are %s",
			answer.count == 0 ? "0 rows" : "several"); /* postgrest-js looks for "0 rows" */
	bool is_part = answer.total >= 0 && (int64_t)answer.count < answer.total;
	response_json(res, is_part ? 206 : 200, wants_object ? only_element(answer.json) : answer.json);
	res->content_type = wants_object ? object_type : array_type;
	add_range(res, &answer);
	data_add_applied(res, &r.prefer);
	if (r.query.is_ranged)
		return true; /* the next page is the next range */
	if (!str_is_empty(answer.cursor))
		call_link_next(call, res, STR("cursor"), answer.cursor);
	else if (answer.next_offset > 0)
		call_link_next(call, res, STR("offset"), arena_printf(ctx->arena, "%zu", answer.next_offset));
	return true;
}

bool api_data_show(
	const struct context *ctx, const struct call *call, struct response *res, struct error *err)
{
	static const struct data_takes takes = { .query = TAKES_SELECT, .id = true };
	struct data_request r;
	struct data_answer answer;
	struct str known = call->request->headers[HEADER_IF_NONE_MATCH];
	if (!data_request_read(ctx, call, &takes, &r, err) || !data_show(ctx, &r, &answer, err))
		return false;
	if (!str_is_empty(known) && data_etag_matches(known, answer.etag))
		response_empty(res, 304);
	else
		response_json(res, 200, answer.json);
	data_add_etag(res, answer.etag);
	data_add_applied(res, &r.prefer);
	return true;
}

/* Answers a write with `status` when there is a body, and with `bare` when there is none. */
static void answer_write(const struct call *call, struct response *res, const struct data_request *r,
	const struct data_answer *answer, int status, int bare)
{
	bool is_one = !str_is_empty(r->write.id) || data_wants_object(call->request);
	if (!answer->has_json)
		response_empty(res, bare);
	else
		response_json(res, status, is_one ? only_element(answer->json) : answer->json);
	if (answer->has_json && str_is_empty(r->write.id) && is_one)
		res->content_type = object_type;
	data_add_etag(res, answer->etag);
	data_add_applied(res, &r->prefer);
}

/* Adds Location. When a path cannot contain the row's key, the location is a filter. */
static void add_location(struct response *res, const struct data_request *r, struct str key)
{
	struct buf b;
	if (!path_can_name(key))
		return;
	buf_init(&b, res->arena, LIMIT_URI);
	buf_printf(&b, "/v1/data/%.*s/", STR_ARG(r->resource->name));
	call_add_escaped(&b, key);
	if (buf_ok(&b))
		response_header(res, "Location", buf_str(&b));
}

/* Says how many rows were written, when that was asked for. For rows that existed before, it is a range. */
static void add_affected(
	struct response *res, const struct data_request *r, struct data_answer *answer, bool as_range)
{
	answer->total = r->prefer.counts_exactly ? (int64_t)answer->count : -1;
	if (!as_range)
		answer->count = 0;
	add_range(res, answer);
}

bool api_data_create(
	const struct context *ctx, const struct call *call, struct response *res, struct error *err)
{
	static const struct data_takes takes = {
		.query = TAKES_SELECT | TAKES_COLUMNS | TAKES_CONFLICT | TAKES_ORDER,
		.prefer =
			PREFERS_RETURN | PREFERS_MERGE | PREFERS_IGNORE | PREFERS_TX | PREFERS_MISSING | PREFERS_COUNT,
		.idempotency = true,
		.shows_by_default = true,
	};
	struct data_request r;
	struct data_answer answer;
	if (!data_request_read(ctx, call, &takes, &r, err) || !data_create(ctx, &r, &answer, err))
		return false;
	/* An upsert that made nothing has created nothing. */
	int status = answer.created == 0 && r.prefer.resolution != RESOLUTION_NONE ? 200 : 201;
	answer_write(call, res, &r, &answer, status, status);
	if (status == 201)
		add_location(res, &r, answer.key);
	add_affected(res, &r, &answer, false);
	return true;
}

bool api_data_change_many(
	const struct context *ctx, const struct call *call, struct response *res, struct error *err)
{
	static const struct data_takes takes = {
		.query = TAKES_SELECT | TAKES_FILTERS | TAKES_COLUMNS | TAKES_ORDER,
		.prefer = PREFERS_RETURN | PREFERS_TX | PREFERS_COUNT | PREFERS_MOST,
		.filter = true,
		.shows_by_default = true,
	};
	struct data_request r;
	struct data_answer answer;
	if (!data_request_read(ctx, call, &takes, &r, err) || !data_change(ctx, &r, &answer, err))
		return false;
	answer.etag = STR("");
	answer_write(call, res, &r, &answer, 200, 204);
	add_affected(res, &r, &answer, true);
	return true;
}

bool api_data_remove_many(
	const struct context *ctx, const struct call *call, struct response *res, struct error *err)
{
	static const struct data_takes takes = {
		.query = TAKES_SELECT | TAKES_FILTERS | TAKES_ORDER,
		.prefer = PREFERS_RETURN | PREFERS_TX | PREFERS_COUNT | PREFERS_MOST,
		.filter = true,
	};
	struct data_request r;
	struct data_answer answer;
	if (!data_request_read(ctx, call, &takes, &r, err) || !data_remove(ctx, &r, &answer, err))
		return false;
	answer_write(call, res, &r, &answer, 200, 204);
	add_affected(res, &r, &answer, false);
	return true;
}

bool api_data_change(
	const struct context *ctx, const struct call *call, struct response *res, struct error *err)
{
	static const struct data_takes takes = {
		.query = TAKES_SELECT | TAKES_COLUMNS,
		.prefer = PREFERS_RETURN | PREFERS_TX,
		.id = true,
		.match = true,
		.shows_by_default = true,
	};
	struct data_request r;
	struct data_answer answer;
	if (!data_request_read(ctx, call, &takes, &r, err) || !data_change(ctx, &r, &answer, err))
		return false;
	answer_write(call, res, &r, &answer, 200, 204);
	return true;
}

bool api_data_replace(
	const struct context *ctx, const struct call *call, struct response *res, struct error *err)
{
	static const struct data_takes takes = {
		.query = TAKES_SELECT,
		.prefer = PREFERS_RETURN | PREFERS_TX,
		.id = true,
		.match = true,
		.absence = true,
		.shows_by_default = true,
	};
	struct data_request r;
	struct data_answer answer;
	if (!data_request_read(ctx, call, &takes, &r, err) || !data_replace(ctx, &r, &answer, err))
		return false;
	bool is_new = answer.created > 0;
	answer_write(call, res, &r, &answer, is_new ? 201 : 200, is_new ? 201 : 204);
	if (is_new)
		add_location(res, &r, answer.key);
	return true;
}

bool api_data_remove(
	const struct context *ctx, const struct call *call, struct response *res, struct error *err)
{
	static const struct data_takes takes = {
		.query = TAKES_SELECT,
		.prefer = PREFERS_RETURN | PREFERS_TX,
		.id = true,
		.match = true,
	};
	struct data_request r;
	struct data_answer answer;
	if (!data_request_read(ctx, call, &takes, &r, err) || !data_remove(ctx, &r, &answer, err))
		return false;
	answer_write(call, res, &r, &answer, 200, 204);
	return true;
}

static bool act(
	const struct context *ctx, const struct call *call, bool on_row, struct response *res, struct error *err)
{
	const struct data_takes takes = { .prefer = PREFERS_TX, .id = on_row, .idempotency = true };
	struct data_request r;
	struct data_answer answer;
	if (!data_request_read(ctx, call, &takes, &r, err))
		return false;
	const struct action *action = resource_action(r.resource, call->params[on_row ? 2 : 1]);
	if (!action || action->is_on_collection == on_row)
		return error_set(err, ERR_NOT_FOUND, "there is no such action");
	if (!data_act(ctx, &r, action, &answer, err))
		return false;
	if (answer.has_json)
		response_json(res, 200, answer.json);
	else
		response_empty(res, 204);
	data_add_applied(res, &r.prefer);
	return true;
}

bool api_data_act(const struct context *ctx, const struct call *call, struct response *res, struct error *err)
{
	return act(ctx, call, true, res, err);
}

bool api_data_act_on_all(
	const struct context *ctx, const struct call *call, struct response *res, struct error *err)
{
	return act(ctx, call, false, res, err);
}

bool api_resources(
	const struct context *ctx, const struct call *call, struct response *res, struct error *err)
{
	struct str json;
	if (!data_resources(ctx, &json, err))
		return false;
	response_json(res, call->route->status, json);
	return true;
}

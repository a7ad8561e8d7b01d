/*
 * Writes the rows of resources. When a constraint refuses a write, the caller gets the names of the fields that it sent,
 * never the message of the database.
 */
#include "service/data.h"

#include "resource/value.h"

/* Refuses and names the columns of the constraint as the refused fields. */
static bool name_fields(
	const struct constraint *k, enum error_code code, const char *detail, const char *why, struct error *err)
{
	error_set(err, ERR_INVALID_REQUEST, "%s", detail);
	for (size_t i = 0; k && i < k->column_count; i++)
		error_field(err, k->columns[i], "%s", why);
	err->code = code;
	return false;
}

/* Names the fields whose values only the database can check, since it refused one of them. */
static bool blame_values(const struct data_request *r, const struct input *in, struct error *err)
{
	for (size_t i = 0; in && i < r->resource->column_count; i++)
		if (in->has[i] && r->resource->columns[i].kind == KIND_OTHER)
			error_field(err, r->resource->columns[i].name, "does not fit the type of its column");
	filter_explain(&r->query, err);
	return err->field_count > 0;
}

/* Translates what a constraint refused into the caller's terms. A reference to another tenant's row and one to no row
 * give the same error, in the database as here (T35). */
static bool explain(
	const struct data_request *r, const struct input *in, enum operation operation, struct error *err)
{
	struct str state = str_c(err->sqlstate);
	const struct constraint *k = resource_constraint(r->resource, str_c(err->constraint));
	if (err->detail[0]) /* an action or trigger has set it */
		return false;
	if (str_eq(state, STR("23505")))
		return name_fields(
			k, ERR_CONFLICT, "another object has the same value", "is taken by another object", err);
	if (str_eq(state, STR("23P01")))
		return name_fields(k, ERR_CONFLICT, "it conflicts with another object",
			"conflicts with that of another object", err);
	if (str_eq(state, STR("23503")) && operation == OPERATION_DELETE)
		return error_set(err, ERR_CONFLICT, "other objects refer to it");
	if (str_eq(state, STR("23503")))
		return name_fields(k, ERR_NOT_FOUND, "an object that is referred to does not exist",
			"does not refer to an existing object", err);
	if (str_eq(state, STR("23514")))
		return name_fields(
			k, ERR_INVALID_REQUEST, "a value is not allowed", "is not allowed to have this value", err);
	if (str_eq(state, STR("21000")) && r->prefer.resolution == RESOLUTION_MERGE)
		return error_set(err, ERR_INVALID_REQUEST, "two rows of the body are the same object");
	if (str_eq(state, STR("2201B")))
		return filter_explain(&r->query, err);
	if (value_is_to_blame(err) && blame_values(r, in, err))
		return false;
	if (str_starts(state, STR("54")))
		return error_set(err, ERR_INVALID_REQUEST, "a value is too large");
	if (str_starts(state, STR("22")) && err->code == ERR_INVALID_REQUEST)
		return error_set(err, ERR_INVALID_REQUEST, "a value does not fit the type of its column");
	if (err->code == ERR_TOO_MANY_AFFECTED && r->write.wants_one)
		return error_set(err, ERR_NOT_ACCEPTABLE, "one object was asked for, and there are several");
	if (err->code == ERR_TOO_MANY_AFFECTED)
		return error_set(err, ERR_TOO_MANY_AFFECTED,
			"more than %lld objects would be affected, so nothing was done", (long long)r->prefer.most);
	if (err->code == ERR_NOT_ACCEPTABLE)
		return error_set(err, ERR_NOT_ACCEPTABLE, "one object was asked for, and there are 0 rows");
	if (err->code == ERR_NOT_FOUND && str_is_empty(r->write.id))
		return error_set(err, ERR_NOT_FOUND, "not all of the named objects exist, so nothing was done");
	if (err->code == ERR_NOT_FOUND)
		return error_set(err, ERR_NOT_FOUND, "there is no such object");
	return false;
}

static size_t number(struct str text)
{
	int64_t n;
	return str_to_int64(text, &n) ? (size_t)n : 0;
}

static void read_answer(const struct rows *rows, struct data_answer *answer)
{
	bool no_body;
	*answer = (struct data_answer){
		.json = rows_value(rows, 0, WROTE_BODY, &no_body),
		.count = number(rows_value(rows, 0, WROTE_AFFECTED, NULL)),
		.created = number(rows_value(rows, 0, WROTE_CREATED, NULL)),
		.key = rows_value(rows, 0, WROTE_KEY, NULL),
		.etag = rows_value(rows, 0, WROTE_ETAG, NULL),
		.total = -1,
		.cursor = STR(""),
	};
	answer->has_json = !no_body;
	if (answer->count != 1)
		answer->etag = STR("");
}

/* Runs the one statement of a write. When an earlier request had the same Idempotency-Key, returns its answer. */
static bool run(const struct context *ctx, const struct data_request *r, const struct input *in,
	enum operation operation, const struct built *built, struct rows *rows, struct error *err)
{
	if (r->prefer.is_rehearsal)
		tx_rehearse(ctx->tx);
	if (resources_run(ctx, &built, 1, &r->remembered, rows, err))
		return true;
	if (err->code == ERR_CONFLICT && !str_is_empty(r->remembered.key)) {
		bool found;
		struct error recalling = ERROR_INIT;
		if (!remembered_recall(ctx, &r->remembered, rows, &found, &recalling)) {
			*err = recalling;
			return false;
		}
		if (found) {
			*err = (struct error)ERROR_INIT;
			return true;
		}
	}
	return explain(r, in, operation, err);
}

bool data_create(
	const struct context *ctx, const struct data_request *r, struct data_answer *answer, struct error *err)
{
	struct input in;
	struct rows rows;
	if (!input_read(&in, ctx->arena, &r->query, INPUT_CREATE, r->body, err) ||
		!run(ctx, r, &in, OPERATION_CREATE, build_create(ctx->arena, &r->query, &r->write, &in), &rows, err))
		return false;
	read_answer(&rows, answer);
	if (in.is_array)
		answer->key = answer->etag = STR("");
	else if (str_is_empty(answer->key))
		answer->key = in.key;
	return true;
}

/* Refuses a write that did not find the row of its path, and tells whether the row is missing or does not meet the
 * condition. */
static bool find_row(const struct data_request *r, const struct rows *rows, const struct data_answer *answer,
	struct error *err)
{
	if (str_is_empty(r->write.id) || answer->count > 0)
		return true;
	if (r->write.if_absent || str_eq(rows_value(rows, 0, WROTE_THERE, NULL), STR("t")))
		return error_set(err, ERR_PRECONDITION_FAILED, "the object does not meet the condition");
	return error_set(err, ERR_NOT_FOUND, "there is no such object");
}

bool data_change(
	const struct context *ctx, const struct data_request *r, struct data_answer *answer, struct error *err)
{
	struct input in;
	struct rows rows;
	if (!input_read(&in, ctx->arena, &r->query, INPUT_CHANGE, r->body, err) ||
		!run(ctx, r, &in, OPERATION_UPDATE, build_change(ctx->arena, &r->query, &r->write, &in), &rows, err))
		return false;
	read_answer(&rows, answer);
	return find_row(r, &rows, answer, err);
}

bool data_replace(
	const struct context *ctx, const struct data_request *r, struct data_answer *answer, struct error *err)
{
	struct input in;
	struct rows rows;
	const struct column *key = r->resource->key;
	if (!input_read(&in, ctx->arena, &r->query, INPUT_REPLACE, r->body, err))
		return false;
	bool is_same = key->kind == KIND_UUID ? str_eq_nocase(in.key, r->write.id) : str_eq(in.key, r->write.id);
	if (in.has[key - r->resource->columns] && !is_same)
		return error_field(err, key->name, "is not the one in the path");
	if (!run(ctx, r, &in, OPERATION_UPDATE, build_replace(ctx->arena, &r->query, &r->write, &in), &rows, err))
		return false;
	read_answer(&rows, answer);
	answer->key = r->write.id;
	return find_row(r, &rows, answer, err);
}

bool data_remove(
	const struct context *ctx, const struct data_request *r, struct data_answer *answer, struct error *err)
{
	struct rows rows;
	if (!run(ctx, r, NULL, OPERATION_DELETE, build_remove(ctx->arena, &r->query, &r->write), &rows, err))
		return false;
	read_answer(&rows, answer);
	answer->created = 0;
	answer->etag = STR("");
	return find_row(r, &rows, answer, err);
}

bool data_act(const struct context *ctx, const struct data_request *r, const struct action *action,
	struct data_answer *answer, struct error *err)
{
	struct rows rows;
	const struct json *body = NULL;
	if (!str_is_empty(r->body)) {
		body = json_parse(ctx->arena, r->body, err);
		if (!body)
			return false;
		if (!action->takes_body && !(json_kind(body) == JSON_OBJECT && json_count(body) == 0))
			return error_set(err, ERR_INVALID_REQUEST, "this action takes no body");
	}
	const struct built *built =
		build_action(ctx->arena, r->resource, action, &r->write, action->takes_body ? r->body : STR(""));
	if (!run(ctx, r, NULL, OPERATION_UPDATE, built, &rows, err))
		return false;
	read_answer(&rows, answer);
	answer->created = 0;
	return true;
}

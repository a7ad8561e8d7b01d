/* Gives the values of the forms to the verb, and answers with its rows. Most routes are no more than that. */
#include "api/relay.h"

#include "api/remember.h"
#include "api/types.h"
#include "core/limits.h"
#include "repo/page.h"

enum { VALUES = CALL_PARAMS + FORM_QUERY + 3 + 1 };

struct arguments {
	struct value at[VALUES];
	size_t count;
	struct page page;
	bool is_paged;
};

static void add(struct arguments *args, struct value value)
{
	if (args->count == COUNT_OF(args->at))
		BUG("a verb of more than %d values", VALUES);
	args->at[args->count++] = value;
}

struct str route_parameter(const struct route *route, size_t n)
{
	struct str rest = str_c(route->path), part;
	while (!str_is_empty(rest)) {
		rest = str_split(rest, '/', &part);
		if (str_starts(part, STR("{")) && n-- == 0)
			return str_of(part.at + 1, part.len - 2);
	}
	return STR("");
}

static bool add_path(struct arguments *args, const struct call *call, struct error *err)
{
	struct uuid id;
	for (size_t i = 0; i < CALL_PARAMS; i++) {
		struct str name = route_parameter(call->route, i);
		if (str_is_empty(name))
			return true;
		/* A text that is not a UUID is answered like a UUID that no object has. */
		if (str_ends(name, STR("id")) && !uuid_parse(call->params[i], &id))
			return error_set(err, ERR_NOT_FOUND, "there is no such object");
		add(args, VALUE(call->params[i]));
	}
	return true;
}

/* Everything that must be the same on the next page. The cursor is bound to it. */
static struct str filters_of(const struct context *ctx, const struct path *path)
{
	struct buf b;
	buf_init(&b, ctx->arena, LIMIT_URI * 2);
	for (size_t i = 0; i < path->query_count; i++) {
		const struct query_pair *q = &path->query[i];
		if (str_eq(q->name, STR("limit")) || str_eq(q->name, STR("cursor")))
			continue;
		buf_add_json(&b, q->name);
		buf_add_json(&b, q->value);
	}
	return buf_str(&b);
}

static bool add_page(struct arguments *args, const struct context *ctx, const struct call *call,
	struct given limit, struct given cursor, struct error *err)
{
	args->is_paged = true;
	args->page =
		(struct page){ .limit = LIMIT_PAGE_DEFAULT, .filters = filters_of(ctx, &call->request->path) };
	args->page.after_key[0] = args->page.after_key[1] = STR("");
	if (limit.is_given && !str_to_int64(limit.text, &args->page.limit))
		BUG("a limit that is no number passed its form");
	if (cursor.is_given && !page_resume(ctx, &args->page, cursor.text, err))
		return false;
	add(args, VALUE(arena_printf(ctx->arena, "%lld", (long long)args->page.limit + 1)));
	add(args, value_or_null(args->page.after_key[0]));
	add(args, value_or_null(args->page.after_key[1]));
	return true;
}

static bool add_query(
	struct arguments *args, const struct context *ctx, const struct call *call, struct error *err)
{
	const struct field *form = call->route->query;
	for (size_t i = 0; form && form[i].name; i++) {
		if (form[i].type == &type_limit)
			return add_page(args, ctx, call, call->query[i], call->query[i + 1], err);
		add(args, call->query[i].is_given ? VALUE(call->query[i].text) : VALUE_NULL);
	}
	return true;
}

void relay_locate(const struct route *route, struct str answer, struct response *res)
{
	struct error ignored = ERROR_INIT;
	struct arena *a = res->arena;
	struct str rest, part, location = STR("");
	if (!route->location)
		return;
	const struct json *object = json_parse(a, answer, &ignored);
	rest = str_c(route->location + 1);
	while (!str_is_empty(rest)) {
		rest = str_split(rest, '/', &part);
		if (str_starts(part, STR("{")) &&
			!json_string(json_get(object, str_of(part.at + 1, part.len - 2)), &part))
			BUG("the answer of %s has no field for its location", route->path);
		location = arena_printf(a, "%.*s/%.*s", STR_ARG(location), STR_ARG(part));
	}
	response_header(res, "Location", location);
}

bool relay(const struct context *ctx, const struct call *call, struct response *res, struct error *err)
{
	const struct route *route = call->route;
	struct arguments args = { .count = 0 };
	struct rows rows;
	struct remembered remembered = { .key = STR("") };
	struct str array, next;
	if (!add_path(&args, call, err) || !add_query(&args, ctx, call, err))
		return false;
	if (route->body)
		add(&args, VALUE(call->body));
	if (route->flags & ROUTE_KEYED && !remember_read(ctx, call, &remembered, err))
		return false;
	if (!verb_run(ctx, route->verb, args.at, args.count, &remembered, &rows, err))
		return false;
	if (args.is_paged) {
		page_render(ctx, &args.page, &rows, &array, &next);
		call_answer_page(call, res, array, next);
	} else if (route->status == 204) {
		response_empty(res, 204);
	} else {
		relay_locate(route, rows_value(&rows, 0, 0, NULL), res);
		response_json(res, route->status, rows_value(&rows, 0, 0, NULL));
	}
	return true;
}

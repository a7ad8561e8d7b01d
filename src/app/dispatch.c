/*
 * The life of one request. These stages may refuse it, in this order: the reader (form and size), the route
 * (404, 405), the body's type (415), the token (401), the resolver (tenant and env, 400), the tenant's share
 * (429), the handler's own check of the input (400), the database when the context is entered (403, 404), the
 * statements (404, 409). A refusal by a guard leaves an audit row, which is written in a transaction of its
 * own, since the refused one was rolled back.
 */
#include "app/dispatch.h"

#include "api/relay.h"
#include "api/types.h"
#include "app/authn.h"
#include "app/cors.h"
#include "app/limit.h"
#include "app/resolve.h"
#include "app/resource_guard.h"
#include "app/routes.h"
#include "app/web_server.h"
#include "core/clock.h"
#include "core/log.h"
#include "core/metrics.h"
#include "http/address.h"
#include "http/media_type.h"
#include "http/problem.h"

bool dispatch_admits(
	const void *who, const struct request *req, size_t length, bool *streams, struct error *err)
{
	const struct server *server = who;
	size_t limit = (size_t)server->config->limits.body;
	if (length <= limit && length <= LIMIT_MEDIA_PIECE)
		return true;
	struct error no_route = ERROR_INIT;
	struct call call = { .request = req };
	struct str allow;
	if (route_find(req, &call, &allow, &no_route) && call.route->flags & ROUTE_MEDIA) {
		limit = (size_t)server->config->limits.media;
		*streams = length > LIMIT_MEDIA_PIECE;
	}
	return length <= limit ||
		error_set(err, ERR_CONTENT_TOO_LARGE, "the body is larger than %zu bytes", limit);
}

/* Checks the body's encoding and type. Bytes that are stored must not be a multipart form or compressed:
 * that would not be the file itself. */
static bool body_is_expected(const struct route *route, const struct request *req, struct error *err)
{
	struct str coding = req->headers[HEADER_CONTENT_ENCODING];
	if (!req->has_body)
		return true;
	if (!str_is_empty(coding) && !str_eq_nocase(coding, STR("identity")))
		return error_set(err, ERR_UNSUPPORTED_MEDIA_TYPE,
			"a body is sent as it is: leave Content-Encoding out, and do not compress it");
	if (route->body == &type_bytes && media_type_is_in_parts(req->headers[HEADER_CONTENT_TYPE]))
		return error_set(err, ERR_UNSUPPORTED_MEDIA_TYPE,
			"the body is the file itself, with the type of the file: not a form in parts (curl: --data-binary @FILE)");
	if (route->body == &type_bytes || str_is_empty(req->body))
		return true;
	if (route->method == METHOD_GET)
		return error_set(err, ERR_INVALID_REQUEST, "this route takes no body");
	return request_has_type(req, STR("application/json")) ||
		error_set(err, ERR_UNSUPPORTED_MEDIA_TYPE, "the body must be application/json");
}

static const struct field no_fields[] = { FIELDS_END };
static const struct type empty = { .kind = JSON_OBJECT, .fields = no_fields };

/* Reads the query and the body by the route's forms, except what the handler reads by a grammar of its
 * own. The caller is told at once of everything that is wrong with either. */
static bool read_forms(struct call *call, struct error *err)
{
	const struct route *route = call->route;
	const struct request *req = call->request;
	bool is_fit = route->query == query_of_resource || form_query(route->query, &req->path, call->query, err);
	if (route->body == &type_any || route->body == &type_bytes)
		return is_fit;
	return form_body(req->arena, route->body ? route->body : &empty, req->body, route->method == METHOD_PATCH,
			   &call->body, err) &&
		is_fit;
}

/* The name by which a request is counted: the tenant's id, or its slug when the request has no id, and the
 * env. */
static struct str turn_name(const struct context *ctx, struct str tenant)
{
	return str_is_empty(tenant) ? tenant
								: arena_printf(ctx->arena, "%s %.*s", env_name(ctx->env), STR_ARG(tenant));
}

/* This comes before the database is asked, because a tenant must not use up the database's time either. */
static bool take_turn(const struct server *server, const struct context *ctx, struct error *err)
{
	struct str who = turn_name(ctx, uuid_is_set(&ctx->tenant) ? str_c(ctx->tenant.text) : ctx->slug);
	if (!server->turns || str_is_empty(who) || server->turns->begin(who))
		return true;
	metrics_count(COUNT_SHARE_REFUSED);
	return error_set(err, ERR_TOO_MANY_REQUESTS, "the tenant uses its share of the workers already");
}

/* Once the database has told the id that belongs to a slug, requests by either name count for the same
 * tenant. */
static void learn_name(const struct server *server, const struct context *ctx)
{
	if (!server->turns || uuid_is_set(&ctx->tenant) || str_is_empty(ctx->slug) || !ctx->tx)
		return;
	struct str id = tx_entered(ctx->tx)->tenant_id;
	if (!str_is_empty(id))
		server->turns->same(turn_name(ctx, ctx->slug), turn_name(ctx, id));
}

/* The transaction of a request, in which the database checks the guard. */
static bool serve(const struct server *server, struct call *call, struct context *ctx, struct response *res,
	struct error *err)
{
	const struct route *route = call->route;
	if (!server_is_ready(server, err) || !take_turn(server, ctx, err) || !read_forms(call, err))
		return false;
	ctx->limits = limits_of(server, call, ctx);
	if (route->caller == CALLER_VISITOR)
		ctx->visitor = limit_visitor(server, call, ctx);
	ctx->tx = tx_new(ctx->arena, &server->source);
	if (!(route->handle ? route->handle : relay)(ctx, call, res, err))
		return false;
	if (!tx_has_run(ctx->tx))
		BUG("route %s answered without its transaction", route->path);
	return true;
}

static bool answer(const struct server *server, struct call *call, struct context *ctx, struct response *res,
	struct str *allow, struct error *err)
{
	struct token_claims claims = { { STR(""), STR(""), STR(""), STR(""), false, STR("") }, STR(""), STR(""),
		false, { "" }, 0 };
	const struct route *route = call->route;
	ctx->caller = route->caller;
	ctx->guard = route->guard;
	ctx->route = route->path;
	if (route->flags & ROUTE_OF_ACCOUNTS && !server->accounts.signer)
		return error_set(err, ERR_NOT_FOUND, "nobody signs in here: tokens come from another issuer");
	ctx->is_reading = call->request->method == METHOD_GET || call->request->method == METHOD_HEAD;
	if (!body_is_expected(route, call->request, err))
		return false;
	switch (route->caller) {
	case CALLER_UNASKED:
		return read_forms(call, err) && route->handle(ctx, call, res, err);
	case CALLER_VISITOR:
		break;
	case CALLER_TOKEN:
		if (!authenticate(server, call->request, &claims, err))
			return false;
		break;
	default:
		return error_set(err, ERR_NOT_FOUND, "there is no such route");
	}
	ctx->who = claims.who;
	ctx->by_cookie = claims.is_cookie;
	/* A worker that is not ready has not read the resources: it must not answer that there is no such
	 * resource. */
	if (route->flags & ROUTE_OF_RESOURCE &&
		!(server_is_ready(server, err) && resource_guard(ctx, call, &ctx->guard, allow, err)))
		return false;
	return resolve(server, call->request, &claims, ctx, res, err) && serve(server, call, ctx, res, err);
}

/* The transaction of a refused request was rolled back, and that of a dry run, too. This writes, in another one, the audit
 * row of a guard's refusal, and counts the request towards its limits. When that fails, the answer is still the same, and
 * an error is logged. */
static void write_after_rollback(const struct server *server, const struct context *ctx, enum error_code code)
{
	struct error failed = ERROR_INIT;
	bool is_audited = error_info(code)->flags & AUDITED && !str_is_empty(ctx->who.subject);
	if (code == ERR_TOO_MANY_REQUESTS && ctx->tx && tx_has_run(ctx->tx))
		metrics_count(COUNT_LIMIT_REFUSED);
	bool is_counted = !str_is_empty(ctx->limits) && !(ctx->tx && tx_has_counted(ctx->tx)) &&
		code != ERR_TOO_MANY_REQUESTS && error_info(code)->status < 500;
	if (!is_audited && !is_counted)
		return;
	if (!server->is_ready || !db_is_connected(server->source.db) ||
		!tx_refuse(ctx, &server->source, code, &failed))
		LOG(ERROR, "audit.lost", LOG_C("trace", ctx->trace.id), LOG_C("route", ctx->route),
			LOG_C("code", error_info(code)->code), LOG_C("why", failed.operator));
}

static void log_request(const struct server *server, const struct context *ctx, const struct request *req,
	const struct response *res, const struct error *err, int64_t duration_us)
{
	static const struct entered nobody = { { "", 0 }, { "", 0 }, { "", 0 }, { "", 0 } };
	const struct entered *entered = ctx->tx ? tx_entered(ctx->tx) : &nobody;
	bool is_cut = res->has_begun && res->left > 0;
	enum log_level level = res->status >= 500 || is_cut ? LOG_LEVEL_ERROR : LOG_LEVEL_INFO;
	const struct log_field fields[] = {
		LOG_C("trace", ctx->trace.id),
		LOG_STR("method", req->method_text),
		LOG_C("route", ctx->route),
		LOG_INT("status", res->status),
		LOG_C("code", err->code == ERR_NONE ? "" : error_info(err->code)->code),
		LOG_INT("duration_us", duration_us),
		LOG_INT("bytes", res->has_begun ? res->sent : res->body.len),
		LOG_STR("tenant_id", str_is_empty(entered->tenant_id) ? str_c(ctx->tenant.text) : entered->tenant_id),
		LOG_C("env", env_name(ctx->env)),
		LOG_STR("user_id", entered->user_id),
		LOG_STR("role", entered->role),
		LOG_STR("client", address_of_client(req, &server->config->server.trusted_proxies)),
		LOG_C("why", err->operator[0] ? err->operator : err->detail),
	};
	log_event(level, "request", fields, COUNT_OF(fields));
}

void dispatch(
	const struct server *server, const struct request *req, const struct error *refusal, struct response *res)
{
	int64_t began = clock_mono_us();
	struct error err = ERROR_INIT;
	struct call call = { .request = req };
	struct context ctx = context_of_nobody(req->arena, "none");
	struct str allow = STR("");
	size_t count;

	ctx.catalog = &server->catalog;
	ctx.accounts = &server->accounts;
	ctx.server = server;
	trace_begin(&ctx.trace, req->headers[HEADER_TRACEPARENT]);
	if (refusal)
		err = *refusal;
	/* When the method is unknown, the request was not read as far as its path: all methods are named. */
	if (refusal && refusal->code == ERR_METHOD_NOT_ALLOWED)
		allow = STR("GET, HEAD, POST, PUT, PATCH, DELETE");
	response_header(res, "traceparent", str_c(ctx.trace.parent));
	cors_headers(server->config, req, res);
	bool is_answered = !refusal &&
		(route_find(req, &call, &allow, &err) ? answer(server, &call, &ctx, res, &allow, &err)
											  : cors_preflight(server->config, req, allow, res, &err));
	write_after_rollback(server, &ctx, err.code);
	if (!is_answered) {
		if (!str_is_empty(allow))
			response_header(res, "Allow", allow);
		if (!res->has_begun)
			problem_render(res, &err, ctx.trace.id);
	}

	learn_name(server, &ctx);
	if (server->web_server)
		web_server_look(server->web_server, req, call.route, err.code);
	int64_t duration_us = clock_mono_us() - began;
	metrics_request(
		call.route ? (size_t)(call.route - routes(&count)) : METRIC_ROUTES - 1, res->status, duration_us);
	log_request(server, &ctx, req, res, &err, duration_us);
}

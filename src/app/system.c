/* /healthz, /readyz, /metrics: about the server itself. */
#include "app/system.h"

#include "app/server.h"
#include "http/address.h"

bool system_healthz(
	const struct context *ctx, const struct call *call, struct response *res, struct error *err)
{
	(void)ctx;
	if (!call_query(call, NULL, 0, err))
		return false;
	response_json(res, 200, STR("{\"status\":\"ok\"}"));
	return true;
}

/* Asks the database, so that a server which went away is known before the next request finds out. */
bool system_readyz(
	const struct context *ctx, const struct call *call, struct response *res, struct error *err)
{
	struct rows rows;
	const struct server *server = ctx->server;
	if (!call_query(call, NULL, 0, err))
		return false;
	if (!server_is_ready(server, err))
		return false;
	if (!db_query(server->source.db, ctx->arena, "SELECT 1", NULL, 0, &rows, err))
		return false;
	response_json(res, 200, STR("{\"status\":\"ready\"}"));
	return true;
}

bool system_metrics(
	const struct context *ctx, const struct call *call, struct response *res, struct error *err)
{
	struct buf out;
	const struct server *server = ctx->server;
	if (!address_is_in(call->request->peer, &server->config->server.metrics_allow))
		return error_set(err, ERR_NOT_FOUND, "there is no such route");
	buf_init(&out, ctx->arena, LIMIT_RESPONSE);
	server->print_metrics(&out);
	res->status = 200;
	res->content_type = "text/plain; version=0.0.4; charset=utf-8";
	res->body = buf_str(&out);
	return true;
}

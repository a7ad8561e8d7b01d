/* What the server says about itself: /healthz, /readyz, /metrics, the OpenAPI document, and how the tokens of its own issuer
 * are verified. */
#include "app/system.h"

#include "api/families.h"
#include "app/openapi.h"
#include "app/server.h"
#include "core/json_write.h"
#include "http/address.h"

static bool healthz(
	const struct context *ctx, const struct call *call, struct response *res, struct error *err)
{
	(void)ctx;
	(void)err;
	response_json(res, call->route->status, STR("{\"status\":\"ok\"}"));
	return true;
}

/* Asks the database as a request does, so that a server which went away, or one that no longer takes our proofs, is known
 * before the next request finds out. */
static bool readyz(
	const struct context *ctx, const struct call *call, struct response *res, struct error *err)
{
	const struct server *server = ctx->server;
	if (!server_is_ready(server, err) ||
		!tx_prove(&server->source, ctx->arena, config_any_env(server->config), err))
		return false;
	response_json(res, call->route->status,
		server->reload_was_refused() ? STR("{\"status\":\"ready\",\"reload\":\"refused\"}")
									 : STR("{\"status\":\"ready\"}"));
	return true;
}

static bool metrics(
	const struct context *ctx, const struct call *call, struct response *res, struct error *err)
{
	struct buf out;
	const struct server *server = ctx->server;
	if (!address_is_in(call->request->peer, &server->config->server.metrics_allow))
		return error_set(err, ERR_NOT_FOUND, "there is no such route");
	buf_init(&out, ctx->arena, LIMIT_RESPONSE);
	server->print_metrics(&out);
	res->status = call->route->status;
	res->content_type = "text/plain; version=0.0.4; charset=utf-8";
	res->body = buf_str(&out);
	return true;
}

/* The public keys of the own issuer (RFC 7517). Clients may keep them for a while: a new key is published before it signs. */
static bool jwks(const struct context *ctx, const struct call *call, struct response *res, struct error *err)
{
	(void)err;
	response_header(res, "Cache-Control", STR("public, max-age=300"));
	response_json(res, call->route->status, ctx->accounts->signer->jwks);
	return true;
}

/* OpenID Connect Discovery 1.0, as far as it goes for an issuer without an authorization endpoint: a verifier finds the
 * keys by it. Members of our own, which the specification allows, say what a sign-in page must know. */
static bool openid_configuration(
	const struct context *ctx, const struct call *call, struct response *res, struct error *err)
{
	struct buf b;
	const struct signer *signer = ctx->accounts->signer;
	struct str issuer = ctx->accounts->config->accounts.issuer;
	(void)err;
	buf_init(&b, ctx->arena, LIMIT_ISSUER * 4);
	json_write_open(&b, NULL, '{');
	json_write_text(&b, "issuer", issuer);
	json_write_text(&b, "jwks_uri", arena_printf(ctx->arena, "%.*s/.well-known/jwks.json", STR_ARG(issuer)));
	json_write_raw(&b, "response_types_supported", "[]");
	json_write_raw(&b, "subject_types_supported", "[\"public\"]");
	json_write_open(&b, "id_token_signing_alg_values_supported", '[');
	for (size_t i = 0; i < signer->count; i++)
		json_write_text(&b, NULL, signer->keys[i].alg);
	json_write_close(&b, ']');
	json_write_text(&b, "tenantd_signup", ctx->accounts->config->accounts.signup);
	json_write_open(&b, "tenantd_envs", '[');
	for (size_t i = 0; i < ENV_COUNT; i++)
		if (ctx->accounts->config->tenancy.env_allowed[i])
			json_write_text(&b, NULL, str_c(env_name((enum env)i)));
	json_write_close(&b, ']');
	json_write_close(&b, '}');
	response_header(res, "Cache-Control", STR("public, max-age=300"));
	response_json(res, call->route->status, buf_str(&b));
	return true;
}

static const struct field status_fields[] = {
	{ "status", &type_text, REQUIRED },
	{ "reload", &type_text, 0 },
	FIELDS_END,
};
static const struct type status = {
	.name = "Status", .purpose = "The server about itself", .kind = JSON_OBJECT, .fields = status_fields
};

static const struct route rows[] = {
	{ METHOD_GET, "/healthz", CALLER_UNASKED, { LEAST_ANYBODY, TENANT_ANY }, 200, "healthz",
		"The process is alive; asks nobody", .answer = &status, .handle = healthz },
	{ METHOD_GET, "/readyz", CALLER_UNASKED, { LEAST_ANYBODY, TENANT_ANY }, 200, "readyz",
		"The database answers, takes this server's proofs, and passed the isolation gate; 503 when not. `reload` is `refused` while the configuration on disk is not the one in force",
		.answer = &status, .handle = readyz },
	{ METHOD_GET, "/metrics", CALLER_UNASKED, { LEAST_ANYBODY, TENANT_ANY }, 200, "metrics",
		"Prometheus text, to the addresses of `[server] metrics_allow`; 404 to others", .answer = &type_plain,
		.handle = metrics },
	{ METHOD_GET, "/v1/openapi.json", CALLER_UNASKED, { LEAST_ANYBODY, TENANT_ANY }, 200, "openapi",
		"Every route and every resource, as OpenAPI 3.1", .answer = &type_any, .handle = openapi_get },
	{ METHOD_GET, "/.well-known/jwks.json", CALLER_UNASKED, { LEAST_ANYBODY, TENANT_ANY }, 200, "jwks",
		"The public keys that verify the tokens of tenantd's own issuer, as a JWK set", .answer = &type_any,
		.handle = jwks, .flags = ROUTE_OF_ACCOUNTS },
	{ METHOD_GET, "/.well-known/openid-configuration", CALLER_UNASKED, { LEAST_ANYBODY, TENANT_ANY }, 200,
		"openidConfiguration", "Where a verifier finds these keys", .answer = &type_any,
		.handle = openid_configuration, .flags = ROUTE_OF_ACCOUNTS },
};

const struct route_family system_family = FAMILY("server", "The server about itself", rows);

/*
 * The one tenant resolver. It compares what the request says with what the token's signature covers. Whether
 * that is true (that the tenant exists in this env and has the caller as a member) is decided by the
 * database, in the same round trip as the statements.
 */
#include "app/resolve.h"

#include "core/log.h"
#include "core/metrics.h"
#include "core/validate.h"

/* RFC 9745: when naming a tenant by header became deprecated, 2026-01-01. */
#define DEPRECATED_SINCE "@1767225600"

static bool resolve_env(
	const struct server *server, struct str header, struct str claim, struct context *ctx, struct error *err)
{
	enum env by_header = ENV_NONE, by_claim = ENV_NONE;
	if (!str_is_empty(header) && !env_parse(header, &by_header))
		return error_set(err, ERR_ENV_NOT_ALLOWED, "X-Env names no env of this server");
	if (!str_is_empty(claim) && !env_parse(claim, &by_claim))
		return error_set(err, ERR_ENV_NOT_ALLOWED, "the token names no env of this server");
	if (by_header == ENV_NONE && by_claim == ENV_NONE)
		return error_set(err, ERR_ENV_REQUIRED, "neither X-Env nor the token names an env");
	if (by_header != ENV_NONE && by_claim != ENV_NONE && by_header != by_claim)
		return error_set(err, ERR_ENV_MISMATCH, "X-Env and the token name different envs");
	enum env env = by_claim != ENV_NONE ? by_claim : by_header;
	if (!server->config->tenancy.env_allowed[env])
		return error_set(err, ERR_ENV_NOT_ALLOWED, "this server does not serve that env");
	ctx->env = env;
	return true;
}

/* SLUG of a host SLUG.base_domain; empty for any other host. */
static struct str slug_of_host(struct str host, struct str base)
{
	struct str name, label;
	str_split(host, ':', &name);
	if (str_is_empty(base) || name.len <= base.len + 1 ||
		!str_eq_nocase(str_skip(name, name.len - base.len), base) || name.at[name.len - base.len - 1] != '.')
		return STR("");
	label = str_of(name.at, name.len - base.len - 1);
	return label;
}

/* Reads the slug from the header and from the host. When both name one, it must be the same. */
static bool resolve_slug(
	const struct server *server, const struct request *req, struct context *ctx, struct error *err)
{
	const struct str given[] = {
		req->headers[HEADER_TENANT_SLUG],
		slug_of_host(req->headers[HEADER_HOST], server->config->tenancy.base_domain),
	};
	for (size_t i = 0; i < COUNT_OF(given); i++) {
		struct str slug;
		char *kept = arena_alloc(ctx->arena, LIMIT_SLUG + 1);
		if (str_is_empty(given[i]))
			continue;
		if (!slug_normalise(given[i], kept, &slug)) {
			/* www.example.com and the like name no tenant. */
			if (i == 1)
				continue;
			return error_field(err, STR("X-Tenant-Slug"), "is not a slug");
		}
		if (!str_is_empty(ctx->slug) && !str_eq(ctx->slug, slug))
			return error_set(err, ERR_TENANT_MISMATCH, "the host and X-Tenant-Slug name different tenants");
		ctx->slug = slug;
	}
	return true;
}

static void warn_of_header(const struct context *ctx, struct response *res)
{
	bool is_alone = ctx->header_use == HEADER_ALONE;
	metrics_count(is_alone ? COUNT_HEADER_ALONE : COUNT_HEADER_BESIDE);
	LOG(WARN, "tenant.header", LOG_C("trace", ctx->trace.id), LOG_C("route", ctx->route),
		LOG_C("tenant_id", ctx->tenant.text), LOG_STR("slug", ctx->slug), LOG_STR("client", ctx->who.client),
		LOG_C("use", is_alone ? "alone" : "beside_claim"));
	response_header(res, "Deprecation", STR(DEPRECATED_SINCE));
}

bool resolve(const struct server *server, const struct request *req, const struct token_claims *claims,
	struct context *ctx, struct response *res, struct error *err)
{
	struct uuid by_header = { "" };
	struct str header = req->headers[HEADER_TENANT_ID];
	enum header_fallback fallback = server->config->tenancy.header_fallback;

	ctx->who = claims->who;
	ctx->session = claims->session;
	if (!str_is_empty(claims->tenant)) {
		if (!uuid_parse(claims->tenant, &ctx->tenant))
			return error_set(err, ERR_UNAUTHENTICATED, "the token's tenant is not a UUID");
		ctx->tenant_is_claimed = true;
	}
	if (!resolve_env(server, req->headers[HEADER_ENV], claims->env, ctx, err))
		return false;
	if (ctx->caller == CALLER_VISITOR)
		return true; /* a caller without a token is in no tenant, whatever the headers say */
	if (!str_is_empty(header) && !uuid_parse(header, &by_header))
		return error_field(err, STR("X-Tenant-ID"), "is not one UUID");
	if (!resolve_slug(server, req, ctx, err))
		return false;
	if (ctx->tenant_is_claimed && uuid_is_set(&by_header) && !uuid_eq(&ctx->tenant, &by_header))
		return error_set(err, ERR_TENANT_MISMATCH, "X-Tenant-ID and the token name different tenants");

	bool is_said = uuid_is_set(&by_header) || !str_is_empty(ctx->slug);
	if (!ctx->tenant_is_claimed) {
		/* A browser has one cookie and may show a tenant in each of its tabs, so with it the header may name one. */
		if (is_said && fallback == FALLBACK_OFF && !ctx->by_cookie)
			return error_set(
				err, ERR_TENANT_REQUIRED, "the token must name the tenant; a header alone does not");
		ctx->tenant = by_header;
		if (!is_said && least_is_of_tenant(ctx->guard.least))
			return error_set(err, ERR_TENANT_REQUIRED, "neither the token nor a header names a tenant");
	}
	if (fallback != FALLBACK_OFF && !ctx->by_cookie)
		ctx->header_use = is_said && !ctx->tenant_is_claimed                             ? HEADER_ALONE
			: uuid_is_set(&by_header) || !str_is_empty(req->headers[HEADER_TENANT_SLUG]) ? HEADER_BESIDE_CLAIM
																						 : HEADER_UNUSED;
	if (fallback == FALLBACK_WARN && ctx->header_use != HEADER_UNUSED)
		warn_of_header(ctx, res);
	return true;
}

/*
 * Turns the limits of a route into the buckets in which the database counts. This file says for whom a
 * request is counted, the configuration says how often it is allowed, and the database decides whether the
 * limit is reached.
 */
#include "app/limit.h"

#include "core/json.h"
#include "crypto/digest.h"
#include "http/address.h"

enum { BUCKET_SIZE = 16 };

/* The email in a visitor's body, in lower case. It names the account on which they want to act. */
static struct str named_account(const struct call *call, struct arena *a)
{
	struct error ignored = ERROR_INIT;
	struct str email;
	const struct json *body = str_is_empty(call->body) ? NULL : json_parse(a, call->body, &ignored);
	if (!body || !json_string(json_get(body, STR("email")), &email))
		return STR("");
	char *lower = arena_alloc(a, email.len + 1);
	for (size_t i = 0; i < email.len; i++)
		lower[i] = email.at[i] >= 'A' && email.at[i] <= 'Z' ? (char)(email.at[i] | 0x20) : email.at[i];
	return str_of(lower, email.len);
}

/* For whom the request is counted. When it is empty, the request is not counted. */
static struct str subject_of(
	const struct server *server, enum limit_per per, const struct call *call, const struct context *ctx)
{
	switch (per) {
	case PER_ADDRESS:
		return address_block(
			ctx->arena, address_of_client(call->request, &server->config->server.trusted_proxies));
	case PER_ACCOUNT:
		return ctx->caller == CALLER_TOKEN
			? arena_printf(ctx->arena, "%.*s\n%.*s", STR_ARG(ctx->who.issuer), STR_ARG(ctx->who.subject))
			: named_account(call, ctx->arena);
	case PER_ISSUER:
		return ctx->who.issuer;
	case PER_TENANT:
		return uuid_is_set(&ctx->tenant) ? str_c(ctx->tenant.text) : ctx->slug;
	default:
		BUG("a limit for %d", per);
	}
}

static struct str digest_of(
	const struct server *server, const struct context *ctx, const char *what, struct str subject)
{
	uint8_t digest[SHA256_SIZE];
	struct str text = arena_printf(ctx->arena, "limit\n%s\n%s\n%.*s", ctx->route, what, STR_ARG(subject));
	digest_hmac(server->source.context_key, text, digest);
	return hex_encode(ctx->arena, digest, BUCKET_SIZE);
}

struct str limits_of(const struct server *server, const struct call *call, const struct context *ctx)
{
	static const char *const names[] = {
		[PER_ADDRESS] = "address", [PER_ACCOUNT] = "account", [PER_ISSUER] = "issuer", [PER_TENANT] = "tenant"
	};
	struct buf b;
	buf_init(&b, ctx->arena, ROUTE_LIMITS * 80);
	for (const struct limit *l = call->route->limits; l < call->route->limits + ROUTE_LIMITS && l->per; l++) {
		const struct rate *rate = (const void *)((const char *)server->config + l->rate);
		struct str subject = subject_of(server, l->per, call, ctx);
		if (rate->count == 0 || str_is_empty(subject))
			continue;
		struct str bucket = digest_of(server, ctx, names[l->per], subject);
		buf_add_item(&b, ",",
			arena_printf(ctx->arena, "%.*s %lld %lld", STR_ARG(bucket), (long long)rate->count,
				(long long)rate->seconds));
	}
	return buf_str(&b);
}

struct str limit_visitor(const struct server *server, const struct call *call, const struct context *ctx)
{
	return digest_of(server, ctx, "visitor", subject_of(server, PER_ADDRESS, call, ctx));
}

/* What a password and a session are turned into. Must never log a password, a secret or a token, and never keep one. */
#include "service/accounts.h"

#include "core/buf.h"
#include "core/clock.h"
#include "core/json_write.h"
#include "crypto/digest.h"
#include "crypto/password.h"
#include "repo/verbs.h"

enum { CLIENT_MOST = 200, ANSWER_ROOM = LIMIT_TOKEN + 4096 };

static struct str number(const struct context *ctx, int64_t n)
{
	return arena_printf(ctx->arena, "%lld", (long long)n);
}

/* Computes a password in the worker's turn, as hex. */
static bool derive(const struct context *ctx, struct str password, int64_t cost,
	const uint8_t salt[PASSWORD_SALT], struct str *hex, struct error *err)
{
	uint8_t derived[PASSWORD_DERIVED];
	const struct accounts *accounts = ctx->accounts;
	if (accounts->begin && !accounts->begin()) {
		err->retry_after = 1;
		return error_set(
			err, ERR_TOO_MANY_REQUESTS, "many people sign in at this moment: try again in a second");
	}
	bool ok = password_derive(password, cost, salt, derived, err);
	if (accounts->end)
		accounts->end();
	if (ok)
		*hex = hex_encode(ctx->arena, derived, sizeof(derived));
	return ok;
}

/* A password as it is stored: three values for the verb. */
static bool derive_new(
	const struct context *ctx, struct str password, struct value values[3], struct error *err)
{
	uint8_t salt[PASSWORD_SALT];
	struct str hex;
	digest_random(salt, sizeof(salt));
	if (!derive(ctx, password, PASSWORD_COST, salt, &hex, err))
		return false;
	values[0] = VALUE(number(ctx, PASSWORD_COST));
	values[1] = VALUE(hex_encode(ctx->arena, salt, sizeof(salt)));
	values[2] = VALUE(hex);
	return true;
}

/* Computes a password with the salt of the account, which the database is asked for first. An email that nobody has gets a
 * made-up salt, so that it takes as long. The transaction is renewed for what follows. */
static bool derive_stored(
	const struct context *ctx, struct value email, struct str password, struct str *hex, struct error *err)
{
	struct rows rows;
	uint8_t salt[PASSWORD_SALT];
	int64_t cost;
	const struct value values[] = { email, VALUE(number(ctx, PASSWORD_COST)) };
	if (!verb_run(ctx, &account_salt, values, COUNT_OF(values), NULL, &rows, err))
		return false;
	if (!str_to_int64(rows_value(&rows, 0, 0, NULL), &cost) ||
		!hex_decode(rows_value(&rows, 0, 1, NULL), salt, sizeof(salt)))
		return error_log(err, ERR_INTERNAL, "the database answered no salt");
	tx_renew(ctx->tx);
	return derive(ctx, password, cost, salt, hex, err);
}

/* Enters once before a password is computed that no account is asked for, as derive_stored does for one that is: a request beyond
 * its limits must not cost that much (T103). */
static bool enter_first(const struct context *ctx, struct error *err)
{
	struct rows rows;
	const struct value values[] = { VALUE_NULL, VALUE(number(ctx, PASSWORD_COST)) };
	if (!verb_run(ctx, &account_salt, values, COUNT_OF(values), NULL, &rows, err))
		return false;
	tx_renew(ctx->tx);
	return true;
}

/* Signs a token: the claims that the database knows, with those of every token before them. */
static bool sign(const struct context *ctx, struct str known, const char *use, int64_t lifetime,
	struct str *token, struct error *err)
{
	const struct config *config = ctx->accounts->config;
	int64_t now = clock_unix_s();
	uint8_t id[16];
	struct buf b;
	digest_random(id, sizeof(id));
	buf_init(&b, ctx->arena, ANSWER_ROOM);
	json_write_open(&b, NULL, '{');
	json_write_text(&b, "iss", config->accounts.issuer);
	json_write_text(&b, "aud", config->accounts.audience);
	json_write_int(&b, "iat", now);
	json_write_int(&b, "exp", now + lifetime);
	json_write_text(&b, "jti", hex_encode(ctx->arena, id, sizeof(id)));
	json_write_c(&b, "token_use", use);
	buf_printf(&b, ",%.*s", STR_ARG(str_skip(known, 1)));
	if (!buf_ok(&b))
		return error_log(err, ERR_INTERNAL, "the claims are too long");
	return signer_sign(ctx->accounts->signer, ctx->arena, buf_str(&b), token, err);
}

/* Adds user and tenant, and ends the answer. The columns are claims, user, tenant, refresh token. */
static bool end_answer(
	const struct context *ctx, struct buf *b, const struct rows *rows, struct str *json, struct error *err)
{
	struct str tenant = rows_value(rows, 0, 2, NULL);
	json_write_raw(b, "user", arena_cstr(ctx->arena, rows_value(rows, 0, 1, NULL)));
	json_write_raw(b, "tenant", str_is_empty(tenant) ? "null" : arena_cstr(ctx->arena, tenant));
	json_write_close(b, '}');
	*json = buf_str(b);
	return buf_ok(b) || error_log(err, ERR_INTERNAL, "the answer is too long");
}

static bool answer(const struct context *ctx, const struct rows *rows, struct str *json, struct error *err)
{
	int64_t lifetime = ctx->accounts->config->accounts.access_lifetime;
	struct buf b;
	struct str token;
	if (!sign(ctx, rows_value(rows, 0, 0, NULL), "access", lifetime, &token, err))
		return false;
	buf_init(&b, ctx->arena, ANSWER_ROOM * 2);
	json_write_open(&b, NULL, '{');
	json_write_text(&b, "access_token", token);
	json_write_c(&b, "token_type", "Bearer");
	json_write_int(&b, "expires_in", lifetime);
	json_write_text(&b, "refresh_token", rows_value(rows, 0, 3, NULL));
	return end_answer(ctx, &b, rows, json, err);
}

/* ---- cookies */

static bool is_secure(const struct accounts *accounts)
{
	return str_starts(accounts->config->accounts.issuer, STR("https://"));
}

struct str account_cookie_name(const struct accounts *accounts)
{
	return is_secure(accounts) ? STR("__Host-tenantd") : STR("tenantd");
}

static struct str cookie_of(const struct context *ctx, struct str token, int64_t lifetime)
{
	return arena_printf(ctx->arena, "%.*s=%.*s; Path=/; Max-Age=%lld; HttpOnly; SameSite=Strict%s",
		STR_ARG(account_cookie_name(ctx->accounts)), STR_ARG(token), (long long)lifetime,
		is_secure(ctx->accounts) ? "; Secure" : "");
}

struct str account_cookie_end(const struct context *ctx)
{
	return cookie_of(ctx, STR(""), 0);
}

/* The session as tokens, or as a cookie beside which nothing secret is answered. */
static bool answer_session(const struct context *ctx, const struct rows *rows, bool by_cookie,
	struct signed_in *out, struct error *err)
{
	int64_t lifetime = ctx->accounts->config->accounts.session_lifetime;
	struct buf b;
	struct str token;
	out->cookie = STR("");
	if (!by_cookie)
		return answer(ctx, rows, &out->json, err);
	if (!sign(ctx, rows_value(rows, 0, 0, NULL), "cookie", lifetime, &token, err))
		return false;
	out->cookie = cookie_of(ctx, token, lifetime);
	buf_init(&b, ctx->arena, ANSWER_ROOM);
	json_write_open(&b, NULL, '{');
	json_write_int(&b, "expires_in", lifetime);
	return end_answer(ctx, &b, rows, &out->json, err);
}

static struct value client_value(struct str client)
{
	client.len = client.len > CLIENT_MOST ? CLIENT_MOST : client.len;
	while (client.len > 0 && !str_is_utf8(client))
		client.len--;
	return VALUE(client);
}

static struct value session_lifetime(const struct context *ctx)
{
	return VALUE(number(ctx, ctx->accounts->config->accounts.session_lifetime));
}

/* Addresses must be confirmed before their accounts can be used. */
static bool is_confirmed(const struct config *config)
{
	return str_eq(config->accounts.signup, STR("confirmed"));
}

bool account_signup(
	const struct context *ctx, const struct credentials *given, struct signed_in *out, struct error *err)
{
	struct rows rows;
	struct value password[3];
	const struct config *config = ctx->accounts->config;
	if (str_eq(config->accounts.signup, STR("closed")))
		return error_set(err, ERR_FORBIDDEN, "nobody can sign up here: ask for an account");
	if (!password_is_fit(STR("password"), given->password, given->email, err) || !enter_first(ctx, err) ||
		!derive_new(ctx, given->password, password, err))
		return false;
	const struct value values[] = { VALUE(config->accounts.issuer), VALUE(given->email),
		value_or_null(given->name), password[0], password[1], password[2], client_value(given->client),
		session_lifetime(ctx) };
	out->is_to_confirm = is_confirmed(config);
	if (out->is_to_confirm)
		return verb_run(ctx, &account_ask, values, COUNT_OF(values) - 2, NULL, &rows, err);
	return verb_run(ctx, &account_open, values, COUNT_OF(values), NULL, &rows, err) &&
		answer_session(ctx, &rows, given->by_cookie, out, err);
}

bool account_login(
	const struct context *ctx, const struct credentials *given, struct signed_in *out, struct error *err)
{
	struct rows rows;
	struct str hex;
	if (!derive_stored(ctx, VALUE(given->email), given->password, &hex, err))
		return false;
	const struct value values[] = { VALUE(given->email), VALUE(hex), client_value(given->client),
		session_lifetime(ctx), VALUE_C(is_confirmed(ctx->accounts->config) ? "true" : "false") };
	return verb_run(ctx, &account_enter, values, COUNT_OF(values), NULL, &rows, err) &&
		answer_session(ctx, &rows, given->by_cookie, out, err);
}

bool account_refresh(const struct context *ctx, struct str refresh_token, struct str *json, struct error *err)
{
	struct rows rows;
	const struct value values[] = { VALUE(refresh_token) };
	return verb_run(ctx, &session_refresh, values, COUNT_OF(values), NULL, &rows, err) &&
		answer(ctx, &rows, json, err);
}

bool account_switch(const struct context *ctx, struct str body, struct str *json, struct error *err)
{
	struct rows rows;
	const struct value values[] = { VALUE(body) };
	if (ctx->by_cookie)
		return error_set(
			err, ERR_FORBIDDEN, "a cookie is of no tenant: name the tenant by X-Tenant-ID instead");
	return verb_run(ctx, &session_switch, values, COUNT_OF(values), NULL, &rows, err) &&
		answer(ctx, &rows, json, err);
}

bool account_password(const struct context *ctx, struct str present, struct str password, struct error *err)
{
	struct rows rows;
	struct str hex;
	struct value values[4];
	if (!password_is_fit(STR("password"), password, ctx->who.email, err) ||
		!derive_stored(ctx, VALUE_NULL, present, &hex, err) || !derive_new(ctx, password, values + 1, err))
		return false;
	values[0] = VALUE(hex);
	return verb_run(ctx, &password_change, values, COUNT_OF(values), NULL, &rows, err);
}

bool account_reset(const struct context *ctx, struct str secret, struct str password, struct error *err)
{
	struct rows rows;
	struct value values[4];
	if (!password_is_fit(STR("password"), password, STR(""), err) || !enter_first(ctx, err) ||
		!derive_new(ctx, password, values + 1, err))
		return false;
	values[0] = VALUE(secret);
	return verb_run(ctx, &password_reset, values, COUNT_OF(values), NULL, &rows, err);
}

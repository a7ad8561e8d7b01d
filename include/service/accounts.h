/*
 * The accounts of tenantd's own issuer: sign-up, sign-in, and what comes of them. A password is computed here and compared
 * in the database (db/functions/accounts.sql); neither learns what the other keeps. What computes a
 * password takes two round trips, because limits are counted, and the salt is read, before that; everything else takes one.
 *
 * The answers are the token response of OAuth 2.0 (RFC 6749, 5.1) with `user` and `tenant` beside it.
 *
 * A browser can have its session as a cookie instead, which no script can read. The cookie is a token that is good for the
 * whole session, because the database looks at the session with every request. It names no tenant.
 */
#ifndef TENANTD_SERVICE_ACCOUNTS_H
#define TENANTD_SERVICE_ACCOUNTS_H

#include "core/config.h"
#include "core/context.h"
#include "core/error.h"
#include "crypto/signer.h"

/* What a worker needs for accounts. */
struct accounts {
	const struct config *config;
	const struct signer *signer; /* NULL: there are no accounts here */
	/* Waits for the worker's turn to compute a password; false when it does not come. They are called through this
	 * table, because this room may not include the pool. NULL: there is nobody to wait for. */
	bool (*begin)(void);
	void (*end)(void);
};

/* What signing up and signing in answer. */
struct signed_in {
	struct str json;
	struct str cookie; /* for Set-Cookie; empty unless the session is a cookie */
	bool is_to_confirm; /* there is no session, and no json: the address must be confirmed first */
};

/* `__Host-tenantd` when this server is reached by https, as [accounts] issuer says; else `tenantd`. */
struct str account_cookie_name(const struct accounts *accounts);
/* For Set-Cookie: takes the cookie away. */
struct str account_cookie_end(const struct context *ctx);

/* What a person signs up or in with. The fields have passed the forms of the routes. */
struct credentials {
	struct str email, password;
	struct str name; /* of who signs up; may be empty */
	struct str client; /* the User-Agent; may be empty */
	bool by_cookie; /* the session is to be a cookie */
};
/* ERR_CONFLICT when there is an account with this email; ERR_FORBIDDEN when [accounts] signup is closed. When it is `confirmed`,
 * it succeeds either way, and a mail says which. */
MUST_CHECK bool account_signup(
	const struct context *ctx, const struct credentials *given, struct signed_in *out, struct error *err);
/* ERR_UNAUTHENTICATED for a wrong password and for an unknown email, in the same time. */
MUST_CHECK bool account_login(
	const struct context *ctx, const struct credentials *given, struct signed_in *out, struct error *err);
/* ERR_UNAUTHENTICATED when the token is not the newest of a session that lives. */
MUST_CHECK bool account_refresh(
	const struct context *ctx, struct str refresh_token, struct str *json, struct error *err);
/* `body` is the checked body of the route. ERR_FORBIDDEN for a caller by cookie, whose scripts must not get a token. */
MUST_CHECK bool account_switch(
	const struct context *ctx, struct str body, struct str *json, struct error *err);
/* ERR_FORBIDDEN when the present password is wrong. */
MUST_CHECK bool account_password(
	const struct context *ctx, struct str present, struct str password, struct error *err);
/* ERR_NOT_FOUND when the secret of the mail is not good. */
MUST_CHECK bool account_reset(
	const struct context *ctx, struct str secret, struct str password, struct error *err);

#endif

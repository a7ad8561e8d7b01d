/*
 * The accounts of tenantd's own issuer: sign-up, sign-in, and what comes of them. A password is computed here and compared
 * in the database (db/functions/accounts.sql); neither learns what the other keeps. Signing in and changing a password take
 * two round trips, because the salt must be known first; everything else takes one.
 *
 * The answers are the token response of OAuth 2.0 (RFC 6749, 5.1) with `user` and `tenant` beside it.
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

/* The fields have passed the forms of the routes. `client` is the User-Agent; it may be empty. */
struct signup {
	struct str email, password, name, client;
};
/* ERR_CONFLICT when there is an account with this email; ERR_FORBIDDEN when [accounts] signup is closed. */
MUST_CHECK bool account_signup(
	const struct context *ctx, const struct signup *given, struct str *json, struct error *err);
/* ERR_UNAUTHENTICATED for a wrong password and for an unknown email, in the same time. */
MUST_CHECK bool account_login(const struct context *ctx, struct str email, struct str password,
	struct str client, struct str *json, struct error *err);
/* ERR_UNAUTHENTICATED when the token is not the newest of a session that lives. */
MUST_CHECK bool account_refresh(
	const struct context *ctx, struct str refresh_token, struct str *json, struct error *err);
/* `body` is the checked body of the route. */
MUST_CHECK bool account_switch(
	const struct context *ctx, struct str body, struct str *json, struct error *err);
/* ERR_FORBIDDEN when the present password is wrong. */
MUST_CHECK bool account_password(
	const struct context *ctx, struct str present, struct str password, struct error *err);
/* ERR_NOT_FOUND when the secret of the mail is not good. */
MUST_CHECK bool account_reset(
	const struct context *ctx, struct str secret, struct str password, struct error *err);

#endif

/* /v1/auth: people who sign up and sign in here, with tenantd as the issuer of their tokens. */
#include "api/families.h"

#include "api/relay.h"
#include "core/json.h"
#include "core/limits.h"
#include "service/accounts.h"

/* ---- what is taken */

/* Its strength is looked at where it becomes an account's password; here it only has to be possible. */
static bool password_fits(struct str field, struct str value, struct error *err)
{
	enum { BYTES = LIMIT_PASSWORD * 4 };
	return (value.len > 0 && value.len <= BYTES) || error_field(err, field, "is empty or too long");
}

static bool secret_fits(struct str field, struct str value, struct error *err)
{
	enum { BYTES = 128 };
	return (value.len > 0 && value.len <= BYTES) || error_field(err, field, "is empty or too long");
}

static const struct type password = {
	.kind = JSON_STRING, .json = "\"format\":\"password\"", .is_exact = true, .check = password_fits
};
static const struct type secret = { .kind = JSON_STRING, .check = secret_fits };

static const struct field signup_fields[] = {
	{ "email", &type_email, REQUIRED },
	{ "password", &password, REQUIRED },
	{ "name", &type_name, NULLABLE },
	{ "cookie", &type_bool, 0 },
	FIELDS_END,
};
static const struct type signup = { .name = "Signup",
	.purpose =
		"A new account; the password has 10 to 1,000 characters. With `cookie`, the session is a cookie",
	.kind = JSON_OBJECT,
	.fields = signup_fields };

static const struct field login_fields[] = {
	{ "email", &type_email, REQUIRED },
	{ "password", &password, REQUIRED },
	{ "cookie", &type_bool, 0 },
	FIELDS_END,
};
static const struct type login = { .name = "Login",
	.purpose = "Who signs in; with `cookie`, the session is a cookie",
	.kind = JSON_OBJECT,
	.fields = login_fields };

static const struct field refresh_fields[] = {
	{ "refresh_token", &secret, REQUIRED },
	FIELDS_END,
};
static const struct type refresh = { .name = "Refresh",
	.purpose = "The newest refresh token of the session",
	.kind = JSON_OBJECT,
	.fields = refresh_fields };

static const struct field switch_fields[] = {
	{ "tenant_id", &type_uuid, REQUIRED },
	FIELDS_END,
};
static const struct type switch_to = { .name = "SwitchTenant",
	.purpose = "A tenant in which the caller is an active member",
	.kind = JSON_OBJECT,
	.fields = switch_fields };

static const struct field change_fields[] = {
	{ "current_password", &password, REQUIRED },
	{ "password", &password, REQUIRED },
	FIELDS_END,
};
static const struct type change = { .name = "PasswordChange",
	.purpose = "The present password and the new one",
	.kind = JSON_OBJECT,
	.fields = change_fields };

static const struct field address_fields[] = {
	{ "email", &type_email, REQUIRED },
	FIELDS_END,
};
static const struct type address = {
	.name = "AccountEmail", .purpose = "An account's address", .kind = JSON_OBJECT, .fields = address_fields
};

static const struct field reset_fields[] = {
	{ "token", &secret, REQUIRED },
	{ "password", &password, REQUIRED },
	FIELDS_END,
};
static const struct type reset = { .name = "PasswordReset",
	.purpose = "The secret of the mail and the new password",
	.kind = JSON_OBJECT,
	.fields = reset_fields };

static const struct field verify_fields[] = {
	{ "token", &secret, REQUIRED },
	FIELDS_END,
};
static const struct type verify = {
	.name = "EmailVerify", .purpose = "The secret of the mail", .kind = JSON_OBJECT, .fields = verify_fields
};

/* ---- what is answered */

static const struct field user_fields[] = {
	{ "id", &type_uuid, REQUIRED },
	{ "email", &type_text, REQUIRED },
	{ "email_verified", &type_bool, REQUIRED },
	{ "name", &type_text, REQUIRED | NULLABLE },
	{ "system_admin", &type_bool, REQUIRED },
	{ "created_at", &type_time, REQUIRED },
	FIELDS_END,
};
static const struct type user = {
	.name = "Account", .purpose = "Who signed in", .kind = JSON_OBJECT, .fields = user_fields
};

static const struct field tenant_fields[] = {
	{ "id", &type_uuid, REQUIRED },
	{ "slug", &type_text, REQUIRED },
	{ "name", &type_text, REQUIRED },
	{ "organization_name", &type_text, REQUIRED | NULLABLE },
	{ "status", &type_tenant_status, REQUIRED },
	{ "role", &type_role, REQUIRED },
	FIELDS_END,
};
static const struct type tenant = { .name = "TokenTenant",
	.purpose = "The tenant that the token names",
	.kind = JSON_OBJECT,
	.fields = tenant_fields };

/* What a browser gets whose session is a cookie has no token in it. */
static const struct field signed_fields[] = {
	{ "access_token", &type_text, 0 },
	{ "token_type", &type_text, 0 },
	{ "expires_in", &type_integer, REQUIRED },
	{ "refresh_token", &type_text, 0 },
	{ "user", &user, REQUIRED },
	{ "tenant", &tenant, REQUIRED | NULLABLE },
	FIELDS_END,
};
static const struct type signed_in = { .name = "SignedIn",
	.purpose = "A session: a token response (RFC 6749) or, as a cookie, when that ends",
	.kind = JSON_OBJECT,
	.fields = signed_fields };

static const struct field token_fields[] = {
	{ "access_token", &type_text, REQUIRED },
	{ "token_type", &type_text, REQUIRED },
	{ "expires_in", &type_integer, REQUIRED },
	{ "refresh_token", &type_text, REQUIRED },
	{ "user", &user, REQUIRED },
	{ "tenant", &tenant, REQUIRED | NULLABLE },
	FIELDS_END,
};
static const struct type token = { .name = "Token",
	.purpose = "A token response (RFC 6749), and whose it is",
	.kind = JSON_OBJECT,
	.fields = token_fields };

static const struct field session_fields[] = {
	{ "id", &type_uuid, REQUIRED },
	{ "env", &type_env, REQUIRED },
	{ "client", &type_text, REQUIRED | NULLABLE },
	{ "created_at", &type_time, REQUIRED },
	{ "used_at", &type_time, REQUIRED },
	{ "expires_at", &type_time, REQUIRED },
	{ "current", &type_bool, REQUIRED },
	FIELDS_END,
};
static const struct type session = { .name = "Session",
	.purpose = "A sign-in that has not ended",
	.kind = JSON_OBJECT,
	.fields = session_fields };

/* ---- the handlers */

/* A text of the checked body; empty when it is not there or null. */
static struct str text_of_body(const struct context *ctx, const struct call *call, const char *name)
{
	struct error ignored = ERROR_INIT;
	struct str text;
	return json_string(json_get(json_parse(ctx->arena, call->body, &ignored), str_c(name)), &text) ? text
																								   : STR("");
}

static struct credentials credentials_of(const struct context *ctx, const struct call *call)
{
	struct error ignored = ERROR_INIT;
	struct credentials given = { text_of_body(ctx, call, "email"), text_of_body(ctx, call, "password"),
		text_of_body(ctx, call, "name"), call->request->headers[HEADER_USER_AGENT], false };
	if (!json_bool(json_get(json_parse(ctx->arena, call->body, &ignored), STR("cookie")), &given.by_cookie))
		given.by_cookie = false;
	return given;
}

static void answer_session(const struct call *call, struct response *res, const struct signed_in *made)
{
	if (!str_is_empty(made->cookie))
		response_header(res, "Set-Cookie", made->cookie);
	response_json(res, call->route->status, made->json);
}

static bool signup_post(
	const struct context *ctx, const struct call *call, struct response *res, struct error *err)
{
	struct signed_in out;
	const struct credentials given = credentials_of(ctx, call);
	if (!account_signup(ctx, &given, &out, err))
		return false;
	if (out.is_to_confirm)
		response_json(res, 202, STR("{\"status\":\"confirmation_sent\"}"));
	else
		answer_session(call, res, &out);
	return true;
}

static bool login_post(
	const struct context *ctx, const struct call *call, struct response *res, struct error *err)
{
	struct signed_in out;
	const struct credentials given = credentials_of(ctx, call);
	if (!account_login(ctx, &given, &out, err))
		return false;
	answer_session(call, res, &out);
	return true;
}

/* The routes that end the caller's own session take its cookie away as well. */
static bool logout_post(
	const struct context *ctx, const struct call *call, struct response *res, struct error *err)
{
	if (!relay(ctx, call, res, err))
		return false;
	if (ctx->by_cookie)
		response_header(res, "Set-Cookie", account_cookie_end(ctx));
	return true;
}

static bool refresh_post(
	const struct context *ctx, const struct call *call, struct response *res, struct error *err)
{
	struct str json;
	if (!account_refresh(ctx, text_of_body(ctx, call, "refresh_token"), &json, err))
		return false;
	response_json(res, call->route->status, json);
	return true;
}

static bool switch_post(
	const struct context *ctx, const struct call *call, struct response *res, struct error *err)
{
	struct str json;
	if (!account_switch(ctx, call->body, &json, err))
		return false;
	response_json(res, call->route->status, json);
	return true;
}

static bool password_post(
	const struct context *ctx, const struct call *call, struct response *res, struct error *err)
{
	if (!account_password(
			ctx, text_of_body(ctx, call, "current_password"), text_of_body(ctx, call, "password"), err))
		return false;
	response_empty(res, call->route->status);
	return true;
}

static bool reset_post(
	const struct context *ctx, const struct call *call, struct response *res, struct error *err)
{
	if (!account_reset(ctx, text_of_body(ctx, call, "token"), text_of_body(ctx, call, "password"), err))
		return false;
	response_empty(res, call->route->status);
	return true;
}

/* ---- the routes */

static const struct route rows[] = {
	{ METHOD_POST, "/v1/auth/signup", CALLER_VISITOR, { LEAST_ANYBODY, TENANT_ANY }, 201, "signup",
		"Make an account, a tenant in onboarding and a session; 202 without a session where addresses are confirmed first",
		.body = &signup, .answer = &signed_in, .handle = signup_post,
		.flags = ROUTE_SHORT | ROUTE_OF_ACCOUNTS,
		.limits = { { PER_ADDRESS, RATE(signup_per_address) }, { PER_ACCOUNT, RATE(mail_per_account) } } },
	{ METHOD_POST, "/v1/auth/login", CALLER_VISITOR, { LEAST_ANYBODY, TENANT_ANY }, 200, "login",
		"Sign in: a token for the earliest active membership", .body = &login, .answer = &signed_in,
		.handle = login_post, .flags = ROUTE_SHORT | ROUTE_OF_ACCOUNTS,
		.limits = { { PER_ADDRESS, RATE(login_per_address) }, { PER_ACCOUNT, RATE(login_per_account) } } },
	{ METHOD_POST, "/v1/auth/refresh", CALLER_VISITOR, { LEAST_ANYBODY, TENANT_ANY }, 200, "refresh",
		"The next access token and refresh token of a session", .body = &refresh, .answer = &token,
		.handle = refresh_post, .flags = ROUTE_SHORT | ROUTE_OF_ACCOUNTS,
		.limits = { { PER_ADDRESS, RATE(refresh_per_address) } } },
	{ METHOD_POST, "/v1/auth/switch-tenant", CALLER_TOKEN, { LEAST_ANYBODY, TENANT_ANY }, 200, "switchTenant",
		"A token for another tenant of the caller", .body = &switch_to, .answer = &token,
		.handle = switch_post, .flags = ROUTE_SHORT | ROUTE_OF_ACCOUNTS },
	{ METHOD_POST, "/v1/auth/logout", CALLER_TOKEN, { LEAST_ANYBODY, TENANT_ANY }, 204, "logout",
		"End the session of the token; its tokens are worth nothing from then on", .verb = &session_logout,
		.handle = logout_post, .flags = ROUTE_SHORT | ROUTE_OF_ACCOUNTS },
	{ METHOD_POST, "/v1/auth/logout-everywhere", CALLER_TOKEN, { LEAST_ANYBODY, TENANT_ANY }, 204,
		"logoutEverywhere", "End all sessions of the caller", .verb = &session_logout_everywhere,
		.handle = logout_post, .flags = ROUTE_SHORT | ROUTE_OF_ACCOUNTS },
	{ METHOD_GET, "/v1/auth/sessions", CALLER_TOKEN, { LEAST_ANYBODY, TENANT_ANY }, 200, "listSessions",
		"The caller's sessions, the newest first", .answer = ARRAY_OF(session), .verb = &session_list,
		.flags = ROUTE_SHORT | ROUTE_OF_ACCOUNTS },
	{ METHOD_DELETE, "/v1/auth/sessions/{session_id}", CALLER_TOKEN, { LEAST_ANYBODY, TENANT_ANY }, 204,
		"endSession", "End one session of the caller", .verb = &session_end,
		.flags = ROUTE_SHORT | ROUTE_OF_ACCOUNTS },
	{ METHOD_POST, "/v1/auth/password", CALLER_TOKEN, { LEAST_ANYBODY, TENANT_ANY }, 204, "changePassword",
		"Change the password; the caller's other sessions end", .body = &change, .handle = password_post,
		.flags = ROUTE_SHORT | ROUTE_OF_ACCOUNTS, .limits = { { PER_ACCOUNT, RATE(login_per_account) } } },
	{ METHOD_POST, "/v1/auth/password/reset-request", CALLER_VISITOR, { LEAST_ANYBODY, TENANT_ANY }, 204,
		"requestPasswordReset", "Mail a link to an account's address; the same answer when there is none",
		.body = &address, .verb = &password_reset_request, .flags = ROUTE_SHORT | ROUTE_OF_ACCOUNTS,
		.limits = { { PER_ADDRESS, RATE(mail_per_address) }, { PER_ACCOUNT, RATE(mail_per_account) } } },
	{ METHOD_POST, "/v1/auth/password/reset", CALLER_VISITOR, { LEAST_ANYBODY, TENANT_ANY }, 204,
		"resetPassword", "Set a new password by the secret of the mail; all sessions end", .body = &reset,
		.handle = reset_post, .flags = ROUTE_SHORT | ROUTE_OF_ACCOUNTS,
		.limits = { { PER_ADDRESS, RATE(secret_per_address) } } },
	{ METHOD_POST, "/v1/auth/email/verify-request", CALLER_TOKEN, { LEAST_ANYBODY, TENANT_ANY }, 204,
		"requestEmailVerification", "Mail a link that proves the caller's address",
		.verb = &email_verify_request, .flags = ROUTE_SHORT | ROUTE_OF_ACCOUNTS,
		.limits = { { PER_ACCOUNT, RATE(mail_per_account) } } },
	{ METHOD_POST, "/v1/auth/email/verify", CALLER_VISITOR, { LEAST_ANYBODY, TENANT_ANY }, 204, "verifyEmail",
		"Prove an address by the secret of the mail", .body = &verify, .verb = &email_verify,
		.flags = ROUTE_SHORT | ROUTE_OF_ACCOUNTS, .limits = { { PER_ADDRESS, RATE(secret_per_address) } } },
};

const struct route_family accounts_family =
	FAMILY("accounts", "Signing up and signing in, when tenantd is the issuer", rows);

/*
 * Accounts of tenantd's own issuer: sign-up, sign-in, sessions and what mails carry, as people use them and as attackers try
 * them.
 */
#include "core/clock.h"
#include "crypto/token.h"
#include "support/files.h"
#include "support/http.h"
#include "support/stack.h"
#include "support/unit.h"

#include <unistd.h>

#define PASSWORD "a fine long phrase"

static struct http_reply post(const char *target, const char *bearer, const char *body)
{
	return HTTP("POST", target, .token = bearer, .env = "dev", .body = body);
}

static struct http_reply get(const char *target, const char *bearer)
{
	return HTTP("GET", target, .token = bearer, .env = "dev");
}

static const char *address(const char *name)
{
	return text_of("%s@example.com", someone(name));
}

static struct http_reply signup(const char *email)
{
	return post("/v1/auth/signup", NULL,
		text_of("{\"email\":\"%s\",\"password\":\"" PASSWORD "\",\"name\":\"Una\"}", email));
}

static struct http_reply login(const char *email, const char *password)
{
	return post("/v1/auth/login", NULL, text_of("{\"email\":\"%s\",\"password\":\"%s\"}", email, password));
}

static struct http_reply refresh(const char *refresh_token)
{
	return post("/v1/auth/refresh", NULL, text_of("{\"refresh_token\":\"%s\"}", refresh_token));
}

/* The secret in the newest mail of this kind to this address; "" when there is none. */
static const char *mailed(const char *kind, const char *email)
{
	return ask("SELECT params ->> 'token' FROM tenantd.mail_outbox WHERE kind = '%s' AND recipient = '%s'"
			   " ORDER BY created_at DESC LIMIT 1",
		kind, email);
}

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static const char *user_of(const struct http_reply *r)
{
	return http_text(r, "user.id");
}

static void signing_up_makes_an_account_a_tenant_and_a_session(void)
{
	const char *email = address("new");
	struct http_reply r = signup(email);
	CU_ASSERT(http_is(&r, 201, ""));
	CU_ASSERT_STRING_EQUAL(http_text(&r, "token_type"), "Bearer");
	CU_ASSERT_STRING_EQUAL(http_text(&r, "user.email"), email);
	CU_ASSERT_STRING_EQUAL(http_text(&r, "tenant.status"), "onboarding");
	CU_ASSERT_STRING_EQUAL(http_text(&r, "tenant.role"), "owner");
	CU_ASSERT(body_has(&r, "\"organization_name\":null"));
	CU_ASSERT(header_is(&r, "Cache-Control", "no-store"));
	const char *bearer = http_text(&r, "access_token"), *tenant = http_text(&r, "tenant.id");
	struct http_reply own = get("/v1/tenant", bearer);
	CU_ASSERT(http_is(&own, 200, ""));
	CU_ASSERT_STRING_EQUAL(http_text(&own, "id"), tenant);
	/* A bootstrap finds this tenant and does not make another. */
	struct http_reply again = post("/v1/auth/bootstrap", bearer, NULL);
	CU_ASSERT(http_is(&again, 200, ""));
	CU_ASSERT_STRING_EQUAL(http_text(&again, "tenant_id"), tenant);
	CU_ASSERT_EQUAL(events_of(tenant, "tenant.created"), 1);
	CU_ASSERT_EQUAL(events_of(tenant, "member.joined"), 1);
	CU_ASSERT_EQUAL(
		ask_number("SELECT count(*) FROM tenantd.system_events WHERE actor_id = '%s' AND action IN"
				   " ('user.created', 'account.created', 'session.created')",
			user_of(&r)),
		3);
	CU_ASSERT(*mailed("email_verify", email) != '\0');
	CU_ASSERT_EQUAL(stack_log(PASSWORD, NULL), 0);
	CU_ASSERT_EQUAL(stack_log(http_text(&r, "refresh_token"), NULL), 0);
	http_forget();
}

/* T76, T38 */
static void what_cannot_be_an_account_is_refused(void)
{
	static const struct {
		const char *body, *field;
	} bad[] = {
		{ "{\"email\":\"bad\",\"password\":\"" PASSWORD "\"}", "email" },
		{ "{\"email\":\"a@example.com\"}", "password" },
		{ "{\"email\":\"a@example.com\",\"password\":\"too short\"}", "password" },
		{ "{\"email\":\"a@example.com\",\"password\":\"Password123\"}", "password" },
		{ "{\"email\":\"a@example.com\",\"password\":\"1234567890123\"}", "password" },
		{ "{\"email\":\"a@example.com\",\"password\":\"zzzzzzzzzzzz\"}", "password" },
		{ "{\"email\":\"abcdefabcdef@example.com\",\"password\":\"abcdefABCDEF\"}", "password" },
		{ "{\"email\":\"a@example.com\",\"password\":\"" PASSWORD "\",\"system_admin\":true}",
			"system_admin" },
		{ "{\"email\":\"a@example.com\",\"password\":\"" PASSWORD "\",\"name\":\"a\\u202eb\"}", "name" },
	};
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		struct http_reply r = post("/v1/auth/signup", NULL, bad[i].body);
		CU_ASSERT(http_is(&r, 400, "invalid_request") && is_field(&r, bad[i].field));
	}
	/* The spaces around a password are part of it, and a thousand characters are few enough. */
	const char *email = address("spaces");
	struct http_reply r =
		post("/v1/auth/signup", NULL, text_of("{\"email\":\"%s\",\"password\":\"  %0*d ü\"}", email, 990, 7));
	CU_ASSERT(http_is(&r, 201, ""));
	r = login(email, text_of("%0*d ü", 990, 7));
	CU_ASSERT(http_is(&r, 401, "unauthenticated"));
	r = login(email, text_of("  %0*d ü", 990, 7));
	CU_ASSERT(http_is(&r, 200, ""));
	http_forget();
}

enum { PARALLEL = 16 };

struct race {
	const char *given;
	int statuses[PARALLEL];
};

static void sign_up_too(size_t number, void *arg)
{
	struct race *race = arg;
	race->statuses[number] = signup(race->given).status;
	http_forget();
}

static size_t count_status(const struct race *race, int status)
{
	size_t count = 0;
	for (size_t i = 0; i < PARALLEL; i++)
		count += race->statuses[i] == status;
	return count;
}

static void an_address_has_one_account(void)
{
	struct race race = { address("both"), { 0 } };
	in_parallel(PARALLEL, sign_up_too, &race);
	CU_ASSERT_EQUAL(count_status(&race, 201), 1);
	CU_ASSERT_EQUAL(count_status(&race, 201) + count_status(&race, 409) + count_status(&race, 429), PARALLEL);
	struct http_reply r = signup(text_of("BOTH%s", race.given + 4));
	CU_ASSERT(http_is(&r, 409, "conflict"));
	CU_ASSERT_EQUAL(
		ask_number("SELECT count(*) FROM tenantd.users WHERE lower(email) = '%s'", race.given), 1);
	r = login(text_of("BOTH%s", race.given + 4), PASSWORD);
	CU_ASSERT(http_is(&r, 200, ""));
	http_forget();
}

/* The answer apart from its trace. */
static const char *without_trace(const struct http_reply *r)
{
	const char *at = strstr(r->body.at, ",\"trace_id\"");
	return at ? text_of("%.*s", (int)(at - r->body.at), r->body.at) : r->body.at;
}

/* T119: nothing tells a wrong password from an unknown email. Both compute a password; src/service/accounts.c has no other
 * way. */
static void who_has_an_account_is_not_told(void)
{
	const char *email = address("known"), *unknown = address("unknown");
	struct http_reply r = signup(email);
	CU_ASSERT(http_is(&r, 201, ""));
	struct http_reply wrong = login(email, "another long phrase"),
					  none = login(unknown, "another long phrase");
	CU_ASSERT(http_is(&wrong, 401, "unauthenticated") && http_is(&none, 401, "unauthenticated"));
	CU_ASSERT_STRING_EQUAL(without_trace(&wrong), without_trace(&none));
	struct http_reply one =
						  post("/v1/auth/password/reset-request", NULL, text_of("{\"email\":\"%s\"}", email)),
					  other = post(
						  "/v1/auth/password/reset-request", NULL, text_of("{\"email\":\"%s\"}", unknown));
	CU_ASSERT(http_is(&one, 204, "") && http_is(&other, 204, ""));
	CU_ASSERT(*mailed("password_reset", email) != '\0');
	CU_ASSERT_STRING_EQUAL(mailed("password_reset", unknown), "");
	http_forget();
}

static void signing_in_enters_the_earliest_active_membership(void)
{
	const char *email = address("many");
	struct http_reply r = signup(email);
	const char *own = http_text(&r, "tenant.id"), *user = user_of(&r);
	const char *older = active_tenant_of(someone("older"));
	sql("INSERT INTO tenantd.tenant_members (tenant_id, env, user_id, role, status, joined_at)"
		" VALUES ('%s', 'dev', '%s', 'tenant_admin', 'active', now() - interval '1 year')",
		older, user);
	r = login(email, PASSWORD);
	CU_ASSERT_STRING_EQUAL(http_text(&r, "tenant.id"), older);
	CU_ASSERT_STRING_EQUAL(http_text(&r, "tenant.role"), "tenant_admin");
	const char *refresh_token = http_text(&r, "refresh_token");
	/* A session stays in its tenant, and finds another when its user is no member there any more. */
	r = post("/v1/auth/switch-tenant", http_text(&r, "access_token"), text_of("{\"tenant_id\":\"%s\"}", own));
	CU_ASSERT(http_is(&r, 200, ""));
	CU_ASSERT_STRING_EQUAL(http_text(&r, "tenant.id"), own);
	struct http_reply late = refresh(refresh_token);
	CU_ASSERT(http_is(&late, 401, "unauthenticated"));
	r = login(email, PASSWORD);
	sql("UPDATE tenantd.tenant_members SET status = 'suspended' WHERE user_id = '%s' AND tenant_id = '%s'",
		user, older);
	r = refresh(http_text(&r, "refresh_token"));
	CU_ASSERT_STRING_EQUAL(http_text(&r, "tenant.id"), own);
	/* Without one, the token names no tenant. */
	sql("UPDATE tenantd.tenants SET status = 'suspended' WHERE id = '%s';"
		"UPDATE tenantd.tenant_members SET status = 'removed' WHERE user_id = '%s'",
		own, user);
	r = refresh(http_text(&r, "refresh_token"));
	CU_ASSERT(http_is(&r, 200, "") && body_has(&r, "\"tenant\":null"));
	r = get("/v1/tenant", http_text(&r, "access_token"));
	CU_ASSERT(http_is(&r, 400, "tenant_required"));
	http_forget();
}

/* T25, T64, T18 */
static void nobody_switches_to_where_they_do_not_belong(void)
{
	static const struct {
		const char *status;
		int answer;
		const char *code;
	} all[] = {
		{ "removed", 404, "tenant_not_found" },
		{ "rejected", 404, "tenant_not_found" },
		{ "pending", 403, "membership_pending" },
		{ "suspended", 403, "membership_suspended" },
	};
	struct http_reply own = signup(address("switcher"));
	const char *bearer = http_text(&own, "access_token");
	struct http_reply foreign = post("/v1/auth/switch-tenant", bearer,
						  text_of("{\"tenant_id\":\"%s\"}", active_tenant_of(someone("foreign")))),
					  unknown = post("/v1/auth/switch-tenant", bearer,
						  "{\"tenant_id\":\"99999999-9999-4999-8999-999999999999\"}");
	CU_ASSERT(http_is(&foreign, 404, "tenant_not_found") && http_is(&unknown, 404, "tenant_not_found"));
	CU_ASSERT_STRING_EQUAL(without_trace(&foreign), without_trace(&unknown));
	for (size_t i = 0; i < COUNT_OF(all); i++) {
		const char *tenant = active_tenant_of(someone("other"));
		sql("INSERT INTO tenantd.tenant_members (tenant_id, env, user_id, status) VALUES ('%s', 'dev', '%s', '%s')",
			tenant, user_of(&own), all[i].status);
		struct http_reply r =
			post("/v1/auth/switch-tenant", bearer, text_of("{\"tenant_id\":\"%s\"}", tenant));
		CU_ASSERT(http_is(&r, all[i].answer, all[i].code));
	}
	http_forget();
}

static void a_refresh_token_is_good_once(void)
{
	struct http_reply r = signup(address("fresh"));
	const char *first = http_text(&r, "refresh_token"), *old = http_text(&r, "access_token");
	r = refresh(first);
	CU_ASSERT(http_is(&r, 200, ""));
	const char *second = http_text(&r, "refresh_token"), *bearer = http_text(&r, "access_token");
	CU_ASSERT_STRING_NOT_EQUAL(second, first);
	struct http_reply me = get("/v1/auth/me", old);
	CU_ASSERT(http_is(&me, 200, ""));
	/* T13: it is no access token, nor is an access token one. */
	me = get("/v1/auth/me", second);
	CU_ASSERT(http_is(&me, 401, "unauthenticated"));
	me = refresh(text_of("%.*s", 100, bearer));
	CU_ASSERT(http_is(&me, 401, "unauthenticated"));
	/* Used again, it ends the session: the thief's tokens and the owner's. */
	r = refresh(first);
	CU_ASSERT(http_is(&r, 401, "unauthenticated"));
	r = refresh(second);
	CU_ASSERT(http_is(&r, 401, "unauthenticated"));
	me = get("/v1/auth/me", bearer);
	CU_ASSERT(http_is(&me, 401, "unauthenticated"));
	me = get("/v1/tenant", bearer);
	CU_ASSERT(http_is(&me, 401, "unauthenticated"));
	http_forget();
}

static void refresh_too(size_t number, void *arg)
{
	struct race *race = arg;
	race->statuses[number] = refresh(race->given).status;
	http_forget();
}

static void of_many_refreshes_at_once_one_wins_at_most(void)
{
	struct http_reply r = signup(address("racer"));
	struct race race = { http_text(&r, "refresh_token"), { 0 } };
	in_parallel(PARALLEL, refresh_too, &race);
	CU_ASSERT_EQUAL(count_status(&race, 200), 1);
	CU_ASSERT_EQUAL(count_status(&race, 401), PARALLEL - 1);
	struct http_reply me = get("/v1/auth/me", http_text(&r, "access_token"));
	CU_ASSERT(http_is(&me, 401, "unauthenticated"));
	http_forget();
}

/* A refresh token is of one env, like everything else. */
static void a_session_is_of_one_env(void)
{
	struct http_reply r = signup(address("env"));
	const char *token = http_text(&r, "refresh_token");
	r = HTTP("POST", "/v1/auth/refresh", .env = "prod", .body = text_of("{\"refresh_token\":\"%s\"}", token));
	CU_ASSERT(http_is(&r, 401, "unauthenticated"));
	r = refresh(token);
	CU_ASSERT(http_is(&r, 200, ""));
	http_forget();
}

/* T20 */
static void what_is_logged_out_is_out_at_once(void)
{
	const char *email = address("leaver");
	struct http_reply one = signup(email), two = login(email, PASSWORD), three = login(email, PASSWORD);
	const char *bearer = http_text(&two, "access_token");
	struct http_reply r = post("/v1/auth/logout", http_text(&one, "access_token"), NULL);
	CU_ASSERT(http_is(&r, 204, ""));
	r = get("/v1/tenant", http_text(&one, "access_token"));
	CU_ASSERT(http_is(&r, 401, "unauthenticated") && body_has(&r, "sign in again"));
	r = refresh(http_text(&one, "refresh_token"));
	CU_ASSERT(http_is(&r, 401, "unauthenticated"));
	r = get("/v1/auth/sessions", bearer);
	CU_ASSERT(http_is(&r, 200, ""));
	CU_ASSERT_EQUAL(json_count(r.json), 2);
	/* Somebody else's session is one that does not exist. */
	struct http_reply other = signup(address("other"));
	const char *third =
		ask("SELECT id FROM tenantd.sessions WHERE user_id = '%s' ORDER BY created_at DESC LIMIT 1",
			user_of(&one));
	const char *path = text_of("/v1/auth/sessions/%s", third);
	r = HTTP("DELETE", path, .token = http_text(&other, "access_token"));
	CU_ASSERT(http_is(&r, 404, "not_found"));
	r = HTTP("DELETE", path, .token = bearer);
	CU_ASSERT(http_is(&r, 204, ""));
	r = HTTP("DELETE", path, .token = bearer);
	CU_ASSERT(http_is(&r, 404, "not_found"));
	r = get("/v1/auth/me", http_text(&three, "access_token"));
	CU_ASSERT(http_is(&r, 401, "unauthenticated"));
	three = login(email, PASSWORD);
	r = post("/v1/auth/logout-everywhere", bearer, NULL);
	CU_ASSERT(http_is(&r, 204, ""));
	r = get("/v1/auth/me", bearer);
	CU_ASSERT(http_is(&r, 401, "unauthenticated"));
	r = get("/v1/auth/me", http_text(&three, "access_token"));
	CU_ASSERT(http_is(&r, 401, "unauthenticated"));
	r = get("/v1/auth/me", http_text(&other, "access_token"));
	CU_ASSERT(http_is(&r, 200, ""));
	CU_ASSERT_EQUAL(ask_number("SELECT count(*) FROM tenantd.system_events WHERE action = 'session.ended' AND"
							   " actor_id = '%s'",
						user_of(&one)),
		4);
	http_forget();
}

static void a_new_password_ends_the_other_sessions(void)
{
	const char *email = address("changer");
	struct http_reply one = signup(email), two = login(email, PASSWORD);
	const char *bearer = http_text(&one, "access_token");
	struct http_reply r = post("/v1/auth/password", bearer,
		"{\"current_password\":\"not this phrase\",\"password\":\"another long phrase\"}");
	CU_ASSERT(http_is(&r, 403, "forbidden") && body_has(&r, "present password"));
	r = post("/v1/auth/password", bearer, "{\"current_password\":\"" PASSWORD "\",\"password\":\"short\"}");
	CU_ASSERT(http_is(&r, 400, "invalid_request") && is_field(&r, "password"));
	r = post("/v1/auth/password", bearer,
		"{\"current_password\":\"" PASSWORD "\",\"password\":\"another long phrase\"}");
	CU_ASSERT(http_is(&r, 204, ""));
	r = get("/v1/auth/me", bearer);
	CU_ASSERT(http_is(&r, 200, ""));
	r = get("/v1/auth/me", http_text(&two, "access_token"));
	CU_ASSERT(http_is(&r, 401, "unauthenticated"));
	r = login(email, PASSWORD);
	CU_ASSERT(http_is(&r, 401, "unauthenticated"));
	r = login(email, "another long phrase");
	CU_ASSERT(http_is(&r, 200, ""));
	CU_ASSERT_EQUAL(ask_number("SELECT count(*) FROM tenantd.mail_outbox WHERE kind = 'password_changed' AND"
							   " recipient = '%s'",
						email),
		1);
	http_forget();
}

static struct http_reply reset(const char *secret, const char *password)
{
	return post(
		"/v1/auth/password/reset", NULL, text_of("{\"token\":\"%s\",\"password\":\"%s\"}", secret, password));
}

/* T62 */
static void a_mailed_secret_sets_a_password_once(void)
{
	const char *email = address("forgetful"), *body = text_of("{\"email\":\"%s\"}", email);
	struct http_reply one = signup(email);
	struct http_reply r = post("/v1/auth/password/reset-request", NULL, body);
	CU_ASSERT(http_is(&r, 204, ""));
	const char *older = text_of("%s", mailed("password_reset", email));
	r = post("/v1/auth/password/reset-request", NULL, body);
	const char *secret = text_of("%s", mailed("password_reset", email));
	CU_ASSERT_EQUAL(
		ask_number(
			"SELECT count(*) FROM tenantd.account_secrets WHERE position('%s' IN encode(digest, 'escape')) > 0",
			secret),
		0);
	r = reset(older, "another long phrase");
	CU_ASSERT(http_is(&r, 404, "not_found") && body_has(&r, "newer one was sent"));
	r = reset(mailed("email_verify", email), "another long phrase");
	CU_ASSERT(http_is(&r, 404, "not_found"));
	r = reset(secret, "short");
	CU_ASSERT(http_is(&r, 400, "invalid_request"));
	r = reset(secret, "another long phrase");
	CU_ASSERT(http_is(&r, 204, ""));
	r = reset(secret, "a third long phrase");
	CU_ASSERT(http_is(&r, 404, "not_found"));
	r = get("/v1/auth/me", http_text(&one, "access_token"));
	CU_ASSERT(http_is(&r, 401, "unauthenticated"));
	r = login(email, "another long phrase");
	CU_ASSERT(http_is(&r, 200, "") && body_has(&r, "\"email_verified\":true"));
	r = post("/v1/auth/password/reset-request", NULL, body);
	secret = text_of("%s", mailed("password_reset", email));
	sql("UPDATE tenantd.account_secrets SET expires_at = now() WHERE user_id = '%s'", user_of(&one));
	r = reset(secret, "a third long phrase");
	CU_ASSERT(http_is(&r, 404, "not_found"));
	http_forget();
}

static void a_mailed_secret_proves_the_address(void)
{
	const char *email = address("proven");
	struct http_reply one = signup(email);
	const char *bearer = http_text(&one, "access_token");
	const char *secret = text_of("{\"token\":\"%s\"}", mailed("email_verify", email));
	struct http_reply r = post("/v1/auth/email/verify-request", bearer, NULL);
	CU_ASSERT(http_is(&r, 204, ""));
	r = post("/v1/auth/email/verify", NULL, secret);
	CU_ASSERT(http_is(&r, 404, "not_found"));
	secret = text_of("{\"token\":\"%s\"}", mailed("email_verify", email));
	r = post("/v1/auth/email/verify", NULL, secret);
	CU_ASSERT(http_is(&r, 204, ""));
	r = post("/v1/auth/email/verify", NULL, secret);
	CU_ASSERT(http_is(&r, 404, "not_found"));
	/* What the database knows counts, not what the token said some time ago. */
	r = post("/v1/auth/bootstrap", bearer, NULL);
	CU_ASSERT(http_is(&r, 200, ""));
	r = get("/v1/auth/me", bearer);
	CU_ASSERT(body_has(&r, "\"email_verified\":true"));
	r = post("/v1/auth/email/verify-request", bearer, NULL);
	CU_ASSERT(http_is(&r, 409, "conflict"));
	CU_ASSERT_EQUAL(ask_number("SELECT count(*) FROM tenantd.system_events WHERE action = 'user.updated' AND"
							   " actor_id = '%s' AND fields = '{email_verified}'",
						user_of(&one)),
		1);
	http_forget();
}

/* A token with these claims, signed with a key of the own issuer. */
static const char *forged(const char *kid, const char *claims)
{
	struct error err = ERROR_INIT;
	struct str pem, token = STR("");
	struct str path = str_c(text_of("%s/accounts/%s.pem", stack_dir(), kid));
	CU_ASSERT_FATAL(config_read_file(http_arena(), "key", path, LIMIT_KEY_FILE, true, &pem, &err) &&
		token_sign(http_arena(), STR("ES256"), str_c(kid), pem, str_c(claims), &token, &err));
	return arena_cstr(http_arena(), token);
}

static void a_token_of_the_own_issuer_names_a_session_that_lives(void)
{
	struct http_reply one = signup(address("session"));
	static const char form[] = "{\"iss\":\"http://accounts.tenantd.test\",\"aud\":\"tenantd\",\"sub\":\"%s\","
							   "\"env\":\"dev\",\"exp\":9999999999%s}";
	const char *session = ask("SELECT id FROM tenantd.sessions WHERE user_id = '%s'", user_of(&one));
	struct http_reply r = get("/v1/auth/me", forged("first", text_of(form, user_of(&one), "")));
	CU_ASSERT(http_is(&r, 401, "unauthenticated"));
	r = get("/v1/auth/me", forged("first", text_of(form, user_of(&one), ",\"sid\":\"x\"")));
	CU_ASSERT(http_is(&r, 401, "unauthenticated"));
	r = get("/v1/auth/me",
		forged("first", text_of(form, user_of(&one), ",\"sid\":\"99999999-9999-4999-8999-999999999999\"")));
	CU_ASSERT(http_is(&r, 401, "unauthenticated"));
	r = get(
		"/v1/auth/me", forged("first", text_of(form, user_of(&one), text_of(",\"sid\":\"%s\"", session))));
	CU_ASSERT(http_is(&r, 200, ""));
	/* Its session has ended when its time is over. */
	sql("UPDATE tenantd.sessions SET expires_at = now() WHERE id = '%s'", session);
	r = get("/v1/auth/me", http_text(&one, "access_token"));
	CU_ASSERT(http_is(&r, 401, "unauthenticated"));
	r = refresh(http_text(&one, "refresh_token"));
	CU_ASSERT(http_is(&r, 401, "unauthenticated"));
	http_forget();
}

/* T112: a new key is published before it signs, and the old one is known until it is retired. */
static void keys_rotate_with_an_overlap(void)
{
	struct str pem, jwk;
	struct error err = ERROR_INIT;
	const char *dir = text_of("%s/accounts", stack_dir());
	const char *first = text_of("%s/first.pem", dir), *second = text_of("%s/second.pem", dir);
	const char *email = address("rotated");
	struct http_reply before = signup(email);
	CU_ASSERT_FATAL(token_key_new(http_arena(), STR("EdDSA"), STR("second"), &pem, &jwk, &err));
	files_write(second, arena_cstr(http_arena(), pem), 0600);
	stack_reload();
	struct http_reply r = get("/.well-known/jwks.json", NULL);
	CU_ASSERT(body_has(&r, "\"kid\":\"first\"") && body_has(&r, "\"kid\":\"second\"") &&
		!strstr(r.body.at, "\"d\""));
	r = get("/.well-known/openid-configuration", NULL);
	CU_ASSERT(body_has(&r, "\"jwks_uri\":\"http://accounts.tenantd.test/.well-known/jwks.json\""));
	CU_ASSERT(body_has(&r, "\"tenantd_signup\":\"open\"") && body_has(&r, "\"tenantd_envs\":[\"dev\""));
	files_write(text_of("%s/active", dir), "second\n", 0600);
	stack_reload();
	struct http_reply after = login(email, PASSWORD);
	CU_ASSERT(http_is(&after, 200, ""));
	r = get("/v1/auth/me", http_text(&before, "access_token"));
	CU_ASSERT(http_is(&r, 200, ""));
	CU_ASSERT(rename(first, text_of("%s/first.kept", dir)) == 0);
	stack_reload();
	r = get("/v1/auth/me", http_text(&before, "access_token"));
	CU_ASSERT(http_is(&r, 401, "unauthenticated"));
	r = get("/v1/auth/me", http_text(&after, "access_token"));
	CU_ASSERT(http_is(&r, 200, ""));
	CU_ASSERT(rename(text_of("%s/first.kept", dir), first) == 0 && unlink(second) == 0);
	files_write(text_of("%s/active", dir), "first\n", 0600);
	stack_reload();
	http_forget();
}

/* T103 */
static void sign_ins_are_limited_for_an_account(void)
{
	stack_set("limits", "login_per_account", "3/h");
	stack_reload();
	const char *email = address("guessed");
	struct http_reply r = signup(email);
	CU_ASSERT(http_is(&r, 201, ""));
	for (int i = 0; i < 3; i++) {
		r = login(email, "not this phrase");
		CU_ASSERT(http_is(&r, 401, "unauthenticated"));
	}
	r = login(email, PASSWORD);
	CU_ASSERT(http_is(&r, 429, "too_many_requests") && http_header(&r, "Retry-After"));
	r = login(address("somebody"), "not this phrase");
	CU_ASSERT(http_is(&r, 401, "unauthenticated"));
	stack_set("limits", "login_per_account", "off");
	stack_reload();
	http_forget();
}

/* T103: a password that is computed for a request beyond its limits would take processors and turns from those who sign
 * in. What takes less than half of the time of a sign-in has computed none. */
static void beyond_its_limits_a_request_computes_no_password(void)
{
	enum { TRIES = 5 };
	int64_t sign_in = INT64_MAX, of_signup = INT64_MAX, of_reset = INT64_MAX;
	const char *email = address("computed");
	struct http_reply r = signup(email);
	CU_ASSERT(http_is(&r, 201, ""));
	stack_set("limits", "signup_per_address", "1/h");
	stack_set("limits", "secret_per_address", "1/h");
	stack_reload();
	r = signup(address("first"));
	CU_ASSERT(http_is(&r, 201, ""));
	r = reset("nobody's", PASSWORD);
	CU_ASSERT(http_is(&r, 404, "not_found"));
	for (int i = 0; i < TRIES; i++) {
		int64_t began = clock_mono_us();
		r = login(email, PASSWORD);
		CU_ASSERT(http_is(&r, 200, ""));
		int64_t signed_in = clock_mono_us();
		r = signup(address("beyond"));
		CU_ASSERT(http_is(&r, 429, "too_many_requests"));
		int64_t refused = clock_mono_us();
		r = reset("nobody's", PASSWORD);
		CU_ASSERT(http_is(&r, 429, "too_many_requests"));
		sign_in = least(sign_in, signed_in - began);
		of_signup = least(of_signup, refused - signed_in);
		of_reset = least(of_reset, clock_mono_us() - refused);
	}
	CU_ASSERT(of_signup < sign_in / 2 && of_reset < sign_in / 2);
	stack_set("limits", "signup_per_address", "off");
	stack_set("limits", "secret_per_address", "off");
	stack_reload();
	http_forget();
}

/* T103: nothing stays of a dry run, except that it was asked for. */
static void dry_runs_count_towards_the_limits(void)
{
	const char *body = text_of("{\"email\":\"%s\"}", address("rehearsed"));
	stack_set("limits", "mail_per_address", "2/h");
	stack_reload();
	for (int i = 0; i < 3; i++) {
		struct http_reply r = HTTP("POST", "/v1/auth/password/reset-request", .env = "dev", .body = body,
			.headers = { "Prefer: tx=rollback" });
		CU_ASSERT(http_is(&r, i < 2 ? 204 : 429, i < 2 ? "" : "too_many_requests"));
	}
	stack_set("limits", "mail_per_address", "off");
	stack_reload();
	http_forget();
}

/* T119 */
static void where_addresses_are_confirmed_first_nobody_learns_who_has_an_account(void)
{
	const char *email = address("confirm");
	stack_set("accounts", "signup", "confirmed");
	stack_reload();
	struct http_reply first = signup(email), second = signup(email);
	CU_ASSERT(http_is(&first, 202, "") && http_is(&second, 202, ""));
	CU_ASSERT(str_eq(first.body, second.body));
	CU_ASSERT_EQUAL(
		ask_number(
			"SELECT count(*) FROM tenantd.mail_outbox WHERE kind = 'account_exists' AND recipient = '%s'",
			email),
		1);
	struct http_reply mine = login(email, PASSWORD), none = login(address("nobody"), PASSWORD);
	CU_ASSERT(http_is(&mine, 401, "unauthenticated"));
	CU_ASSERT_STRING_EQUAL(without_trace(&mine), without_trace(&none));
	struct http_reply r =
		post("/v1/auth/email/verify", NULL, text_of("{\"token\":\"%s\"}", mailed("email_verify", email)));
	CU_ASSERT(http_is(&r, 204, ""));
	r = login(email, PASSWORD);
	CU_ASSERT(http_is(&r, 200, ""));
	stack_set("accounts", "signup", "open");
	stack_reload();
	http_forget();
}

static void a_server_can_be_closed_to_new_accounts_or_have_none(void)
{
	const char *email = address("invited");
	struct http_reply r = signup(email);
	stack_set("accounts", "signup", "closed");
	stack_reload();
	r = signup(address("late"));
	CU_ASSERT(http_is(&r, 403, "forbidden"));
	r = login(email, PASSWORD);
	CU_ASSERT(http_is(&r, 200, ""));
	stack_set("accounts", "signup", "open");
	stack_set("accounts", "issuer", NULL);
	stack_reload();
	r = login(email, PASSWORD);
	CU_ASSERT(http_is(&r, 404, "not_found"));
	r = get("/.well-known/jwks.json", NULL);
	CU_ASSERT(http_is(&r, 404, "not_found"));
	stack_set("accounts", "issuer", "http://accounts.tenantd.test");
	stack_reload();
	http_forget();
}

/* The cookie of an answer as a browser sends it back: "tenantd=…". */
static const char *cookie_of(const struct http_reply *r)
{
	const char *set = http_header(r, "Set-Cookie");
	return set ? text_of("Cookie: other=1; %.*s", (int)strcspn(set, ";"), set) : "";
}

#define SAME "Sec-Fetch-Site: same-origin"

static struct http_reply login_by_cookie(const char *email)
{
	return post("/v1/auth/login", NULL,
		text_of("{\"email\":\"%s\",\"password\":\"" PASSWORD "\",\"cookie\":true}", email));
}

static void a_browser_has_its_session_as_a_cookie(void)
{
	const char *email = address("browser");
	struct http_reply bearer = signup(email), r = login_by_cookie(email);
	CU_ASSERT(http_is(&r, 200, "") && !strstr(r.body.at, "token"));
	const char *set = http_header(&r, "Set-Cookie");
	CU_ASSERT_FATAL(set != NULL);
	CU_ASSERT(strstr(set, "; Path=/;") && strstr(set, "; HttpOnly;") && strstr(set, "; SameSite=Strict"));
	const char *cookie = cookie_of(&r), *tenant = http_text(&r, "tenant.id");
	r = HTTP("GET", "/v1/auth/me", .headers = { cookie });
	CU_ASSERT(http_is(&r, 200, "") && body_has(&r, email));
	/* It names no tenant: the header does, and only a tenant of its user's. */
	r = HTTP("GET", "/v1/tenant", .headers = { cookie });
	CU_ASSERT(http_is(&r, 400, "tenant_required"));
	r = HTTP("GET", "/v1/tenant", .tenant = tenant, .headers = { cookie });
	CU_ASSERT(http_is(&r, 200, "") && !http_header(&r, "Deprecation"));
	r = HTTP("GET", "/v1/tenant", .tenant = active_tenant_of(someone("stranger")), .headers = { cookie });
	CU_ASSERT(http_is(&r, 404, "tenant_not_found"));
	r = HTTP(
		"PATCH", "/v1/tenant", .tenant = tenant, .headers = { cookie, SAME }, .body = "{\"name\":\"Mine\"}");
	CU_ASSERT(http_is(&r, 200, ""));
	/* Nothing that scripts can read is given for it. */
	r = HTTP("POST", "/v1/auth/switch-tenant", .headers = { cookie, SAME },
		.body = text_of("{\"tenant_id\":\"%s\"}", tenant));
	CU_ASSERT(http_is(&r, 403, "forbidden"));
	/* Neither is the cookie's token one for the header, nor the other way round. */
	r = get("/v1/auth/me", strchr(strchr(cookie, ';'), '=') + 1);
	CU_ASSERT(http_is(&r, 401, "unauthenticated"));
	r = HTTP("GET", "/v1/auth/me",
		.headers = { text_of("Cookie: tenantd=%s", http_text(&bearer, "access_token")) });
	CU_ASSERT(http_is(&r, 401, "unauthenticated"));
	r = HTTP("POST", "/v1/auth/logout", .headers = { cookie, SAME });
	CU_ASSERT(http_is(&r, 204, "") && strstr(http_header(&r, "Set-Cookie"), "tenantd=; Path=/; Max-Age=0"));
	r = HTTP("GET", "/v1/auth/me", .headers = { cookie });
	CU_ASSERT(http_is(&r, 401, "unauthenticated"));
	http_forget();
}

/* T117, T118 */
static void another_site_cannot_use_the_cookie(void)
{
	static const struct {
		const char *headers[2];
		int status;
	} all[] = {
		{ { SAME }, 200 },
		{ { "Origin: http://accounts.tenantd.test" }, 200 },
		{ { SAME, "Origin: http://accounts.tenantd.test" }, 200 },
		{ { NULL }, 403 },
		{ { "Sec-Fetch-Site: cross-site" }, 403 },
		{ { "Sec-Fetch-Site: same-site" }, 403 },
		{ { "Sec-Fetch-Site: none" }, 403 },
		{ { "Origin: http://evil.test" }, 403 },
		{ { "Origin: null" }, 403 },
		{ { "Origin: http://accounts.tenantd.test.evil.test" }, 403 },
		{ { "Origin: https://accounts.tenantd.test" }, 403 },
		{ { "Origin: http://accounts.tenantd.test:81" }, 403 },
		{ { SAME, "Origin: http://evil.test" }, 403 },
		{ { "Sec-Fetch-Site: cross-site", "Origin: http://accounts.tenantd.test" }, 403 },
	};
	const char *email = address("victim");
	struct http_reply one = signup(email), r = login_by_cookie(email);
	const char *cookie = cookie_of(&r), *tenant = http_text(&r, "tenant.id");
	for (size_t i = 0; i < COUNT_OF(all); i++) {
		r = HTTP("PATCH", "/v1/tenant", .tenant = tenant, .body = text_of("{\"name\":\"n%zu\"}", i),
			.headers = { cookie, all[i].headers[0], all[i].headers[1] });
		CU_ASSERT(http_is(&r, all[i].status, all[i].status == 200 ? "" : "forbidden"));
		bool is_done =
			strcmp(ask("SELECT name FROM tenantd.tenants WHERE id = '%s'", tenant), text_of("n%zu", i)) == 0;
		CU_ASSERT_EQUAL(is_done, all[i].status == 200);
	}
	/* One way to be known per request. */
	r = HTTP("GET", "/v1/auth/me", .token = http_text(&one, "access_token"), .headers = { cookie });
	CU_ASSERT(http_is(&r, 400, "invalid_request"));
	r = HTTP("GET", "/v1/auth/me", .headers = { text_of("%s; %s", cookie, strchr(cookie, ';') + 2) });
	CU_ASSERT(http_is(&r, 400, "invalid_request"));
	/* Cookies of others do not matter. */
	r = HTTP("GET", "/v1/auth/me", .token = http_text(&one, "access_token"),
		.headers = { "Cookie: mytenantd=1; x=tenantd=2" });
	CU_ASSERT(http_is(&r, 200, ""));
	http_forget();
}

static void behind_tls_the_cookie_is_bound_to_its_host(void)
{
	stack_set("accounts", "issuer", "https://accounts.tenantd.test");
	stack_reload();
	const char *email = address("tls");
	struct http_reply r = signup(email);
	r = login_by_cookie(email);
	const char *set = http_header(&r, "Set-Cookie");
	CU_ASSERT(set && strncmp(set, "__Host-tenantd=", 15) == 0 && strstr(set, "; Secure"));
	r = HTTP("GET", "/v1/auth/me", .headers = { cookie_of(&r) });
	CU_ASSERT(http_is(&r, 200, ""));
	stack_set("accounts", "issuer", "http://accounts.tenantd.test");
	stack_reload();
	http_forget();
}

int main(void)
{
	static const struct unit_test tests[] = {
		TEST(signing_up_makes_an_account_a_tenant_and_a_session),
		TEST(what_cannot_be_an_account_is_refused),
		TEST(an_address_has_one_account),
		TEST(who_has_an_account_is_not_told),
		TEST(signing_in_enters_the_earliest_active_membership),
		TEST(nobody_switches_to_where_they_do_not_belong),
		TEST(a_refresh_token_is_good_once),
		TEST(of_many_refreshes_at_once_one_wins_at_most),
		TEST(a_session_is_of_one_env),
		TEST(what_is_logged_out_is_out_at_once),
		TEST(a_new_password_ends_the_other_sessions),
		TEST(a_mailed_secret_sets_a_password_once),
		TEST(a_mailed_secret_proves_the_address),
		TEST(a_token_of_the_own_issuer_names_a_session_that_lives),
		TEST(keys_rotate_with_an_overlap),
		TEST(a_browser_has_its_session_as_a_cookie),
		TEST(another_site_cannot_use_the_cookie),
		TEST(behind_tls_the_cookie_is_bound_to_its_host),
		TEST(sign_ins_are_limited_for_an_account),
		TEST(beyond_its_limits_a_request_computes_no_password),
		TEST(dry_runs_count_towards_the_limits),
		TEST(where_addresses_are_confirmed_first_nobody_learns_who_has_an_account),
		TEST(a_server_can_be_closed_to_new_accounts_or_have_none),
	};
	stack_up();
	stack_log_mark();
	return unit_main("accounts", tests, COUNT_OF(tests));
}

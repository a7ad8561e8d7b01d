/* Verified domains, from the record to the member, with a name server of the test. */
#include "support/http.h"
#include "support/names.h"
#include "support/stack.h"
#include "support/unit.h"

static const char *alone(const char *subject, const char *email)
{
	return TOKEN(ISS_MAIN, HEADER_ES, { "sub", text_of("\"%s\"", subject) },
		{ "email", text_of("\"%s\"", email) }, { "email_verified", "true" }, { "env", "\"dev\"" });
}

static struct http_reply add(const char *bearer, const char *name, const char *enrollment)
{
	return HTTP("POST", "/v1/domains", .token = bearer,
		.body = text_of("{\"name\":\"%s\",\"enrollment\":\"%s\"}", name, enrollment));
}

static struct http_reply verify(const char *bearer, const char *at)
{
	return HTTP("POST", text_of("%s/verify", at), .token = bearer, .body = "{}");
}

static bool is_now(const char *bearer, const char *at, const char *field, const char *value)
{
	struct http_reply r = HTTP("GET", at, .token = bearer);
	return strcmp(http_text(&r, field), value) == 0;
}

/* The same, once the check that was asked for has been made. */
static bool becomes(const char *bearer, const char *at, const char *field, const char *value)
{
	UNTIL(SOON_S, is_now(bearer, at, field, value));
	return is_now(bearer, at, field, value);
}

static const char *record_of(const struct http_reply *r, const char *field)
{
	struct str s = STR("");
	CU_ASSERT_FATAL(json_string(json_get(json_get(r->json, STR("record")), str_c(field)), &s));
	return arena_cstr(http_arena(), s);
}

/* TEN 6, T122 */
static void a_domain_is_proven_and_lets_its_people_in(void)
{
	struct two_tenants w = two_tenants();
	const char *person = someone("person");
	struct http_reply r = add(w.token, "firm.example", "join");
	CU_ASSERT(http_is(&r, 201, ""));
	const char *at = text_of("/v1/domains/%s", http_text(&r, "id"));
	CU_ASSERT(header_is(&r, "Location", at));
	CU_ASSERT_STRING_EQUAL(http_text(&r, "status"), "pending");
	CU_ASSERT_STRING_EQUAL(record_of(&r, "name"), "_tenantd-challenge.firm.example");
	const char *name = record_of(&r, "name"), *value = record_of(&r, "value");

	names_add(name, "something else");
	r = verify(w.token, at);
	CU_ASSERT(http_is(&r, 202, ""));
	CU_ASSERT(becomes(w.token, at, "problem",
		"_tenantd-challenge.firm.example has TXT records, and none of the 1 says this"));
	names_add(name, value);
	r = verify(w.token, at);
	CU_ASSERT(becomes(w.token, at, "status", "verified"));
	CU_ASSERT_EQUAL(events_of(w.tenant, "domain.verified"), 1);

	r = add(w.other, "Firm.Example", "join");
	CU_ASSERT(http_is(&r, 409, "conflict"));
	r = HTTP("GET", at, .token = w.other);
	CU_ASSERT(http_is(&r, 404, "not_found"));

	r = HTTP("GET", "/v1/auth/me", .token = alone(person, "person@firm.example"));
	CU_ASSERT(body_has(&r, "\"domain\" : \"firm.example\""));
	r = HTTP("POST", "/v1/join-requests", .token = alone(person, "person@firm.example"),
		.body =
			text_of("{\"slug\":\"%s\"}", ask("SELECT slug FROM tenantd.tenants WHERE id = '%s'", w.tenant)));
	CU_ASSERT(http_is(&r, 201, ""));
	CU_ASSERT_STRING_EQUAL(http_text(&r, "status"), "active");
	r = HTTP("GET", "/v1/members", .token = token(person, w.tenant, "dev"));
	CU_ASSERT(http_is(&r, 200, ""));

	r = HTTP("DELETE", at, .token = w.token);
	CU_ASSERT(http_is(&r, 204, ""));
	r = add(w.other, "firm.example", "join");
	CU_ASSERT(http_is(&r, 201, ""));
	r = HTTP("GET", "/v1/members", .token = token(person, w.tenant, "dev"));
	CU_ASSERT(http_is(&r, 200, ""));
	names_remove(name);
	http_forget();
}

static void people_of_a_domain_are_invited_instead(void)
{
	struct two_tenants w = two_tenants();
	const char *person = someone("person");
	struct http_reply r = add(w.token, "invites.example", "join");
	const char *at = text_of("/v1/domains/%s", http_text(&r, "id"));
	names_add(record_of(&r, "name"), record_of(&r, "value"));
	r = HTTP("PATCH", at, .token = w.token, .body = "{\"enrollment\":\"invite\"}");
	CU_ASSERT(http_is(&r, 200, ""));
	CU_ASSERT_STRING_EQUAL(http_text(&r, "enrollment"), "invite");
	r = verify(w.token, at);
	CU_ASSERT(becomes(w.token, at, "status", "verified"));
	r = HTTP("POST", "/v1/auth/bootstrap", .token = alone(person, "person@invites.example"), .body = "{}");
	CU_ASSERT(http_is(&r, 200, ""));
	r = HTTP("GET", "/v1/me/invitations", .token = alone(person, "person@invites.example"));
	CU_ASSERT_EQUAL(json_count(r.json), 1);
	CU_ASSERT_EQUAL(
		ask_number(
			"SELECT count(*) FROM tenantd.mail_outbox WHERE kind = 'invitation' AND recipient = 'person@invites.example'"),
		1);
	http_forget();
}

static void a_bad_domain_is_refused_with_words(void)
{
	struct two_tenants w = two_tenants();
	struct http_reply r = add(w.token, "gmail.com", "join");
	CU_ASSERT(http_is(&r, 400, "invalid_request"));
	CU_ASSERT(body_has(&r, "anybody can get an address at gmail.com"));
	r = add(w.token, "localhost", "join");
	CU_ASSERT(http_is(&r, 400, "invalid_request"));
	CU_ASSERT(body_has(&r, "such as example.com"));
	r = add(w.token, "words.example", "always");
	CU_ASSERT(http_is(&r, 400, "invalid_request"));
	r = HTTP("POST", "/v1/domains", .token = w.token, .body = "{\"name\":\"words.example\"}");
	CU_ASSERT(http_is(&r, 400, "invalid_request"));
	http_forget();
}

/* A name server that is away must not hold up a request, nor take anything from anybody. */
static void a_name_server_that_is_away_changes_nothing(void)
{
	struct two_tenants w = two_tenants();
	struct http_reply r = add(w.token, "away.example", "join");
	const char *at = text_of("/v1/domains/%s", http_text(&r, "id"));
	names_fault(NAMES_SILENT);
	r = verify(w.token, at);
	CU_ASSERT(http_is(&r, 202, ""));
	UNTIL(SOON_S, stack_log("domain.checked", "away.example") > 0);
	CU_ASSERT(stack_log("domain.checked", "away.example") > 0);
	CU_ASSERT(is_now(w.token, at, "status", "pending"));
	names_fault(NAMES_GOOD);
	http_forget();
}

int main(void)
{
	static const struct unit_test tests[] = {
		TEST(a_domain_is_proven_and_lets_its_people_in),
		TEST(people_of_a_domain_are_invited_instead),
		TEST(a_bad_domain_is_refused_with_words),
		TEST(a_name_server_that_is_away_changes_nothing),
	};
	stack_set("domains", "resolver", names_begin());
	stack_up();
	stack_log_mark();
	/* Where the database is, is known now. */
	stack_set(
		"database", "errands_url", arena_cstr(http_arena(), stack_url(http_arena(), "tenantd_errands")));
	stack_set("domains", "interval", "1");
	stack_reload();
	return unit_main("domains", tests, COUNT_OF(tests));
}

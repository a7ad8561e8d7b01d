/*
 * The limits in the rows of the route table, answers that are kept for a repeated POST, and equal refusals, which are
 * written to the audit log once with a count.
 */
#include "core/buf.h"
#include "support/http.h"
#include "support/stack.h"
#include "support/unit.h"

enum { ALLOWED = 5 };

/* As if it came through a proxy from this address. */
static struct http_reply bootstrap_from(const char *address, const char *who)
{
	struct buf b;
	buf_init(&b, http_arena(), 128);
	buf_printf(&b, "X-Forwarded-For: %s", address);
	return HTTP(
		"POST", "/v1/auth/bootstrap", .token = token(who, NULL, "dev"), .headers = { buf_str(&b).at });
}

static bool is_held_back(const struct http_reply *r, int64_t most_s)
{
	int64_t seconds = 0;
	const char *after = http_header(r, "Retry-After");
	return http_is(r, 429, "too_many_requests") && after && str_to_int64(str_c(after), &seconds) &&
		seconds >= 1 && seconds <= most_s;
}

static void begin(const char *per_address, const char *per_issuer)
{
	sql("TRUNCATE tenantd.limit_buckets");
	stack_set("server", "trusted_proxies", "127.0.0.1");
	stack_set("limits", "bootstrap_per_address", per_address);
	stack_set("limits", "bootstrap_per_issuer", per_issuer);
	stack_reload();
}

/* One bucket for all workers: their number does not multiply the limit. */
static void an_address_has_so_many_bootstraps_and_no_more(void)
{
	const char *who = someone("limited");
	begin("5/h", "off");
	for (int i = 0; i < ALLOWED; i++) {
		struct http_reply r = bootstrap_from("192.0.2.1", who);
		CU_ASSERT(http_is(&r, 200, ""));
	}
	for (int i = 0; i < 2 * STACK_WORKERS; i++) {
		struct http_reply r = bootstrap_from("192.0.2.1", someone("limited"));
		CU_ASSERT(is_held_back(&r, 720));
	}
	struct http_reply other = bootstrap_from("192.0.2.2", who);
	CU_ASSERT(http_is(&other, 200, ""));
	/* Whoever holds a /64 holds all of its addresses. */
	for (int i = 0; i < ALLOWED; i++) {
		struct buf b;
		buf_init(&b, http_arena(), 64);
		buf_printf(&b, "2001:db8::%d:1", i);
		struct http_reply r = bootstrap_from(buf_str(&b).at, who);
		CU_ASSERT(http_is(&r, 200, ""));
	}
	struct http_reply r = bootstrap_from("2001:db8::ffff:1", who);
	CU_ASSERT(is_held_back(&r, 720));
	r = bootstrap_from("2001:db8:0:1::1", who);
	CU_ASSERT(http_is(&r, 200, ""));
	CU_ASSERT_EQUAL(ask_number("SELECT count(*) FROM tenantd.users WHERE subject LIKE 'limited%%'"), 1);
}

static void what_is_refused_counts_as_well(void)
{
	const char *who = someone("refused");
	begin("5/h", "off");
	for (int i = 0; i < ALLOWED; i++) {
		struct http_reply r = HTTP("POST", "/v1/auth/bootstrap",
			.token = token(who, "99999999-9999-4999-8999-999999999999", "dev"),
			.headers = { "X-Forwarded-For: 192.0.2.9" });
		CU_ASSERT(http_is(&r, 404, "tenant_not_found"));
	}
	struct http_reply r = bootstrap_from("192.0.2.9", who);
	CU_ASSERT(is_held_back(&r, 720));
}

static void an_issuer_has_a_limit_of_its_own(void)
{
	begin("off", "3/h");
	for (int i = 0; i < 3; i++) {
		struct http_reply r = bootstrap_from("192.0.2.3", someone("crowd"));
		CU_ASSERT(http_is(&r, 200, ""));
	}
	struct http_reply r = bootstrap_from("198.51.100.1", someone("crowd"));
	CU_ASSERT(is_held_back(&r, 1200));
}

/* Retry-After is true: before that there is no room, and then there is. */
static void there_is_room_again_when_it_says_so(void)
{
	const char *who = someone("patient");
	begin("3/s", "off");
	bool was_held_back = false, was_served_again = false;
	UNTIL(SOON_S, (was_held_back = bootstrap_from("192.0.2.4", who).status == 429));
	UNTIL(SOON_S, (was_served_again = bootstrap_from("192.0.2.4", who).status == 200));
	CU_ASSERT(was_held_back && was_served_again);
	begin("off", "off");
}

/* T73 for a route that is no resource's. */
static void a_repeat_with_the_same_key_gets_the_first_answer(void)
{
	const char *who = someone("keyed"), *tenant = tenant_of(who), *bearer = token(who, tenant, "dev");
	const char *body = "{\"organization_name\":\"Keyed\"}";
	struct http_reply first = HTTP("POST", "/v1/onboarding/complete", .token = bearer, .body = body,
		.headers = { "Idempotency-Key: once" });
	CU_ASSERT(http_is(&first, 200, ""));
	struct http_reply again = HTTP("POST", "/v1/onboarding/complete", .token = bearer, .body = body,
		.headers = { "Idempotency-Key: once" });
	CU_ASSERT(http_is(&again, 200, ""));
	CU_ASSERT(str_eq(first.body, again.body));
	struct http_reply r = HTTP("POST", "/v1/onboarding/complete", .token = bearer,
		.body = "{\"organization_name\":\"Other\"}", .headers = { "Idempotency-Key: once" });
	CU_ASSERT(http_is(&r, 409, "conflict"));
	r = HTTP("POST", "/v1/onboarding/complete", .token = bearer, .body = body,
		.headers = { "Idempotency-Key: another" });
	CU_ASSERT(http_is(&r, 409, "conflict")); /* it is complete already */
	CU_ASSERT_EQUAL(ask_number("SELECT count(*) FROM tenantd.idempotency_keys WHERE key = 'another'"), 0);
	/* A key is its caller's. */
	const char *stranger = someone("keyed");
	r = HTTP("POST", "/v1/onboarding/complete", .token = token(stranger, tenant_of(stranger), "dev"),
		.body = body, .headers = { "Idempotency-Key: once" });
	CU_ASSERT(http_is(&r, 200, ""));
	r = HTTP("POST", "/v1/onboarding/complete", .token = bearer, .body = body,
		.headers = { "Idempotency-Key: a b" });
	CU_ASSERT(http_is(&r, 400, "invalid_request"));
}

static void a_token_without_a_tenant_has_keys_too(void)
{
	const char *bearer = token(someone("keyless"), NULL, "dev");
	struct http_reply first =
		HTTP("POST", "/v1/auth/bootstrap", .token = bearer, .headers = { "Idempotency-Key: mine" });
	struct http_reply again =
		HTTP("POST", "/v1/auth/bootstrap", .token = bearer, .headers = { "Idempotency-Key: mine" });
	CU_ASSERT(http_is(&first, 200, "") && http_is(&again, 200, ""));
	CU_ASSERT(str_eq(first.body, again.body)); /* "created": true, both times */
}

static void keys_of_those_who_never_come_back_go(void)
{
	sql("UPDATE tenantd.idempotency_keys SET created_at = now() - interval '25 hours'");
	int64_t before = ask_number("SELECT count(*) FROM tenantd.idempotency_keys");
	CU_ASSERT(before >= 2);
	const char *bearer = token(someone("purger"), NULL, "dev");
	for (int64_t i = 0; i < before; i++) {
		struct http_reply r = HTTP("POST", "/v1/auth/bootstrap", .token = bearer,
			.headers = { i % 2 ? "Idempotency-Key: odd" : "Idempotency-Key: even" });
		CU_ASSERT(http_is(&r, 200, ""));
	}
	CU_ASSERT_EQUAL(
		ask_number(
			"SELECT count(*) FROM tenantd.idempotency_keys WHERE created_at < now() - interval '24 hours'"),
		0);
}

/* T114, and its cost: somebody who tries as fast as possible must not fill the log. */
static void refusals_alike_are_one_row_with_a_count(void)
{
	enum { TRIES = 20 };
	const char *who = someone("knocker"), *bearer = token(who, "99999999-9999-4999-8999-999999999999", "dev");
	int64_t rows = ask_number("SELECT count(*) FROM tenantd.system_events");
	for (int i = 0; i < TRIES; i++) {
		struct http_reply r = HTTP("GET", "/v1/tenant", .token = bearer);
		CU_ASSERT(http_is(&r, 404, "tenant_not_found"));
	}
	/* A minute may end in between. */
	CU_ASSERT(ask_number("SELECT count(*) FROM tenantd.system_events") - rows <= 2);
	CU_ASSERT_EQUAL(
		ask_number("SELECT sum(count) FROM tenantd.system_events WHERE actor_label LIKE '%% %s'", who),
		TRIES);
}

int main(void)
{
	static const struct unit_test tests[] = {
		TEST(an_address_has_so_many_bootstraps_and_no_more),
		TEST(what_is_refused_counts_as_well),
		TEST(an_issuer_has_a_limit_of_its_own),
		TEST(there_is_room_again_when_it_says_so),
		TEST(a_repeat_with_the_same_key_gets_the_first_answer),
		TEST(a_token_without_a_tenant_has_keys_too),
		TEST(keys_of_those_who_never_come_back_go),
		TEST(refusals_alike_are_one_row_with_a_count),
	};
	stack_up();
	return unit_main("limits", tests, COUNT_OF(tests));
}

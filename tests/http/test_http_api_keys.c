/* API keys: what a machine may do with one, when it ends, and what is written of it. */
#include "support/http.h"
#include "support/stack.h"
#include "support/unit.h"

static struct two_tenants w;

static void begin(void)
{
	w = two_tenants();
}

/* Makes a key as the owner; `fields` is what the body has beside the name. */
static struct http_reply make(const char *bearer, const char *fields)
{
	return HTTP("POST", "/v1/api-keys", .token = bearer,
		.body = text_of("{\"name\":\"the build server\"%s}", fields));
}

static const char *key_of_role(const char *role)
{
	struct http_reply r = make(w.token, text_of(",\"role\":\"%s\"", role));
	CU_ASSERT_FATAL(http_is(&r, 201, ""));
	return http_text(&r, "key");
}

static struct http_reply get(const char *target, const char *key)
{
	return HTTP("GET", target, .token = key);
}

static void a_key_is_shown_once_and_only_its_digest_is_kept(void)
{
	begin();
	struct http_reply r = make(w.token, "");
	CU_ASSERT(http_is(&r, 201, ""));
	const char *key = http_text(&r, "key");
	CU_ASSERT(strncmp(key, "tnt_dev_", 8) == 0 && strlen(key) == 8 + 32 + 1 + 43);
	CU_ASSERT_STRING_EQUAL(http_text(&r, "role"), "member");
	struct http_reply list = get("/v1/api-keys", w.token);
	CU_ASSERT(http_is(&list, 200, "") && body_has(&list, http_text(&r, "id")) &&
		body_has(&list, "\"last_used_at\":null"));
	CU_ASSERT_PTR_NULL(strstr(list.body.at, strrchr(key, '_')));
	CU_ASSERT_EQUAL(
		ask_number("SELECT count(*) FROM tenantd.api_keys WHERE digest = sha256('%s') AND tenant_id = '%s'"
				   " AND expires_at BETWEEN now() + interval '89 days' AND now() + interval '91 days'",
			key, w.tenant),
		1);
	struct http_reply used = get("/v1/tenant", key);
	CU_ASSERT(http_is(&used, 200, ""));
	CU_ASSERT_STRING_EQUAL(http_text(&used, "id"), w.tenant);
	list = get("/v1/api-keys", w.token);
	CU_ASSERT_PTR_NULL(strstr(list.body.at, "\"last_used_at\":null"));
	CU_ASSERT_EQUAL(events_of(w.tenant, "api_key.created"), 1);
	CU_ASSERT_EQUAL(events_of(w.tenant, "api_key.revoked") + events_of(w.tenant, "api_key.updated"), 0);
	CU_ASSERT_EQUAL(stack_log(strrchr(key, '_'), NULL), 0);
	http_forget();
}

static void a_key_acts_in_its_role_and_in_its_own_name(void)
{
	begin();
	const char *member = key_of_role("member"), *admin = key_of_role("admin"), *owner = key_of_role("owner");
	struct http_reply r = get("/v1/members", member);
	CU_ASSERT(http_is(&r, 200, ""));
	r = HTTP("PATCH", "/v1/tenant", .token = member, .body = "{\"name\":\"by a key\"}");
	CU_ASSERT(http_is(&r, 403, "forbidden"));
	r = HTTP("PATCH", "/v1/tenant", .token = admin, .body = "{\"name\":\"by a key\"}");
	CU_ASSERT(http_is(&r, 200, ""));
	CU_ASSERT_EQUAL(
		ask_number("SELECT count(*) FROM tenantd.audit_events e JOIN tenantd.api_keys k ON k.id = e.actor_id"
				   " WHERE e.tenant_id = '%s' AND e.action IN ('tenant.updated', 'access.refused')"
				   " AND e.actor_kind = 'api_key' AND e.actor_label = 'the build server'",
			w.tenant),
		2);
	/* The rules of members hold for it, too. */
	const char *user = member_of(w.tenant, someone("led"), "member", "active");
	const char *path = text_of("/v1/members/%s", user);
	r = HTTP("PATCH", path, .token = admin, .body = "{\"role\":\"owner\"}");
	CU_ASSERT(http_is(&r, 403, "forbidden"));
	r = HTTP("PATCH", path, .token = admin, .body = "{\"role\":\"admin\"}");
	CU_ASSERT(http_is(&r, 200, ""));
	r = HTTP("PATCH", path, .token = owner, .body = "{\"role\":\"owner\"}");
	CU_ASSERT(http_is(&r, 200, ""));
	/* It is nobody outside of its tenant, makes no keys, and is no person. */
	r = make(owner, "");
	CU_ASSERT(http_is(&r, 403, "forbidden") && body_has(&r, "not another key"));
	r = get("/v1/auth/me", owner);
	CU_ASSERT(http_is(&r, 403, "forbidden") && body_has(&r, "inside of its tenant"));
	r = HTTP("POST", "/v1/auth/bootstrap", .token = owner);
	CU_ASSERT(http_is(&r, 403, "forbidden"));
	r = HTTP("GET", "/v1/tenant", .token = owner, .tenant = w.other_tenant);
	CU_ASSERT(http_is(&r, 400, "tenant_mismatch"));
	r = HTTP("GET", "/v1/tenant", .token = owner, .env = "prod");
	CU_ASSERT(http_is(&r, 400, "env_mismatch"));
	http_forget();
}

/* T106: a machine's request that is sent again is done once, and its idempotency keys are its own. */
static void a_key_repeats_its_requests_safely(void)
{
	begin();
	const char *one = key_of_role("tenant_admin"), *other = key_of_role("tenant_admin");
	const char *user = member_of(w.tenant, someone("asks"), "member", "pending");
	const char *path = text_of("/v1/join-requests/%s/approve", user);
	struct http_reply first =
		HTTP("POST", path, .token = one, .body = "{}", .headers = { "Idempotency-Key: by-a-key" });
	CU_ASSERT(http_is(&first, 200, ""));
	struct http_reply again =
		HTTP("POST", path, .token = one, .body = "{}", .headers = { "Idempotency-Key: by-a-key" });
	CU_ASSERT(http_is(&again, 200, "") && str_eq(first.body, again.body));
	struct http_reply r =
		HTTP("POST", path, .token = other, .body = "{}", .headers = { "Idempotency-Key: by-a-key" });
	CU_ASSERT(http_is(&r, 409, "conflict")); /* there is no request any more */
	http_forget();
}

/* A repeat finds the first key without its secret, and a dry run makes none. */
static void a_key_is_made_once_or_in_a_dry_run_not_at_all(void)
{
	begin();
	static const char body[] = "{\"name\":\"once\"}";
	struct http_reply first =
		HTTP("POST", "/v1/api-keys", .token = w.token, .body = body, .headers = { "Idempotency-Key: k1" });
	CU_ASSERT(http_is(&first, 201, "") && *http_text(&first, "key"));
	struct http_reply again =
		HTTP("POST", "/v1/api-keys", .token = w.token, .body = body, .headers = { "Idempotency-Key: k1" });
	CU_ASSERT(http_is(&again, 201, ""));
	CU_ASSERT_STRING_EQUAL(http_text(&again, "id"), http_text(&first, "id"));
	CU_ASSERT_STRING_EQUAL(http_text(&again, "key"), "");
	CU_ASSERT_EQUAL(
		ask_number("SELECT count(*) FROM tenantd.idempotency_keys k WHERE k::text LIKE '%%tnt_dev_%%'"), 0);
	struct http_reply dry =
		HTTP("POST", "/v1/api-keys", .token = w.token, .body = body, .headers = { "Prefer: tx=rollback" });
	CU_ASSERT(http_is(&dry, 201, "") && header_is(&dry, "Preference-Applied", "tx=rollback"));
	struct http_reply r = get("/v1/tenant", http_text(&dry, "key"));
	CU_ASSERT(http_is(&r, 401, "unauthenticated"));
	CU_ASSERT_EQUAL(ask_number("SELECT count(*) FROM tenantd.api_keys WHERE tenant_id = '%s'", w.tenant), 1);
	CU_ASSERT_EQUAL(events_of(w.tenant, "api_key.created"), 1);
	http_forget();
}

/* T121, T57 */
static void a_key_is_not_above_its_maker(void)
{
	begin();
	const char *name = someone("deputy");
	(void)member_of(w.tenant, name, "tenant_admin", "active");
	const char *deputy = token(name, w.tenant, "dev");
	struct http_reply r = make(deputy, ",\"role\":\"owner\"");
	CU_ASSERT(http_is(&r, 403, "forbidden") && body_has(&r, "not above"));
	r = make(deputy, ",\"role\":\"admin\"");
	CU_ASSERT(http_is(&r, 201, ""));
	/* Nor does a deputy revoke an owner's. */
	struct http_reply owners = make(w.token, ",\"role\":\"owner\"");
	r = HTTP("DELETE", text_of("/v1/api-keys/%s", http_text(&owners, "id")), .token = deputy);
	CU_ASSERT(http_is(&r, 403, "forbidden"));
	/* It outlives who made it. */
	r = make(deputy, "");
	const char *key = http_text(&r, "key");
	sql("UPDATE tenantd.tenant_members SET status = 'removed' WHERE tenant_id = '%s' AND role = 'tenant_admin'",
		w.tenant);
	r = get("/v1/tenant", key);
	CU_ASSERT(http_is(&r, 200, ""));
	http_forget();
}

static void a_key_ends_when_it_is_revoked_or_its_time_is_over(void)
{
	begin();
	struct http_reply made = make(w.token, ""), r;
	const char *key = http_text(&made, "key"), *path = text_of("/v1/api-keys/%s", http_text(&made, "id"));
	r = HTTP("DELETE", path, .token = w.other);
	CU_ASSERT(http_is(&r, 404, "not_found"));
	r = HTTP("DELETE", path, .token = w.token);
	CU_ASSERT(http_is(&r, 204, ""));
	r = get("/v1/tenant", key);
	CU_ASSERT(http_is(&r, 401, "unauthenticated"));
	r = HTTP("DELETE", path, .token = w.token);
	CU_ASSERT(http_is(&r, 404, "not_found"));
	CU_ASSERT_EQUAL(events_of(w.tenant, "api_key.revoked"), 1);
	CU_ASSERT_FALSE(
		sql_try("UPDATE tenantd.api_keys SET revoked_at = NULL WHERE tenant_id = '%s'", w.tenant));
	made = make(w.token, "");
	sql("UPDATE tenantd.api_keys SET expires_at = now() WHERE id = '%s'", http_text(&made, "id"));
	r = get("/v1/tenant", http_text(&made, "key"));
	CU_ASSERT(http_is(&r, 401, "unauthenticated"));
	r = make(w.token, ",\"expires_at\":\"2020-01-01T00:00:00Z\"");
	CU_ASSERT(http_is(&r, 400, "invalid_request"));
	r = make(w.token, ",\"expires_at\":\"2999-01-01T00:00:00Z\"");
	CU_ASSERT(http_is(&r, 400, "invalid_request"));
	http_forget();
}

/* T120 */
static void a_key_stops_with_its_tenant(void)
{
	static const char *const statuses[] = { "suspended", "closed" };
	begin();
	const char *key = key_of_role("owner");
	for (size_t i = 0; i < COUNT_OF(statuses); i++) {
		sql("UPDATE tenantd.tenants SET status = '%s' WHERE id = '%s'", statuses[i], w.tenant);
		/* These routes are open to members in any status of the tenant. */
		struct http_reply r = get("/v1/tenant", key);
		CU_ASSERT(http_is(&r, 403, "tenant_not_active"));
		r = get("/v1/audit", key);
		CU_ASSERT(http_is(&r, 403, "tenant_not_active"));
	}
	sql("UPDATE tenantd.tenants SET status = 'active' WHERE id = '%s'", w.tenant);
	struct http_reply r = get("/v1/tenant", key);
	CU_ASSERT(http_is(&r, 200, ""));
	http_forget();
}

/* T62, T25: a key with any character changed is unknown, and so is one that names another tenant. */
static void what_is_almost_a_key_is_none(void)
{
	begin();
	const char *key = key_of_role("owner");
	size_t len = strlen(key);
	char other[128];
	for (size_t i = 4; i < len; i += 3) {
		snprintf(other, sizeof(other), "%s", key);
		other[i] = other[i] == 'a' ? 'b' : 'a';
		struct http_reply r = get("/v1/tenant", other);
		CU_ASSERT(r.status == 401 || http_is(&r, 400, "env_not_allowed"));
	}
	static const char *const bad[] = { "tnt_", "tnt_dev", "tnt_dev__", "tnt_dev_x_y" };
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		struct http_reply r = get("/v1/tenant", bad[i]);
		CU_ASSERT(http_is(&r, 401, "unauthenticated"));
	}
	/* The digest, which somebody may have read, is no key; and no token may claim to be one. */
	struct http_reply r = get("/v1/tenant",
		TOKEN("tenantd:api-key", HEADER_ES,
			{ "sub", text_of("\"%s\"", ask("SELECT encode(sha256('%s'), 'hex')", key)) },
			{ "app_metadata", text_of("{\"tenant_id\":\"%s\"}", w.tenant) }));
	CU_ASSERT(http_is(&r, 401, "unauthenticated"));
	http_forget();
}

int main(void)
{
	static const struct unit_test tests[] = {
		TEST(a_key_is_shown_once_and_only_its_digest_is_kept),
		TEST(a_key_acts_in_its_role_and_in_its_own_name),
		TEST(a_key_repeats_its_requests_safely),
		TEST(a_key_is_made_once_or_in_a_dry_run_not_at_all),
		TEST(a_key_is_not_above_its_maker),
		TEST(a_key_ends_when_it_is_revoked_or_its_time_is_over),
		TEST(a_key_stops_with_its_tenant),
		TEST(what_is_almost_a_key_is_none),
	};
	stack_up();
	stack_log_mark();
	return unit_main("api_keys", tests, COUNT_OF(tests));
}

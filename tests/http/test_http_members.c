/*
 * Members of a tenant: who may change whom, the last owner, pages; also the tenant itself and onboarding.
 */
#include "support/http.h"
#include "support/stack.h"
#include "support/unit.h"

enum { CROWD = 25 };
#define ROUNDS stack_rounds(200)

static const char *at(const char *user)
{
	return text_of("/v1/members/%s", user);
}

static struct http_reply change(const char *bearer, const char *user, const char *body)
{
	return HTTP("PATCH", at(user), .token = bearer, .body = body);
}

static const char *role_in(const char *tenant, const char *user)
{
	return ask(
		"SELECT role || ' ' || status FROM tenantd.tenant_members WHERE tenant_id = '%s' AND user_id = '%s'",
		tenant, user);
}

static int64_t owners(const char *tenant)
{
	return ask_number("SELECT count(*) FROM tenantd.tenant_members WHERE tenant_id = '%s' AND role = 'owner'"
					  " AND status = 'active'",
		tenant);
}

static const char *user_of(const char *subject)
{
	return ask("SELECT id FROM tenantd.users WHERE subject = '%s'", subject);
}

/* ---- rights ---- */

/* T56, T57 */
static void nobody_acts_above_themselves(void)
{
	const char *owner = someone("rights"), *tenant = tenant_of(owner), *admin = someone("rights");
	const char *member = someone("rights"), *second = someone("rights");
	const char *admin_id = member_of(tenant, admin, "tenant_admin", "active");
	const char *member_id = member_of(tenant, member, "member", "active");
	const char *second_id = member_of(tenant, second, "tenant_admin", "active");
	const char *as_admin = token(admin, tenant, "dev"), *as_owner = token(owner, tenant, "dev");
	struct http_reply r = change(as_admin, admin_id, "{\"role\":\"owner\"}");
	CU_ASSERT(http_is(&r, 403, "forbidden"));
	r = change(as_admin, member_id, "{\"role\":\"owner\"}");
	CU_ASSERT(http_is(&r, 403, "forbidden"));
	r = change(as_admin, user_of(owner), "{\"role\":\"member\"}");
	CU_ASSERT(http_is(&r, 403, "forbidden"));
	r = change(as_admin, user_of(owner), "{\"status\":\"suspended\"}");
	CU_ASSERT(http_is(&r, 403, "forbidden"));
	r = HTTP("DELETE", at(user_of(owner)), .token = as_admin);
	CU_ASSERT(http_is(&r, 403, "forbidden"));
	r = change(token(member, tenant, "dev"), member_id, "{\"role\":\"tenant_admin\"}");
	CU_ASSERT(http_is(&r, 403, "forbidden"));
	CU_ASSERT_STRING_EQUAL(role_in(tenant, user_of(owner)), "owner active");
	CU_ASSERT_STRING_EQUAL(role_in(tenant, admin_id), "tenant_admin active");
	CU_ASSERT_STRING_EQUAL(role_in(tenant, member_id), "member active");
	/* Within their own height they may. */
	r = change(as_admin, member_id, "{\"role\":\"admin\"}");
	CU_ASSERT(http_is(&r, 200, ""));
	CU_ASSERT_STRING_EQUAL(http_text(&r, "role"), "tenant_admin");
	r = change(as_admin, second_id, "{\"role\":\"member\"}");
	CU_ASSERT(http_is(&r, 200, ""));
	r = change(as_admin, second_id, "{\"status\":\"suspended\"}");
	CU_ASSERT(http_is(&r, 200, ""));
	r = change(as_admin, second_id, "{\"status\":\"active\"}");
	CU_ASSERT(http_is(&r, 200, ""));
	r = change(as_owner, member_id, "{\"role\":\"owner\"}");
	CU_ASSERT(http_is(&r, 200, ""));
	r = HTTP("DELETE", at(second_id), .token = as_admin);
	CU_ASSERT(http_is(&r, 204, ""));
	r = HTTP("GET", at(second_id), .token = as_admin);
	CU_ASSERT(http_is(&r, 404, "not_found"));
	r = HTTP("DELETE", at(second_id), .token = as_admin);
	CU_ASSERT(http_is(&r, 404, "not_found"));
}

/* T58: an admin of one tenant finds nobody of another, by whatever name. */
static void an_admin_of_one_tenant_is_nobody_in_another(void)
{
	const char *admin = someone("across"), *tenant = tenant_of(admin), *other_owner = someone("across");
	const char *other = tenant_of(other_owner),
			   *victim = member_of(other, someone("across"), "member", "active");
	const char *bearer = token(admin, tenant, "dev");
	struct http_reply r = HTTP("GET", at(victim), .token = bearer);
	CU_ASSERT(http_is(&r, 404, "not_found"));
	r = change(bearer, victim, "{\"role\":\"tenant_admin\"}");
	CU_ASSERT(http_is(&r, 404, "not_found"));
	r = HTTP("DELETE", at(victim), .token = bearer);
	CU_ASSERT(http_is(&r, 404, "not_found"));
	r = HTTP("DELETE", at(victim), .token = token(admin, other, "dev"));
	CU_ASSERT(http_is(&r, 404, "tenant_not_found"));
	r = HTTP("DELETE", at("99999999-9999-4999-8999-999999999999"), .token = bearer);
	CU_ASSERT(http_is(&r, 404, "not_found"));
	CU_ASSERT_STRING_EQUAL(role_in(other, victim), "member active");
}

/* A pending member is accepted only by an approval: PATCH must not be a way around that. */
static void pending_members_are_not_suspended_or_removed(void)
{
	const char *owner = someone("pending"), *tenant = tenant_of(owner), *bearer = token(owner, tenant, "dev");
	const char *user = member_of(tenant, someone("pending"), "member", "pending");
	struct http_reply r = change(bearer, user, "{\"status\":\"suspended\"}");
	CU_ASSERT(http_is(&r, 409, "conflict"));
	r = HTTP("DELETE", at(user), .token = bearer);
	CU_ASSERT(http_is(&r, 409, "conflict"));
	CU_ASSERT_STRING_EQUAL(role_in(tenant, user), "member pending");
}

/* T65 */
static void the_last_owner_stays(void)
{
	const char *owner = someone("last"), *tenant = tenant_of(owner), *bearer = token(owner, tenant, "dev");
	const char *own = user_of(owner);
	const struct http_reply refused[] = {
		change(bearer, own, "{\"role\":\"member\"}"),
		HTTP("DELETE", at(own), .token = bearer),
		HTTP("POST", "/v1/members/leave", .token = bearer),
	};
	for (size_t i = 0; i < COUNT_OF(refused); i++)
		CU_ASSERT(http_is(&refused[i], 409, "last_owner"));
	struct http_reply r = change(bearer, own, "{\"status\":\"suspended\"}");
	CU_ASSERT(http_is(&r, 409, "last_owner"));
	CU_ASSERT_EQUAL(owners(tenant), 1);
	CU_ASSERT_EQUAL(
		ask_number(
			"SELECT count(*) FROM tenantd.audit_events WHERE tenant_id = '%s' AND object_type = 'member'"
			" AND action <> 'member.joined'",
			tenant),
		0);
	/* A suspended second owner does not count, an active one does. */
	member_of(tenant, someone("last"), "owner", "suspended");
	r = HTTP("POST", "/v1/members/leave", .token = bearer);
	CU_ASSERT(http_is(&r, 409, "last_owner"));
	member_of(tenant, someone("last"), "owner", "active");
	r = HTTP("POST", "/v1/members/leave", .token = bearer);
	CU_ASSERT(http_is(&r, 204, ""));
	CU_ASSERT_EQUAL(owners(tenant), 1);
	r = HTTP("GET", "/v1/tenant", .token = bearer);
	CU_ASSERT(http_is(&r, 404, "tenant_not_found"));
}

/* ---- races ---- */

struct duel {
	const char *bearers[2];
	const char *targets[2];
	int statuses[2];
};

static void shoot(size_t number, void *given)
{
	struct duel *duel = given;
	duel->statuses[number] = HTTP("DELETE", at(duel->targets[number]), .token = duel->bearers[number]).status;
}

/* T69 */
static void two_owners_who_remove_each_other_leave_one(void)
{
	const char *names[] = { someone("duel"), someone("duel") };
	char tenant[64], ids[2][64];
	snprintf(tenant, sizeof(tenant), "%s", tenant_of(names[0]));
	struct duel duel;
	int fair = 0, one_left = 0;
	for (int i = 0; i < 2; i++)
		snprintf(ids[i], sizeof(ids[i]), "%s", member_of(tenant, names[i], "owner", "active"));
	for (int round = 0; round < ROUNDS; round++) {
		sql("UPDATE tenantd.tenant_members SET role = 'owner', status = 'active' WHERE tenant_id = '%s'",
			tenant);
		for (int i = 0; i < 2; i++) {
			duel.bearers[i] = token(names[i], tenant, "dev");
			duel.targets[i] = ids[1 - i];
		}
		in_parallel(2, shoot, &duel);
		int first = duel.statuses[0], second = duel.statuses[1];
		bool is_fair =
			(first == 204 && second >= 400 && second < 500) || (second == 204 && first >= 400 && first < 500);
		if (!is_fair)
			fprintf(stderr, "  round %d: %d and %d\n", round, first, second);
		fair += is_fair;
		one_left += owners(tenant) == 1;
	}
	CU_ASSERT_EQUAL(fair, ROUNDS);
	CU_ASSERT_EQUAL(one_left, ROUNDS);
}

/* ---- pages ---- */

/* Follows Link to the end; counts the members and adds each id to `ids`. */
static size_t walk(const char *bearer, const char *target, const char **ids, size_t *pages)
{
	size_t n = 0;
	*pages = 0;
	while (target && *pages < 100) {
		struct http_reply r = HTTP("GET", target, .token = bearer);
		const char *link = http_header(&r, "Link");
		CU_ASSERT(http_is(&r, 200, ""));
		for (size_t i = 0; i < json_count(r.json); i++) {
			struct str id = STR("");
			CU_ASSERT(json_string(json_get(json_at(r.json, i, NULL), STR("user_id")), &id));
			ids[n++] = arena_cstr(http_arena(), id);
		}
		++*pages;
		target = NULL;
		if (!link)
			break;
		CU_ASSERT(link[0] == '<' && link[1] == '/' && strstr(link, ">; rel=\"next\""));
		target = arena_cstr(http_arena(), str_of(link + 1, strcspn(link + 1, ">")));
	}
	return n;
}

static void the_list_is_walked_by_cursor_without_gaps_or_repeats(void)
{
	const char *owner = someone("list"), *tenant = tenant_of(owner), *bearer = token(owner, tenant, "dev");
	const char *ids[4 * CROWD];
	size_t pages;
	for (int i = 0; i < CROWD - 1; i++)
		member_of(
			tenant, someone("list"), i % 2 ? "member" : "tenant_admin", i % 5 == 4 ? "suspended" : "active");
	member_of(tenant, someone("list"), "member", "removed");
	static const int limits[] = { 1, 7, 24, 25, 26, 1000 };
	for (size_t l = 0; l < COUNT_OF(limits); l++) {
		size_t n = walk(bearer, text_of("/v1/members?limit=%d", limits[l]), ids, &pages);
		CU_ASSERT_EQUAL(n, CROWD);
		CU_ASSERT_EQUAL(pages, (size_t)((CROWD + limits[l] - 1) / limits[l]));
		for (size_t i = 0; i < n; i++)
			for (size_t j = 0; j < i; j++)
				CU_ASSERT_STRING_NOT_EQUAL(ids[i], ids[j]);
	}
	CU_ASSERT_EQUAL(walk(bearer, "/v1/members?role=tenant_admin&limit=5", ids, &pages), 12);
	CU_ASSERT_EQUAL(walk(bearer, "/v1/members?role=admin", ids, &pages), 12);
	CU_ASSERT_EQUAL(walk(bearer, "/v1/members?status=suspended&limit=1", ids, &pages), 4);
	CU_ASSERT_EQUAL(walk(bearer, "/v1/members?status=pending", ids, &pages), 0);
	struct http_reply r = HTTP("GET", "/v1/members?status=removed", .token = bearer);
	CU_ASSERT(http_is(&r, 400, "invalid_request"));
}

/* T36 */
static void a_cursor_is_good_for_its_own_list_alone(void)
{
	const char *owner = someone("cursor"), *tenant = tenant_of(owner), *other = tenant_of(someone("cursor"));
	for (int i = 0; i < 3; i++)
		member_of(tenant, someone("cursor"), "member", "active");
	member_of(other, owner, "owner", "active");
	struct http_reply r = HTTP("GET", "/v1/members?limit=1", .token = token(owner, tenant, "dev"));
	const char *link = http_header(&r, "Link"), *cursor = link ? strstr(link, "cursor=") : NULL;
	CU_ASSERT_PTR_NOT_NULL_FATAL(cursor);
	cursor = arena_cstr(http_arena(), str_of(cursor, strcspn(cursor, ">&")));
	const char *again = text_of("/v1/members?limit=1&%s", cursor);
	r = HTTP("GET", again, .token = token(owner, tenant, "dev"));
	CU_ASSERT(http_is(&r, 200, ""));
	r = HTTP("GET", again, .token = token(owner, other, "dev"));
	CU_ASSERT(http_is(&r, 400, "invalid_request"));
	r = HTTP("GET", text_of("/v1/audit?limit=1&%s", cursor), .token = token(owner, tenant, "dev"));
	CU_ASSERT(http_is(&r, 400, "invalid_request"));
	r = HTTP("GET", text_of("/v1/members?role=member&%s", cursor), .token = token(owner, tenant, "dev"));
	CU_ASSERT(http_is(&r, 400, "invalid_request"));
	char *bent = arena_cstr(http_arena(), str_c(again));
	char *last = bent + strlen(bent) - 6;
	*last = *last == 'A' ? 'B' : 'A';
	r = HTTP("GET", bent, .token = token(owner, tenant, "dev"));
	CU_ASSERT(http_is(&r, 400, "invalid_request"));
}

static void a_member_shows_what_a_co_member_may_see(void)
{
	const char *owner = someone("seen"), *tenant = tenant_of(owner);
	struct http_reply r = HTTP("GET", at(user_of(owner)), .token = token(owner, tenant, "dev"));
	CU_ASSERT(http_is(&r, 200, ""));
	static const char *const names[] = { "user_id", "email", "name", "role", "status", "joined_at" };
	CU_ASSERT_EQUAL(json_count(r.json), COUNT_OF(names));
	for (size_t i = 0; i < COUNT_OF(names); i++)
		CU_ASSERT_PTR_NOT_NULL(json_get(r.json, str_c(names[i])));
	/* RFC 3339 in UTC */
	const char *joined = http_text(&r, "joined_at");
	CU_ASSERT(strlen(joined) >= 20 && joined[10] == 'T' &&
		(strstr(joined, "+00:00") || joined[strlen(joined) - 1] == 'Z'));
}

int main(void)
{
	static const struct unit_test tests[] = {
		TEST(nobody_acts_above_themselves),
		TEST(an_admin_of_one_tenant_is_nobody_in_another),
		TEST(pending_members_are_not_suspended_or_removed),
		TEST(the_last_owner_stays),
		TEST(two_owners_who_remove_each_other_leave_one),
		TEST(the_list_is_walked_by_cursor_without_gaps_or_repeats),
		TEST(a_cursor_is_good_for_its_own_list_alone),
		TEST(a_member_shows_what_a_co_member_may_see),
	};
	stack_up();
	return unit_main("members", tests, COUNT_OF(tests));
}

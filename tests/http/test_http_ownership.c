/*
 * Ownership by offer and acceptance over HTTP: who sees and answers an offer, and what several clients at once make of it.
 */
#include "support/http.h"
#include "support/stack.h"
#include "support/unit.h"

#define ROUNDS stack_rounds(200)

#define OFFERS "/v1/tenant/ownership-offers"

static const char *at(const char *offer, const char *act)
{
	return text_of(OFFERS "/%s%s", offer, act);
}

static struct http_reply offer_to(const char *bearer, const char *user)
{
	return HTTP("POST", OFFERS, .token = bearer, .body = text_of("{\"user_id\":\"%s\"}", user));
}

static const char *owners_of(const char *tenant)
{
	return ask("SELECT string_agg(user_id::text, ',') FROM tenantd.tenant_members WHERE tenant_id = '%s'"
			   " AND role = 'owner' AND status = 'active'",
		tenant);
}

static void ownership_passes_by_offer_and_acceptance(void)
{
	const char *owner = someone("giver"), *tenant = active_tenant_of(owner), *member = someone("taker");
	const char *user = member_of(tenant, member, "member", "active"), *other = someone("other");
	member_of(tenant, other, "tenant_admin", "active");
	const char *giver = token(owner, tenant, "dev"), *taker = token(member, tenant, "dev");
	struct http_reply r = offer_to(giver, user);
	CU_ASSERT(http_is(&r, 201, ""));
	const char *offer = http_text(&r, "id");
	CU_ASSERT(header_is(&r, "Location", at(offer, "")));
	CU_ASSERT_STRING_EQUAL(http_text(&r, "step_down"), "tenant_admin");
	CU_ASSERT_EQUAL(ask_number("SELECT count(*) FROM tenantd.mail_outbox WHERE kind = 'ownership_offered'"
							   " AND recipient = '%s@example.com' AND about_tenant = '%s'",
						member, tenant),
		1);
	r = offer_to(giver, user);
	CU_ASSERT(http_is(&r, 409, "conflict") && body_has(&r, "waits for an answer already"));
	/* Owners see every offer, others those that were made to them. */
	r = HTTP("GET", OFFERS, .token = giver);
	CU_ASSERT(http_is(&r, 200, "") && json_count(r.json) == 1);
	r = HTTP("GET", OFFERS, .token = taker);
	CU_ASSERT(http_is(&r, 200, "") && json_count(r.json) == 1);
	r = HTTP("GET", OFFERS, .token = token(other, tenant, "dev"));
	CU_ASSERT(http_is(&r, 200, "") && json_count(r.json) == 0);
	r = HTTP("POST", at(offer, "/accept"), .token = token(other, tenant, "dev"));
	CU_ASSERT(http_is(&r, 404, "not_found"));
	r = HTTP("POST", at(offer, "/accept"), .token = giver);
	CU_ASSERT(http_is(&r, 404, "not_found"));
	r = HTTP("POST", at(offer, "/accept"), .token = taker);
	CU_ASSERT(http_is(&r, 200, ""));
	CU_ASSERT_STRING_EQUAL(http_text(&r, "status"), "accepted");
	CU_ASSERT_STRING_EQUAL(owners_of(tenant), user);
	CU_ASSERT_EQUAL(events_of(tenant, "member.role_changed"), 2);
	CU_ASSERT_EQUAL(events_of(tenant, "ownership_offer.accepted"), 1);
	/* The one who gave it is an admin now. */
	r = offer_to(giver, user);
	CU_ASSERT(http_is(&r, 403, "forbidden"));
}

static void an_offer_is_declined_or_withdrawn(void)
{
	const char *owner = someone("giver"), *tenant = active_tenant_of(owner), *member = someone("taker");
	const char *user = member_of(tenant, member, "member", "active");
	const char *giver = token(owner, tenant, "dev"), *taker = token(member, tenant, "dev");
	struct http_reply r = offer_to(giver, user);
	const char *offer = http_text(&r, "id");
	r = HTTP("POST", at(offer, "/decline"), .token = taker);
	CU_ASSERT(http_is(&r, 200, "") && body_has(&r, "declined"));
	r = HTTP("POST", at(offer, "/accept"), .token = taker);
	CU_ASSERT(http_is(&r, 409, "conflict") && body_has(&r, "the offer is declined"));
	r = HTTP(
		"POST", OFFERS, .token = giver, .body = text_of("{\"user_id\":\"%s\",\"step_down\":null}", user));
	CU_ASSERT(http_is(&r, 201, ""));
	offer = http_text(&r, "id");
	r = HTTP("DELETE", at(offer, ""), .token = taker);
	CU_ASSERT(http_is(&r, 403, "forbidden"));
	r = HTTP("DELETE", at(offer, ""), .token = giver);
	CU_ASSERT(http_is(&r, 204, ""));
	r = HTTP("POST", at(offer, "/accept"), .token = taker);
	CU_ASSERT(http_is(&r, 409, "conflict"));
	r = HTTP("POST", OFFERS, .token = giver,
		.body = text_of("{\"user_id\":\"%s\",\"step_down\":\"owner\"}", user));
	CU_ASSERT(http_is(&r, 400, "invalid_request") && is_field(&r, "step_down"));
}

/* ---- races */

struct race {
	const char *tokens[2], *offer;
	bool is_withdrawn; /* by the second, who otherwise leaves the tenant */
	int statuses[2];
};

static void run(size_t number, void *given)
{
	struct race *race = given;
	struct http_reply r;
	if (number == 0)
		r = HTTP("POST", at(race->offer, "/accept"), .token = race->tokens[0]);
	else if (race->is_withdrawn)
		r = HTTP("DELETE", at(race->offer, ""), .token = race->tokens[1]);
	else
		r = HTTP("POST", "/v1/members/leave", .token = race->tokens[1]);
	race->statuses[number] = r.status;
}

/* The owner offers, and then takes it back or leaves while the member accepts. */
static int fair_rounds(bool is_withdrawn)
{
	const char *owner = someone("racer"), *member = someone("racer"), *tenant = active_tenant_of(owner);
	const char *user = member_of(tenant, member, "member", "active");
	struct race race = { .tokens = { token(member, tenant, "dev"), token(owner, tenant, "dev") },
		.is_withdrawn = is_withdrawn };
	int fair = 0;
	for (int round = 0; round < ROUNDS; round++) {
		member_of(tenant, owner, "owner", "active");
		member_of(tenant, member, "member", "active");
		sql("DELETE FROM tenantd.ownership_offers WHERE tenant_id = '%s'", tenant);
		struct http_reply r = offer_to(race.tokens[1], user);
		race.offer = http_text(&r, "id");
		in_parallel(2, run, &race);
		bool is_accepted = race.statuses[0] == 200;
		bool is_owned = strlen(owners_of(tenant)) == strlen(user);
		/* As long as nobody accepted, the only owner does not get to leave. */
		bool is_fair = is_withdrawn ? is_accepted != (race.statuses[1] == 204) : is_accepted;
		if (!is_fair || !is_owned)
			fprintf(stderr, "  round %d: %d and %d, owners: %s\n", round, race.statuses[0], race.statuses[1],
				owners_of(tenant));
		fair += is_fair && is_owned;
	}
	return fair;
}

/* T72 */
static void an_acceptance_and_a_withdrawal_have_one_winner(void)
{
	CU_ASSERT_EQUAL(fair_rounds(true), ROUNDS);
}

/* T65, T69 */
static void an_owner_who_leaves_while_another_accepts_leaves_one(void)
{
	CU_ASSERT_EQUAL(fair_rounds(false), ROUNDS);
}

int main(void)
{
	static const struct unit_test tests[] = {
		TEST(ownership_passes_by_offer_and_acceptance),
		TEST(an_offer_is_declined_or_withdrawn),
		TEST(an_acceptance_and_a_withdrawal_have_one_winner),
		TEST(an_owner_who_leaves_while_another_accepts_leaves_one),
	};
	stack_up();
	return unit_main("ownership", tests, COUNT_OF(tests));
}

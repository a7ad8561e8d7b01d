/*
 * How people join: invitations and requests, from the first call to the membership, and what happens when two act at once.
 */
#include "support/http.h"
#include "support/stack.h"
#include "support/unit.h"

#include <string.h>

#define ROUNDS stack_rounds(200)

/* A tenant with its owner's token. */
struct world {
	const char *owner, *tenant, *bearer, *slug;
};

static struct world new_world(const char *name)
{
	struct world w = { .owner = someone(name) };
	w.tenant = tenant_of(w.owner);
	w.bearer = token(w.owner, w.tenant, "dev");
	w.slug = ask("SELECT slug FROM tenantd.tenants WHERE id = '%s'", w.tenant);
	return w;
}

static const char *member_in(const char *tenant, const char *subject)
{
	return ask(
		"SELECT m.role || ' ' || m.status FROM tenantd.tenant_members m JOIN tenantd.users u ON u.id = m.user_id"
		" WHERE m.tenant_id = '%s' AND u.subject = '%s'",
		tenant, subject);
}

static struct http_reply invite(const char *bearer, const char *subject, const char *role)
{
	return HTTP("POST", "/v1/invitations", .token = bearer,
		.body = text_of("{\"email\":\"%s@example.com\",\"role\":\"%s\"}", subject, role));
}

static struct http_reply answer_invitation(const char *how, const char *bearer, const char *secret)
{
	return HTTP("POST", text_of("/v1/invitations/%s", how), .token = bearer,
		.body = text_of("{\"token\":\"%s\"}", secret));
}

static struct http_reply ask_to_join(const char *bearer, const char *slug)
{
	return HTTP("POST", "/v1/join-requests", .token = bearer,
		.body = text_of("{\"slug\":\"%s\",\"message\":\"let me in\"}", slug));
}

static const char *alone(const char *subject)
{
	return token(subject, NULL, "dev");
}

/* ---- invitations ---- */

static void an_invitation_leads_into_the_tenant(void)
{
	struct world w = new_world("inviter");
	const char *guest = someone("guest");
	struct http_reply r = invite(w.bearer, guest, "admin");
	CU_ASSERT(http_is(&r, 201, ""));
	const char *secret = http_text(&r, "token"), *id = http_text(&r, "id");
	CU_ASSERT_EQUAL(strlen(secret), 43);
	CU_ASSERT(header_is(&r, "Location", text_of("/v1/invitations/%s", id)));
	CU_ASSERT_STRING_EQUAL(http_text(&r, "role"), "tenant_admin");
	r = HTTP("GET", text_of("/v1/invitations/%s", id), .token = w.bearer);
	CU_ASSERT(http_is(&r, 200, ""));
	CU_ASSERT_STRING_EQUAL(http_text(&r, "status"), "pending");
	CU_ASSERT_STRING_EQUAL(http_text(&r, "token"), "");
	r = HTTP("GET", "/v1/auth/me", .token = alone(guest));
	CU_ASSERT(body_has(&r, text_of("\"slug\" : \"%s\"", w.slug)));
	r = HTTP("GET", "/v1/me/invitations", .token = alone(guest));
	CU_ASSERT(http_is(&r, 200, ""));
	CU_ASSERT_EQUAL(json_count(r.json), 1);
	CU_ASSERT_PTR_NULL(strstr(arena_cstr(http_arena(), r.body), secret));
	r = answer_invitation("accept", alone(guest), secret);
	CU_ASSERT(http_is(&r, 200, ""));
	CU_ASSERT_STRING_EQUAL(http_text(&r, "tenant_id"), w.tenant);
	CU_ASSERT_STRING_EQUAL(member_in(w.tenant, guest), "tenant_admin active");
	r = HTTP("GET", "/v1/tenant", .token = token(guest, w.tenant, "dev"));
	CU_ASSERT(http_is(&r, 200, ""));
	CU_ASSERT_EQUAL(events_of(w.tenant, "invitation.created"), 1);
	CU_ASSERT_EQUAL(events_of(w.tenant, "invitation.accepted"), 1);
	r = HTTP("GET", "/v1/invitations?status=accepted", .token = w.bearer);
	CU_ASSERT_EQUAL(json_count(r.json), 1);
	r = HTTP("GET", "/v1/invitations?status=pending", .token = w.bearer);
	CU_ASSERT_EQUAL(json_count(r.json), 0);
}

/* T59, T60, T61 */
static void an_invitation_is_good_for_one_person_and_once(void)
{
	struct world w = new_world("careful");
	const char *guest = someone("guest"), *thief = someone("thief");
	struct http_reply r = invite(w.bearer, guest, "member");
	const char *secret = http_text(&r, "token"), *at = text_of("/v1/invitations/%s", http_text(&r, "id"));
	r = answer_invitation("accept", alone(thief), secret);
	CU_ASSERT(http_is(&r, 403, "forbidden"));
	r = answer_invitation("accept",
		TOKEN(ISS_MAIN, HEADER_ES, { "sub", text_of("\"%s\"", guest) },
			{ "email", text_of("\"%s@example.com\"", guest) }, { "env", "\"dev\"" }),
		secret);
	CU_ASSERT(http_is(&r, 403, "forbidden"));
	r = answer_invitation("decline", alone(thief), secret);
	CU_ASSERT(http_is(&r, 403, "forbidden"));
	r = answer_invitation("accept", token(guest, NULL, "prod"), secret);
	CU_ASSERT(http_is(&r, 404, "not_found"));
	r = answer_invitation("accept", alone(guest), "no-such-token");
	CU_ASSERT(http_is(&r, 404, "not_found"));
	r = HTTP("GET", at, .token = new_world("elsewhere").bearer);
	CU_ASSERT(http_is(&r, 404, "not_found"));
	r = HTTP("POST", text_of("%s/resend", at), .token = w.bearer);
	CU_ASSERT(http_is(&r, 200, ""));
	const char *newer = http_text(&r, "token");
	r = answer_invitation("accept", alone(guest), secret);
	CU_ASSERT(http_is(&r, 404, "not_found"));
	r = HTTP("DELETE", at, .token = w.bearer);
	CU_ASSERT(http_is(&r, 204, ""));
	r = answer_invitation("accept", alone(guest), newer);
	CU_ASSERT(http_is(&r, 410, "gone"));
	CU_ASSERT(body_has(&r, "the invitation was revoked"));
	r = HTTP("DELETE", at, .token = w.bearer);
	CU_ASSERT(http_is(&r, 404, "not_found"));
	r = HTTP("POST", text_of("%s/resend", at), .token = w.bearer);
	CU_ASSERT(http_is(&r, 409, "conflict"));
	CU_ASSERT_STRING_EQUAL(member_in(w.tenant, guest), "");
	/* The inviter's own role, when they invite and when it is accepted. */
	const char *admin = someone("admin");
	member_of(w.tenant, admin, "tenant_admin", "active");
	r = invite(token(admin, w.tenant, "dev"), guest, "owner");
	CU_ASSERT(http_is(&r, 403, "forbidden"));
	r = invite(token(admin, w.tenant, "dev"), guest, "tenant_admin");
	CU_ASSERT(http_is(&r, 201, ""));
	secret = http_text(&r, "token");
	member_of(w.tenant, admin, "member", "active");
	r = answer_invitation("accept", alone(guest), secret);
	CU_ASSERT(http_is(&r, 403, "forbidden"));
	CU_ASSERT(body_has(&r, "who invited you may not give this role any more"));
	CU_ASSERT_STRING_EQUAL(member_in(w.tenant, guest), "");
	r = answer_invitation("decline", alone(guest), secret);
	CU_ASSERT(http_is(&r, 204, ""));
	r = answer_invitation("accept", alone(guest), secret);
	CU_ASSERT(http_is(&r, 410, "gone"));
}

/* T67 */
static void nobody_comes_back_by_an_old_invitation(void)
{
	struct world w = new_world("removing");
	const char *guest = someone("guest");
	struct http_reply r = invite(w.bearer, guest, "member");
	const char *secret = http_text(&r, "token"), *at = text_of("/v1/invitations/%s", http_text(&r, "id"));
	const char *user = member_of(w.tenant, guest, "member", "active");
	r = HTTP("DELETE", text_of("/v1/members/%s", user), .token = w.bearer);
	CU_ASSERT(http_is(&r, 204, ""));
	r = answer_invitation("accept", alone(guest), secret);
	CU_ASSERT(http_is(&r, 410, "gone"));
	r = HTTP("GET", "/v1/me/invitations", .token = alone(guest));
	CU_ASSERT_EQUAL(json_count(r.json), 0);
	CU_ASSERT_STRING_EQUAL(member_in(w.tenant, guest), "member removed");
	r = HTTP("POST", text_of("%s/resend", at), .token = w.bearer);
	r = answer_invitation("accept", alone(guest), http_text(&r, "token"));
	CU_ASSERT(http_is(&r, 200, ""));
	CU_ASSERT_STRING_EQUAL(member_in(w.tenant, guest), "member active");
}

/* T62: the token is in the first answer and in the mail, and nowhere else. */
static void a_token_is_shown_once(void)
{
	struct world w = new_world("once");
	const char *body = text_of("{\"email\":\"%s@example.com\"}", someone("guest"));
	struct http_reply r = HTTP("POST", "/v1/invitations", .token = w.bearer, .body = body,
		.headers = { "Idempotency-Key: an-invitation" });
	CU_ASSERT(http_is(&r, 201, ""));
	const char *secret = http_text(&r, "token"), *id = http_text(&r, "id");
	CU_ASSERT_EQUAL(strlen(secret), 43);
	r = HTTP("POST", "/v1/invitations", .token = w.bearer, .body = body,
		.headers = { "Idempotency-Key: an-invitation" });
	CU_ASSERT(http_is(&r, 201, ""));
	CU_ASSERT_STRING_EQUAL(http_text(&r, "id"), id);
	CU_ASSERT_STRING_EQUAL(http_text(&r, "token"), "");
	CU_ASSERT(header_is(&r, "Location", text_of("/v1/invitations/%s", id)));
	CU_ASSERT_EQUAL(
		ask_number("SELECT count(*) FROM tenantd.idempotency_keys WHERE strpos(body, '%s') > 0", secret), 0);
	CU_ASSERT_EQUAL(
		ask_number("SELECT count(*) FROM tenantd.mail_outbox WHERE params ->> 'token' = '%s'", secret), 1);
	CU_ASSERT_EQUAL(stack_log(secret, NULL), 0);
}

/* A repeat with the same key gets the first answer, also of somebody whom nobody knew before it. */
static void a_repeated_acceptance_gets_the_same_answer(void)
{
	struct world w = new_world("repeating");
	const char *guest = someone("guest"), *bearer = alone(guest);
	struct http_reply r = invite(w.bearer, guest, "member");
	const char *body = text_of("{\"token\":\"%s\"}", http_text(&r, "token"));
	struct http_reply first = HTTP("POST", "/v1/invitations/accept", .token = bearer, .body = body,
		.headers = { "Idempotency-Key: accepting" });
	CU_ASSERT(http_is(&first, 200, ""));
	r = HTTP("POST", "/v1/invitations/accept", .token = bearer, .body = body,
		.headers = { "Idempotency-Key: accepting" });
	CU_ASSERT(http_is(&r, 200, "") && str_eq(r.body, first.body));
	r = HTTP("POST", "/v1/invitations/accept", .token = bearer, .body = body);
	CU_ASSERT(http_is(&r, 410, "gone"));
	CU_ASSERT_EQUAL(events_of(w.tenant, "invitation.accepted"), 1);
}

static void several_are_invited_at_once(void)
{
	struct world w = new_world("many");
	const char *guest = someone("guest"), *member = someone("guest");
	member_of(w.tenant, member, "member", "active");
	struct http_reply r = HTTP("POST", "/v1/invitations/batch", .token = w.bearer,
		.body = text_of(
			"{\"emails\":[\"%s@example.com\",\"%s@example.com\",\"%s@EXAMPLE.com\"]}", guest, member, guest));
	CU_ASSERT(http_is(&r, 200, ""));
	CU_ASSERT_EQUAL(json_count(r.json), 3);
	CU_ASSERT(body_has(&r, "\"verdict\": \"invited\"") && body_has(&r, "\"verdict\": \"member\"") &&
		body_has(&r, "\"verdict\": \"pending\""));
	CU_ASSERT_EQUAL(events_of(w.tenant, "invitation.created"), 1);
	r = HTTP("POST", "/v1/invitations/batch", .token = w.bearer,
		.body = "{\"emails\":[\"one@example.com\",\"not an address\"]}");
	CU_ASSERT(http_is(&r, 400, "invalid_request"));
	CU_ASSERT(is_field(&r, "emails[1]"));
	r = HTTP("POST", "/v1/invitations/batch", .token = w.bearer, .body = "{\"emails\":[]}");
	CU_ASSERT(http_is(&r, 400, "invalid_request"));
	CU_ASSERT_EQUAL(events_of(w.tenant, "invitation.created"), 1);
	/* In pages, with none twice. */
	invite(w.bearer, someone("guest"), "member");
	r = HTTP("GET", "/v1/invitations?limit=1", .token = w.bearer);
	CU_ASSERT_EQUAL(json_count(r.json), 1);
	CU_ASSERT_PTR_NOT_NULL_FATAL(next_of(&r));
	struct http_reply next = HTTP("GET", next_of(&r), .token = w.bearer);
	CU_ASSERT_EQUAL(json_count(next.json), 1);
	CU_ASSERT_PTR_NULL(next_of(&next));
	CU_ASSERT(!str_eq(r.body, next.body));
}

static struct http_reply answer_own(const char *how, const char *bearer, const char *id)
{
	return HTTP("POST", text_of("/v1/me/invitations/%s/%s", id, how), .token = bearer);
}

/* T60, T70 */
static void an_invitation_is_accepted_from_the_own_list_without_the_mail(void)
{
	struct world w = new_world("lister");
	const char *guest = someone("listed"), *other = alone(someone("not-asked"));
	struct http_reply sent = invite(w.bearer, guest, "member");
	CU_ASSERT(http_is(&sent, 201, ""));
	struct http_reply r = HTTP("GET", "/v1/me/invitations", .token = alone(guest));
	CU_ASSERT(http_is(&r, 200, "") && json_count(r.json) == 1);
	struct str id;
	CU_ASSERT_FATAL(json_string(json_get(json_at(r.json, 0, NULL), STR("id")), &id));
	const char *own = text_of("%.*s", STR_ARG(id));
	r = answer_own("accept", other, own);
	CU_ASSERT(http_is(&r, 404, "not_found") && body_has(&r, "there is no such invitation"));
	r = answer_own("decline", other, own);
	CU_ASSERT(http_is(&r, 404, "not_found"));
	r = answer_own("accept", alone(guest), own);
	CU_ASSERT(http_is(&r, 200, "") && body_has(&r, w.tenant));
	CU_ASSERT_STRING_EQUAL(member_in(w.tenant, guest), "member active");
	r = answer_own("decline", alone(guest), own);
	CU_ASSERT(http_is(&r, 410, "gone"));
	r = answer_own("accept", alone(guest), "no-uuid");
	CU_ASSERT(http_is(&r, 404, "not_found"));
}

/* ---- requests ---- */

/* T63, T64 */
static void a_request_waits_for_an_admin(void)
{
	struct world w = new_world("asked");
	const char *guest = someone("asker");
	struct http_reply r = ask_to_join(alone(guest), w.slug);
	CU_ASSERT(http_is(&r, 201, ""));
	CU_ASSERT(header_is(&r, "Location", text_of("/v1/me/join-requests/%s", w.tenant)));
	const char *user = ask("SELECT id FROM tenantd.users WHERE subject = '%s'", guest);
	r = HTTP("GET", "/v1/me/join-requests", .token = alone(guest));
	CU_ASSERT_EQUAL(json_count(r.json), 1);
	CU_ASSERT(body_has(&r, "let me in"));
	r = HTTP("GET", "/v1/tenant", .token = token(guest, w.tenant, "dev"));
	CU_ASSERT(http_is(&r, 403, "membership_pending"));
	r = HTTP("POST", text_of("/v1/join-requests/%s/approve", user), .token = token(guest, w.tenant, "dev"));
	CU_ASSERT(http_is(&r, 403, "membership_pending"));
	r = ask_to_join(alone(guest), w.slug);
	CU_ASSERT(http_is(&r, 409, "conflict"));
	r = HTTP("GET", "/v1/join-requests", .token = w.bearer);
	CU_ASSERT_EQUAL(json_count(r.json), 1);
	CU_ASSERT(body_has(&r, user));
	r = HTTP("POST", text_of("/v1/join-requests/%s/approve", user), .token = new_world("other").bearer);
	CU_ASSERT(http_is(&r, 404, "not_found"));
	r = HTTP("POST", text_of("/v1/join-requests/%s/approve", user), .token = w.bearer,
		.body = "{\"role\":\"admin\"}");
	CU_ASSERT(http_is(&r, 200, ""));
	CU_ASSERT_STRING_EQUAL(http_text(&r, "role"), "tenant_admin");
	r = HTTP("POST", text_of("/v1/join-requests/%s/reject", user), .token = w.bearer);
	CU_ASSERT(http_is(&r, 409, "conflict"));
	CU_ASSERT_STRING_EQUAL(member_in(w.tenant, guest), "tenant_admin active");
	CU_ASSERT_EQUAL(events_of(w.tenant, "member.requested"), 1);
	CU_ASSERT_EQUAL(events_of(w.tenant, "member.approved"), 1);
	CU_ASSERT_EQUAL(ask_number("SELECT count(*) FROM tenantd.mail_outbox WHERE about_tenant = '%s'"
							   " AND kind IN ('join_requested', 'join_approved')",
						w.tenant),
		2);
}

/* Of the tenant they are told what it wants them to know, and nothing else. */
static void who_waits_is_told_whom_to_ask_when_the_tenant_says_so(void)
{
	struct world w = new_world("contact");
	const char *guest = someone("waits"), *bearer = alone(guest);
	struct http_reply r = ask_to_join(bearer, w.slug);
	CU_ASSERT(http_is(&r, 201, "") && body_has(&r, "\"access_contact\" : null"));
	r = HTTP("PATCH", "/v1/tenant", .token = w.bearer, .body = "{\"access_contact\":\"Ask Olga\"}");
	CU_ASSERT(http_is(&r, 200, "") && body_has(&r, "\"access_contact\":\"Ask Olga\""));
	static const char *const places[] = { "/v1/me/join-requests", "/v1/auth/me" };
	for (size_t i = 0; i < COUNT_OF(places); i++) {
		r = HTTP("GET", places[i], .token = bearer);
		CU_ASSERT(http_is(&r, 200, "") && body_has(&r, "\"access_contact\" : \"Ask Olga\""));
		CU_ASSERT_PTR_NULL(strstr(r.body.at, w.owner));
	}
	r = HTTP("PATCH", "/v1/tenant", .token = w.bearer, .body = "{\"access_contact\":null}");
	CU_ASSERT(http_is(&r, 200, "") && body_has(&r, "\"access_contact\":null"));
}

static void a_tenant_changes_its_slug_and_the_old_one_names_nobody(void)
{
	struct world w = new_world("moves"), other = new_world("stays");
	const char *slug = someone("new");
	struct http_reply r =
		HTTP("PATCH", "/v1/tenant", .token = w.bearer, .body = text_of("{\"slug\":\"%s\"}", other.slug));
	CU_ASSERT(http_is(&r, 409, "conflict") && body_has(&r, "another tenant in this env has the slug"));
	r = HTTP("PATCH", "/v1/tenant", .token = w.bearer, .body = "{\"slug\":\"No Slug\"}");
	CU_ASSERT(http_is(&r, 400, "invalid_request") && is_field(&r, "slug"));
	r = HTTP("PATCH", "/v1/tenant", .token = w.bearer, .body = text_of("{\"slug\":\"%s\"}", slug));
	CU_ASSERT(http_is(&r, 200, "") && body_has(&r, slug));
	CU_ASSERT_EQUAL(events_of(w.tenant, "tenant.updated"), 1);
	const char *guest = alone(someone("follows"));
	r = ask_to_join(guest, w.slug);
	CU_ASSERT(http_is(&r, 404, "tenant_not_found"));
	r = ask_to_join(guest, slug);
	CU_ASSERT(http_is(&r, 201, ""));
}

/* T25: where nobody may ask, it looks as if there were nothing. */
static void a_tenant_decides_who_may_ask_and_when(void)
{
	struct world w = new_world("choosy");
	const char *guest = someone("asker"), *bearer = alone(guest);
	struct http_reply unknown = ask_to_join(bearer, "no-such-tenant");
	CU_ASSERT(http_is(&unknown, 404, "tenant_not_found"));
	struct http_reply r = ask_to_join(token(guest, NULL, "prod"), w.slug);
	CU_ASSERT(http_is(&r, 404, "tenant_not_found"));
	r = HTTP("PATCH", "/v1/tenant", .token = w.bearer, .body = "{\"joinable\":false,\"ask_again_days\":3}");
	CU_ASSERT(http_is(&r, 200, ""));
	CU_ASSERT(body_has(&r, "\"joinable\":false"));
	r = ask_to_join(bearer, w.slug);
	CU_ASSERT(http_is(&r, 403, "forbidden"));
	CU_ASSERT(body_has(&r, "this tenant takes no requests to join"));
	r = HTTP("PATCH", "/v1/tenant", .token = w.bearer, .body = "{\"joinable\":true}");
	r = ask_to_join(bearer, w.slug);
	CU_ASSERT(http_is(&r, 201, ""));
	const char *own = text_of("/v1/me/join-requests/%s", w.tenant);
	r = HTTP("DELETE", own, .token = bearer);
	CU_ASSERT(http_is(&r, 204, ""));
	r = HTTP("DELETE", own, .token = bearer);
	CU_ASSERT(http_is(&r, 404, "not_found"));
	r = ask_to_join(bearer, w.slug);
	CU_ASSERT(http_is(&r, 201, ""));
	const char *user = ask("SELECT id FROM tenantd.users WHERE subject = '%s'", guest);
	r = HTTP("POST", text_of("/v1/join-requests/%s/reject", user), .token = w.bearer);
	CU_ASSERT(http_is(&r, 204, ""));
	r = ask_to_join(bearer, w.slug);
	CU_ASSERT(http_is(&r, 409, "conflict"));
	CU_ASSERT(body_has(&r, "you can ask again after"));
	sql("UPDATE tenantd.tenant_members SET status_at = now() - interval '3 days' WHERE tenant_id = '%s' AND user_id = '%s'",
		w.tenant, user);
	r = ask_to_join(bearer, w.slug);
	CU_ASSERT(http_is(&r, 201, ""));
	static const char *const bad[] = { "{\"invitation_days\":0}", "{\"invitation_days\":91}",
		"{\"ask_again_days\":-1}", "{\"joinable\":null}", "{\"joinable\":\"yes\"}" };
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		r = HTTP("PATCH", "/v1/tenant", .token = w.bearer, .body = bad[i]);
		CU_ASSERT(http_is(&r, 400, "invalid_request"));
	}
}

/* ---- races ---- */

struct act {
	const char *method, *target, *token, *body;
	int status;
};

static void play(size_t number, void *given)
{
	struct act *act = &((struct act *)given)[number];
	act->status = HTTP(act->method, act->target, .token = act->token, .body = act->body).status;
}

/* True when one of the two got its wish and the other was told so with `loses`. */
static bool has_one_winner(struct act acts[2], int loses)
{
	in_parallel(2, play, acts);
	bool first = acts[0].status < 300 && acts[1].status == loses;
	bool second = acts[1].status < 300 && acts[0].status >= 400 && acts[0].status < 500;
	if (!first && !second)
		fprintf(stderr, "  %d and %d\n", acts[0].status, acts[1].status);
	return first || second;
}

/* T70, T71 */
static void of_two_who_answer_an_invitation_one_wins(void)
{
	struct world w = new_world("race");
	const char *guest = someone("racer"), *id = "44444444-4444-4444-8444-444444444444";
	const char *bearer = alone(guest), *user = member_of(w.tenant, guest, "member", "removed");
	struct act accept = { "POST", "/v1/invitations/accept", bearer, "{\"token\":\"race\"}", 0 };
	struct act decline = { "POST", "/v1/invitations/decline", bearer, "{\"token\":\"race\"}", 0 };
	struct act revoke = { "DELETE", text_of("/v1/invitations/%s", id), w.bearer, NULL, 0 };
	const struct {
		struct act other;
		int loses; /* what the other gets when the acceptance comes first */
		const char *ending; /* of the invitation when the other comes first */
	} duels[] = { { accept, 410, "accepted" }, { decline, 410, "declined" }, { revoke, 409, "revoked" } };
	for (size_t d = 0; d < COUNT_OF(duels); d++) {
		int fair = 0;
		for (int round = 0; round < ROUNDS; round++) {
			sql("UPDATE tenantd.tenant_members SET status = 'removed', status_at = now() - interval '1 day'"
				" WHERE tenant_id = '%s' AND user_id = '%s';"
				"DELETE FROM tenantd.invitations WHERE tenant_id = '%s';"
				"INSERT INTO tenantd.invitations (tenant_id, env, id, email, token_digest, invited_by, expires_at)"
				" SELECT '%s', 'dev', '%s', '%s@example.com', sha256('race'), id, now() + interval '1 day'"
				" FROM tenantd.users WHERE subject = '%s'",
				w.tenant, user, w.tenant, w.tenant, id, guest, w.owner);
			struct act acts[2] = { accept, duels[d].other };
			bool one = has_one_winner(acts, duels[d].loses);
			bool is_in = acts[0].status < 300 || (d == 0 && acts[1].status < 300);
			const char *status = ask("SELECT status FROM tenantd.invitations WHERE id = '%s'", id);
			fair += one && strcmp(status, is_in ? "accepted" : duels[d].ending) == 0 &&
				strcmp(member_in(w.tenant, guest), is_in ? "member active" : "member removed") == 0;
		}
		CU_ASSERT_EQUAL(fair, ROUNDS);
	}
}

/* T72 */
static void of_two_admins_who_decide_one_wins(void)
{
	struct world w = new_world("judges");
	const char *guest = someone("racer"), *second = someone("judge");
	const char *user = member_of(w.tenant, guest, "member", "pending");
	member_of(w.tenant, second, "tenant_admin", "active");
	int fair = 0;
	for (int round = 0; round < ROUNDS; round++) {
		sql("UPDATE tenantd.tenant_members SET status = 'pending', role = 'member' WHERE tenant_id = '%s' AND user_id = '%s'",
			w.tenant, user);
		struct act acts[2] = { { "POST", text_of("/v1/join-requests/%s/approve", user), w.bearer,
								   "{\"role\":\"tenant_admin\"}", 0 },
			{ "POST", text_of("/v1/join-requests/%s/reject", user), token(second, w.tenant, "dev"), NULL,
				0 } };
		bool one = has_one_winner(acts, 409);
		fair += one &&
			strcmp(member_in(w.tenant, guest),
				acts[0].status < 300 ? "tenant_admin active" : "member rejected") == 0;
	}
	CU_ASSERT_EQUAL(fair, ROUNDS);
}

/* T62: whoever guesses is stopped after a few tries, and so is whoever asks everywhere. The limits of the other tests here are
 * off. */
static void tries_are_limited(void)
{
	stack_set("limits", "invitations_per_account", "3/h");
	stack_set("limits", "join_requests_per_account", "2/h");
	stack_reload();
	const char *guesser = alone(someone("guesser"));
	for (int i = 0; i < 3; i++) {
		struct http_reply r = answer_invitation("accept", guesser, text_of("guess-%d", i));
		CU_ASSERT(http_is(&r, 404, "not_found"));
	}
	struct http_reply r = answer_invitation("accept", guesser, "guess-3");
	CU_ASSERT(http_is(&r, 429, "too_many_requests"));
	CU_ASSERT_PTR_NOT_NULL(http_header(&r, "Retry-After"));
	for (int i = 0; i < 2; i++) {
		r = ask_to_join(guesser, "nowhere");
		CU_ASSERT(http_is(&r, 404, "tenant_not_found"));
	}
	r = ask_to_join(guesser, "nowhere");
	CU_ASSERT(http_is(&r, 429, "too_many_requests"));
}

int main(void)
{
	static const struct unit_test tests[] = {
		TEST(an_invitation_leads_into_the_tenant),
		TEST(an_invitation_is_good_for_one_person_and_once),
		TEST(nobody_comes_back_by_an_old_invitation),
		TEST(a_token_is_shown_once),
		TEST(a_repeated_acceptance_gets_the_same_answer),
		TEST(several_are_invited_at_once),
		TEST(an_invitation_is_accepted_from_the_own_list_without_the_mail),
		TEST(a_request_waits_for_an_admin),
		TEST(who_waits_is_told_whom_to_ask_when_the_tenant_says_so),
		TEST(a_tenant_changes_its_slug_and_the_old_one_names_nobody),
		TEST(a_tenant_decides_who_may_ask_and_when),
		TEST(of_two_who_answer_an_invitation_one_wins),
		TEST(of_two_admins_who_decide_one_wins),
		TEST(tries_are_limited),
	};
	static const char *const limits[] = { "invitations_per_address", "invitations_per_account",
		"join_requests_per_address", "join_requests_per_account" };
	for (size_t i = 0; i < COUNT_OF(limits); i++)
		stack_set("limits", limits[i], "off");
	stack_up();
	return unit_main("joining", tests, COUNT_OF(tests));
}

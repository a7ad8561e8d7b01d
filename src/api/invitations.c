/* /v1/invitations: an admin invites, and whoever was invited accepts or declines. The database makes the tokens
 * and decides who may do what. */
#include "api/families.h"

enum { MOST_EMAILS = 50 };

static const struct type status_shown = { .name = "InvitationStatus",
	.kind = JSON_STRING,
	.words = (const char *const[]){ "pending", "accepted", "declined", "revoked", "expired", NULL } };

static const struct field filter[] = {
	{ "status", &status_shown, 0 },
	PAGE_FIELDS,
	FIELDS_END,
};
static const struct field pages[] = { PAGE_FIELDS, FIELDS_END };

#define INVITATION_FIELDS                                                                                    \
	{ "id", &type_uuid, REQUIRED }, { "email", &type_text, REQUIRED }, { "role", &type_role, REQUIRED },     \
		{ "status", &status_shown, REQUIRED }, { "invited_by", &type_uuid, REQUIRED },                       \
		{ "sent_at", &type_time, REQUIRED }, { "expires_at", &type_time, REQUIRED },                         \
	{                                                                                                        \
		"created_at", &type_time, REQUIRED                                                                   \
	}

static const struct field invitation_fields[] = { INVITATION_FIELDS, FIELDS_END };
static const struct type invitation = { .name = "Invitation",
	.purpose = "Somebody who was asked into the tenant",
	.kind = JSON_OBJECT,
	.fields = invitation_fields };

static const struct field sent_fields[] = {
	INVITATION_FIELDS,
	{ "token", &type_text, 0 },
	FIELDS_END,
};
static const struct type sent = { .name = "InvitationSent",
	.purpose =
		"An invitation with its token, which is shown this once and not in the answer to a repeated request",
	.kind = JSON_OBJECT,
	.fields = sent_fields };

static const struct type verdict_word = { .name = "InvitationVerdict",
	.kind = JSON_STRING,
	.words = (const char *const[]){ "invited", "member", "suspended", "pending", NULL } };
static const struct field verdict_fields[] = {
	{ "email", &type_text, REQUIRED },
	{ "verdict", &verdict_word, REQUIRED },
	{ "invitation", &invitation, REQUIRED | NULLABLE },
	FIELDS_END,
};
static const struct type verdict = { .name = "InvitationOfMany",
	.purpose = "What became of one of the addresses: invited, or why not",
	.kind = JSON_OBJECT,
	.fields = verdict_fields };

static const struct field create_fields[] = {
	{ "email", &type_email, REQUIRED },
	{ "role", &type_role_given, 0 },
	FIELDS_END,
};
static const struct type create = { .name = "InvitationCreate",
	.purpose = "Whom to invite, and as what: a member when nothing is said",
	.kind = JSON_OBJECT,
	.fields = create_fields };

static const struct type emails = {
	.kind = JSON_ARRAY, .items = &type_email, .least = 1, .most = MOST_EMAILS
};
static const struct field many_fields[] = {
	{ "emails", &emails, REQUIRED },
	{ "role", &type_role_given, 0 },
	FIELDS_END,
};
static const struct type many = { .name = "InvitationCreateMany",
	.purpose = "Whom to invite with one role",
	.kind = JSON_OBJECT,
	.fields = many_fields };

static const struct field token_fields[] = {
	{ "token", &type_name, REQUIRED },
	FIELDS_END,
};
static const struct type token = {
	.name = "InvitationToken", .purpose = "The token of the mail", .kind = JSON_OBJECT, .fields = token_fields
};

#define PER_TENANT_SENT                                                                                      \
	{                                                                                                        \
		{                                                                                                    \
			PER_TENANT, RATE(invitations_per_tenant)                                                         \
		}                                                                                                    \
	}
#define PER_GUESS                                                                                            \
	{                                                                                                        \
		{ PER_ADDRESS, RATE(invitations_per_address) },                                                      \
		{                                                                                                    \
			PER_ACCOUNT, RATE(invitations_per_account)                                                       \
		}                                                                                                    \
	}

static const struct route rows[] = {
	{ METHOD_GET, "/v1/invitations", CALLER_TOKEN, { LEAST_TENANT_ADMIN, TENANT_OPEN }, 200,
		"listInvitations", "The invitations, oldest first, in pages", .query = filter,
		.answer = ARRAY_OF(invitation), .verb = &invitation_list },
	{ METHOD_POST, "/v1/invitations", CALLER_TOKEN, { LEAST_TENANT_ADMIN, TENANT_OPEN }, 201, "invite",
		"Invite an email address", .body = &create, .answer = &sent, .verb = &invitation_create,
		.flags = ROUTE_KEYED, .limits = PER_TENANT_SENT, .location = "/v1/invitations/{id}" },
	{ METHOD_POST, "/v1/invitations/batch", CALLER_TOKEN, { LEAST_TENANT_ADMIN, TENANT_OPEN }, 200,
		"inviteMany", "Invite several addresses: each gets its verdict", .body = &many,
		.answer = ARRAY_OF(verdict), .verb = &invitation_create_many, .flags = ROUTE_KEYED,
		.limits = PER_TENANT_SENT },
	{ METHOD_POST, "/v1/invitations/accept", CALLER_TOKEN, { LEAST_ANYBODY, TENANT_ANY }, 200,
		"acceptInvitation", "Become a member, with the token of the mail", .body = &token,
		.answer = &type_membership, .verb = &invitation_accept, .flags = ROUTE_KEYED, .limits = PER_GUESS },
	{ METHOD_POST, "/v1/invitations/decline", CALLER_TOKEN, { LEAST_ANYBODY, TENANT_ANY }, 204,
		"declineInvitation", "Decline, with the token of the mail", .body = &token,
		.verb = &invitation_decline, .flags = ROUTE_KEYED, .limits = PER_GUESS },
	{ METHOD_GET, "/v1/invitations/{id}", CALLER_TOKEN, { LEAST_TENANT_ADMIN, TENANT_OPEN }, 200,
		"getInvitation", "One invitation", .answer = &invitation, .verb = &invitation_get },
	{ METHOD_DELETE, "/v1/invitations/{id}", CALLER_TOKEN, { LEAST_TENANT_ADMIN, TENANT_OPEN }, 204,
		"revokeInvitation", "Revoke an invitation", .verb = &invitation_revoke },
	{ METHOD_POST, "/v1/invitations/{id}/resend", CALLER_TOKEN, { LEAST_TENANT_ADMIN, TENANT_OPEN }, 200,
		"resendInvitation", "Send it again, with a new token and a new time", .answer = &sent,
		.verb = &invitation_resend, .flags = ROUTE_KEYED, .limits = PER_TENANT_SENT },
	{ METHOD_POST, "/v1/me/invitations/{id}/accept", CALLER_TOKEN, { LEAST_ANYBODY, TENANT_ANY }, 200,
		"acceptMyInvitation", "Become a member, by the caller's verified email alone",
		.answer = &type_membership, .verb = &my_invitation_accept, .flags = ROUTE_KEYED },
	{ METHOD_POST, "/v1/me/invitations/{id}/decline", CALLER_TOKEN, { LEAST_ANYBODY, TENANT_ANY }, 204,
		"declineMyInvitation", "Decline, by the caller's verified email alone",
		.verb = &my_invitation_decline, .flags = ROUTE_KEYED },
	{ METHOD_GET, "/v1/me/invitations", CALLER_TOKEN, { LEAST_ANYBODY, TENANT_ANY }, 200, "listMyInvitations",
		"What waits for the caller's verified email, in pages", .query = pages,
		.answer = ARRAY_OF(type_my_invitation), .verb = &my_invitation_list },
};

const struct route_family invitations_family = FAMILY("invitations", "Asking people into the tenant", rows);

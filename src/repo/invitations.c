/* Invitations. What makes a token, or is done by somebody who is not in the tenant yet, is a function of the
 * database; the rest are statements in the tenant. */
#include "repo/verbs.h"

#define INVITATION_JSON                                                                                      \
	"tenantd.invitation_shown(i.id, i.email, i.role, i.status, i.invited_by, i.sent_at, i.expires_at,"       \
	" i.created_at)"

const struct verb invitation_list = {
	.statement = { "invitation_list",
		"SELECT " INVITATION_JSON ", i.created_at, i.id FROM tenantd.invitations i"
		" WHERE i.tenant_id = $1 AND i.env = $2"
		" AND ($3::text IS NULL OR tenantd.invitation_status(i.status, i.expires_at) = $3)"
		" AND (i.created_at, i.id) > (coalesce($5::timestamptz, '-infinity'),"
		"  coalesce($6::uuid, '00000000-0000-0000-0000-000000000000'))"
		" ORDER BY i.created_at, i.id LIMIT $4" },
	.kind = VERB_LIST,
	.is_scoped = true,
};

const struct verb invitation_get = {
	.statement = { "invitation_get",
		"SELECT " INVITATION_JSON " FROM tenantd.invitations i"
		" WHERE i.tenant_id = $1 AND i.env = $2 AND i.id = $3" },
	.kind = VERB_ONE,
	.is_scoped = true,
};

/* One that was answered is refused by the guard. */
const struct verb invitation_revoke = {
	.statement = { "invitation_revoke",
		"UPDATE tenantd.invitations i SET status = 'revoked'"
		" WHERE i.tenant_id = $1 AND i.env = $2 AND i.id = $3 AND i.status <> 'revoked'" },
	.kind = VERB_DONE,
	.is_scoped = true,
};

const struct verb invitation_create = {
	.statement = { "invitation_create", "SELECT tenantd.invitation_create($1)" },
	.kind = VERB_ONE,
	.secret = "token",
};

const struct verb invitation_create_many = {
	.statement = { "invitation_create_many", "SELECT tenantd.invitation_create_many($1)" },
	.kind = VERB_ONE,
};

const struct verb invitation_resend = {
	.statement = { "invitation_resend", "SELECT tenantd.invitation_resend($1)" },
	.kind = VERB_ONE,
	.secret = "token",
};

const struct verb invitation_accept = {
	.statement = { "invitation_accept", "SELECT tenantd.invitation_accept($1)" },
	.kind = VERB_ONE,
};

const struct verb invitation_decline = {
	.statement = { "invitation_decline", "SELECT tenantd.invitation_decline($1)" },
	.kind = VERB_ONE,
};

const struct verb my_invitation_accept = {
	.statement = { "my_invitation_accept",
		"SELECT tenantd.invitation_accept(jsonb_build_object('id', $1::uuid))" },
	.kind = VERB_ONE,
};

const struct verb my_invitation_decline = {
	.statement = { "my_invitation_decline",
		"SELECT tenantd.invitation_decline(jsonb_build_object('id', $1::uuid))" },
	.kind = VERB_ONE,
};

const struct verb my_invitation_list = {
	.statement = { "my_invitation_list",
		"SELECT i.answer, i.sent_at, i.id FROM tenantd.my_invitations() i"
		" WHERE (i.sent_at, i.id) > (coalesce($2::timestamptz, '-infinity'),"
		"  coalesce($3::uuid, '00000000-0000-0000-0000-000000000000'))"
		" ORDER BY i.sent_at, i.id LIMIT $1" },
	.kind = VERB_LIST,
};

/* Requests to join. A request is the pending membership, so the guard of the members decides who may decide. */
#include "repo/verbs.h"

const struct verb join_list = {
	.statement = { "join_list",
		"SELECT (SELECT row_to_json(x) FROM (SELECT m.user_id, u.email, u.email_verified, u.name, m.message,"
		"  m.status_at AS requested_at FROM tenantd.users u WHERE u.id = m.user_id) x), m.status_at, m.user_id"
		" FROM tenantd.tenant_members m"
		" WHERE m.tenant_id = $1 AND m.env = $2 AND m.status = 'pending'"
		" AND (m.status_at, m.user_id) > (coalesce($4::timestamptz, '-infinity'),"
		"  coalesce($5::uuid, '00000000-0000-0000-0000-000000000000'))"
		" ORDER BY m.status_at, m.user_id LIMIT $3" },
	.kind = VERB_LIST,
	.is_scoped = true,
};

const struct verb join_approve = {
	.statement = { "join_approve",
		"SELECT tenantd.join_decide($1, $2, $3, 'active', ($4::jsonb ->> 'role')::tenantd.role)" },
	.kind = VERB_ONE,
	.is_scoped = true,
};

const struct verb join_reject = {
	.statement = { "join_reject", "SELECT tenantd.join_decide($1, $2, $3, 'rejected', NULL)" },
	.kind = VERB_DONE,
	.is_scoped = true,
};

const struct verb join_ask = {
	.statement = { "join_ask", "SELECT tenantd.join_ask($1)" },
	.kind = VERB_ONE,
};

const struct verb join_withdraw = {
	.statement = { "join_withdraw", "SELECT tenantd.join_withdraw($1)" },
	.kind = VERB_DONE,
};

const struct verb my_join_list = {
	.statement = { "my_join_list",
		"SELECT r.answer, r.requested_at, r.tenant_id FROM tenantd.my_join_requests() r"
		" WHERE (r.requested_at, r.tenant_id) > (coalesce($2::timestamptz, '-infinity'),"
		"  coalesce($3::uuid, '00000000-0000-0000-0000-000000000000'))"
		" ORDER BY r.requested_at, r.tenant_id LIMIT $1" },
	.kind = VERB_LIST,
};

/* The members of the context's tenant, with what a co-member may see of each user. Nobody sees members
 * that were removed or rejected. The triggers of the database decide who may change whom. */
#include "repo/verbs.h"

#define MEMBER_JSON                                                                                          \
	"(SELECT row_to_json(x) FROM (SELECT m.user_id, u.email, u.name, m.role, m.status, m.joined_at"          \
	" FROM tenantd.users u WHERE u.id = m.user_id) x)"

const struct verb member_list = {
	.statement = { "member_list",
		"SELECT " MEMBER_JSON ", m.created_at, m.user_id FROM tenantd.tenant_members m"
		" WHERE m.tenant_id = $1 AND m.env = $2 AND m.status NOT IN ('removed', 'rejected')"
		" AND ($3::text IS NULL OR EXISTS (SELECT 1 FROM tenantd.users u WHERE u.id = m.user_id"
		"  AND strpos(lower(concat_ws(' ', u.email, u.name)), lower($3)) > 0))"
		" AND ($4::tenantd.role IS NULL OR m.role = $4) AND ($5::tenantd.member_status IS NULL OR m.status = $5)"
		" AND (m.created_at, m.user_id) > (coalesce($7::timestamptz, '-infinity'),"
		"  coalesce($8::uuid, '00000000-0000-0000-0000-000000000000'))"
		" ORDER BY m.created_at, m.user_id LIMIT $6" },
	.kind = VERB_LIST,
	.is_scoped = true,
};

const struct verb member_get = {
	.statement = { "member_get",
		"SELECT " MEMBER_JSON " FROM tenantd.tenant_members m"
		" WHERE m.tenant_id = $1 AND m.env = $2 AND m.user_id = $3"
		" AND m.status NOT IN ('removed', 'rejected')" },
	.kind = VERB_ONE,
	.is_scoped = true,
};

const struct verb member_change = {
	.statement = { "member_change",
		"UPDATE tenantd.tenant_members m SET role = coalesce(($4::jsonb ->> 'role')::tenantd.role, m.role),"
		" status = coalesce(($4::jsonb ->> 'status')::tenantd.member_status, m.status)"
		" WHERE m.tenant_id = $1 AND m.env = $2 AND m.user_id = $3"
		" AND m.status NOT IN ('removed', 'rejected') RETURNING " MEMBER_JSON },
	.kind = VERB_ONE,
	.is_scoped = true,
};

const struct verb member_remove = {
	.statement = { "member_remove",
		"UPDATE tenantd.tenant_members m SET status = 'removed'"
		" WHERE m.tenant_id = $1 AND m.env = $2 AND m.user_id = $3"
		" AND m.status NOT IN ('removed', 'rejected')" },
	.kind = VERB_DONE,
	.is_scoped = true,
};

const struct verb member_leave = {
	.statement = { "member_leave",
		"UPDATE tenantd.tenant_members m SET status = 'removed' WHERE m.tenant_id = $1 AND m.env = $2"
		" AND m.user_id = (SELECT c.user_id FROM tenantd.context() c) AND m.status = 'active'"
		" RETURNING NULL::json" },
	.kind = VERB_DONE,
	.is_scoped = true,
};

/* Reads the audit log of a tenant. Only the database writes it. */
#include "repo/verbs.h"

const struct verb audit_list = {
	.statement = { "audit_list",
		"SELECT (SELECT row_to_json(x) FROM (SELECT e.id, e.at, e.action, e.actor_kind, e.actor_id, n.actor_name, e.actor_label,"
		"  e.object_type, e.object_id, n.object_name, e.fields, e.code, e.count, e.route, e.trace_id, e.reason) x), e.at, e.id"
		" FROM (SELECT * FROM tenantd.audit_events e WHERE e.tenant_id = $1 AND e.env = $2"
		" AND ($3::text IS NULL OR e.action = $3) AND ($4::uuid IS NULL OR e.actor_id = $4)"
		" AND ($5::text IS NULL OR e.object_type = $5 OR e.object_id = $5)"
		" AND e.at >= coalesce($6::timestamptz, '-infinity') AND e.at < coalesce($7::timestamptz, 'infinity')"
		" AND (e.at, e.id) < (coalesce($9::timestamptz, 'infinity'),"
		"  coalesce($10::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))"
		" ORDER BY e.at DESC, e.id DESC LIMIT $8) e"
		" LEFT JOIN LATERAL tenantd.audit_names(e.tenant_id, e.actor_id, e.object_type, e.object_id) n ON true"
		" ORDER BY e.at DESC, e.id DESC" },
	.kind = VERB_LIST,
	.is_scoped = true,
};

/* What the audit rows say; email and name are those of today. */
const struct verb audit_access = {
	.statement = { "audit_access",
		"SELECT (SELECT row_to_json(x) FROM (SELECT a.user_id, u.email, u.name, a.role, a.status, a.since, a.tenant_status) x),"
		" a.since, a.user_id"
		" FROM tenantd.access_at($1::uuid, $2::tenantd.env, coalesce($3::timestamptz, pg_catalog.now())) a"
		" LEFT JOIN tenantd.users u ON u.id = a.user_id"
		" WHERE (a.since, a.user_id) > (coalesce($5::timestamptz, '-infinity'),"
		"  coalesce($6::uuid, '00000000-0000-0000-0000-000000000000'))"
		" ORDER BY a.since, a.user_id LIMIT $4" },
	.kind = VERB_LIST,
	.is_scoped = true,
};

/* Days without an event are left out. */
const struct verb audit_activity = {
	.statement = { "audit_activity",
		"SELECT coalesce(json_agg(row_to_json(x) ORDER BY x.day, x.object_type), '[]') FROM ("
		"SELECT (e.at AT TIME ZONE 'UTC')::date AS day, e.object_type, sum(e.count) AS count FROM tenantd.audit_events e"
		" WHERE e.tenant_id = $1 AND e.env = $2 AND e.at >= tenantd.days_ago($3) GROUP BY 1, 2) x" },
	.kind = VERB_ONE,
	.is_scoped = true,
};

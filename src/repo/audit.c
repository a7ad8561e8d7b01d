/* Reads the audit log of a tenant. Only the database writes it. */
#include "repo/verbs.h"

const struct verb audit_list = {
	.statement = { "audit_list",
		"SELECT (SELECT row_to_json(x) FROM (SELECT e.id, e.at, e.action, e.actor_kind, e.actor_id, e.actor_label,"
		"  e.object_type, e.object_id, e.fields, e.code, e.count, e.route, e.trace_id, e.reason) x), e.at, e.id"
		" FROM tenantd.audit_events e WHERE e.tenant_id = $1 AND e.env = $2"
		" AND ($3::text IS NULL OR e.action = $3) AND ($4::uuid IS NULL OR e.actor_id = $4)"
		" AND ($5::text IS NULL OR e.object_type = $5 OR e.object_id = $5)"
		" AND e.at >= coalesce($6::timestamptz, '-infinity') AND e.at < coalesce($7::timestamptz, 'infinity')"
		" AND (e.at, e.id) < (coalesce($9::timestamptz, 'infinity'),"
		"  coalesce($10::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))"
		" ORDER BY e.at DESC, e.id DESC LIMIT $8" },
	.kind = VERB_LIST,
	.is_scoped = true,
};

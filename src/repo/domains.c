/* The domains of the context's tenant. What is proven is written by the check alone (domains/check.c). */
#include "repo/verbs.h"

#define DOMAIN_JSON "tenantd.domain_shown(d)"

const struct verb domain_list = {
	.statement = { "domain_list",
		"SELECT " DOMAIN_JSON
		", d.created_at, d.id FROM tenantd.domains d WHERE d.tenant_id = $1 AND d.env = $2"
		" AND (d.created_at, d.id) > (coalesce($4::timestamptz, '-infinity'),"
		"  coalesce($5::uuid, '00000000-0000-0000-0000-000000000000'))"
		" ORDER BY d.created_at, d.id LIMIT $3" },
	.kind = VERB_LIST,
	.is_scoped = true,
};

const struct verb domain_add = {
	.statement = { "domain_add", "SELECT tenantd.domain_add($1)" },
	.kind = VERB_ONE,
};

const struct verb domain_get = {
	.statement = { "domain_get",
		"SELECT " DOMAIN_JSON " FROM tenantd.domains d"
		" WHERE d.tenant_id = $1 AND d.env = $2 AND d.id = $3" },
	.kind = VERB_ONE,
	.is_scoped = true,
};

const struct verb domain_change = {
	.statement = { "domain_change",
		"UPDATE tenantd.domains d SET enrollment = $4::jsonb ->> 'enrollment'"
		" WHERE d.tenant_id = $1 AND d.env = $2 AND d.id = $3 RETURNING " DOMAIN_JSON },
	.kind = VERB_ONE,
	.is_scoped = true,
};

const struct verb domain_verify = {
	.statement = { "domain_verify",
		"UPDATE tenantd.domains d SET asked_at = now()"
		" WHERE d.tenant_id = $1 AND d.env = $2 AND d.id = $3 RETURNING " DOMAIN_JSON },
	.kind = VERB_ONE,
	.is_scoped = true,
};

const struct verb domain_remove = {
	.statement = { "domain_remove",
		"DELETE FROM tenantd.domains d WHERE d.tenant_id = $1 AND d.env = $2 AND d.id = $3" },
	.kind = VERB_DONE,
	.is_scoped = true,
};

/* The API keys of the context's tenant. Their digests are written and read by the database alone. */
#include "repo/verbs.h"

const struct verb api_key_list = {
	.statement = { "api_key_list",
		"SELECT (SELECT row_to_json(x) FROM (SELECT k.id, k.name, k.role, k.created_by, k.created_at, k.expires_at, k.last_used_at,"
		" k.revoked_at) x), k.created_at, k.id FROM tenantd.api_keys k WHERE k.tenant_id = $1 AND k.env = $2"
		" AND (k.created_at, k.id) > (coalesce($4::timestamptz, '-infinity'),"
		"  coalesce($5::uuid, '00000000-0000-0000-0000-000000000000'))"
		" ORDER BY k.created_at, k.id LIMIT $3" },
	.kind = VERB_LIST,
	.is_scoped = true,
};

const struct verb api_key_create = {
	.statement = { "api_key_create", "SELECT tenantd.api_key_create($1, $2, $3)" },
	.kind = VERB_ONE,
	.is_scoped = true,
	.secret = "key",
};

const struct verb api_key_revoke = {
	.statement = { "api_key_revoke",
		"UPDATE tenantd.api_keys SET revoked_at = now() WHERE tenant_id = $1 AND env = $2 AND id = $3 AND revoked_at IS NULL" },
	.kind = VERB_DONE,
	.is_scoped = true,
};

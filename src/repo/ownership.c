/* Offers of ownership. An owner sees all of the tenant's, everybody else those that were made to them. They are written by
 * functions of the database alone (db/functions/ownership.sql), because accepting one changes two members. */
#include "repo/verbs.h"

const struct verb ownership_list = {
	.statement = { "ownership_list",
		"SELECT tenantd.ownership_shown(o), o.created_at, o.id FROM tenantd.ownership_offers o"
		" WHERE o.tenant_id = $1 AND o.env = $2 AND (SELECT c.role = 'owner' OR c.user_id = o.user_id FROM tenantd.context() c)"
		" AND (o.created_at, o.id) > (coalesce($4::timestamptz, '-infinity'),"
		"  coalesce($5::uuid, '00000000-0000-0000-0000-000000000000'))"
		" ORDER BY o.created_at, o.id LIMIT $3" },
	.kind = VERB_LIST,
	.is_scoped = true,
};

const struct verb ownership_offer = {
	.statement = { "ownership_offer", "SELECT tenantd.ownership_offer($1)" },
	.kind = VERB_ONE,
};

const struct verb ownership_accept = {
	.statement = { "ownership_accept", "SELECT tenantd.ownership_answer($1, true)" },
	.kind = VERB_ONE,
};

const struct verb ownership_decline = {
	.statement = { "ownership_decline", "SELECT tenantd.ownership_answer($1, false)" },
	.kind = VERB_ONE,
};

const struct verb ownership_withdraw = {
	.statement = { "ownership_withdraw", "SELECT tenantd.ownership_withdraw($1)" },
	.kind = VERB_DONE,
};

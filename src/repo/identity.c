/* The acts that concern a user and not one tenant. Each is one function of the database, which takes the
 * caller from the sealed context. */
#include "repo/verbs.h"

/* The second column says whether a tenant was made. */
const struct verb identity_bootstrap = {
	.statement = { "bootstrap", "SELECT row_to_json(b), b.created FROM tenantd.bootstrap() b" },
	.kind = VERB_ONE,
};

const struct verb identity_me = {
	.statement = { "me", "SELECT tenantd.me()" },
	.kind = VERB_ONE,
};

/*
 * The acts that cross tenants by their nature. Each is one named function of the database that works from the
 * sealed context of a `token` route (db/migrations/0006_identity.sql says why it crosses); no statement here
 * names a table.
 */
#ifndef TENANTD_REPO_ACTS_H
#define TENANTD_REPO_ACTS_H

#include "repo/tx.h"

/* The caller's tenant in the env, found, joined or made. *json is the answer, *created whether it was made. */
MUST_CHECK bool act_bootstrap(const struct context *ctx, struct str *json, bool *created, struct error *err);
/* Who the caller is: user, tenant, role, memberships, as JSON. */
MUST_CHECK bool act_me(const struct context *ctx, struct str *json, struct error *err);

#endif

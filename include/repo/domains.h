/*
 * The tenants' domains, as the one who checks them sees them: through the functions of db/functions/domains.sql, as tenantd_errands.
 * There is no context: the function makes the operator's for the tenant that it is about.
 */
#ifndef TENANTD_REPO_DOMAINS_H
#define TENANTD_REPO_DOMAINS_H

#include "core/config.h"
#include "core/uuid.h"
#include "db/pipeline.h"

enum { DOMAINS_TAKEN = 10 };

struct due_domain {
	struct uuid tenant, id;
	struct str name, challenge;
};

/* Takes the domains that have waited longest, DOMAINS_TAKEN at most, among those of the envs that are served here. */
MUST_CHECK bool domains_due(struct db *db, struct arena *a, const struct config *c,
	struct due_domain due[DOMAINS_TAKEN], size_t *count, struct error *err);

enum domain_record {
	DOMAIN_RECORD_THERE, /* a record of this name says exactly this */
	DOMAIN_RECORD_ABSENT, /* DNS says that there is no such record */
	DOMAIN_RECORD_UNKNOWN, /* no name server answered, or it failed */
};

/* Says what the check of one found, and in which words when the record was not there. *status is what the domain is now,
 * "pending" or "verified"; "" when its tenant gave it up meanwhile. */
MUST_CHECK bool domain_checked(struct db *db, struct arena *a, const struct due_domain *d,
	enum domain_record record, struct str why, struct str *status, struct error *err);

#endif

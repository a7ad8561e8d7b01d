/*
 * Looks up the DNS records of the tenants' domains that are due, and says in the database what was found; db/functions/domains.sql
 * decides what follows from it. Several may do so at once: each takes other domains.
 */
#ifndef TENANTD_DOMAINS_CHECK_H
#define TENANTD_DOMAINS_CHECK_H

#include "core/config.h"
#include "db/conn.h"

struct domains_tally {
	int64_t verified, pending; /* what the domains are after their check */
};

/* Checks what is due, until nothing is or `should_stop` says so (NULL: never). False when it cannot go
 * on, such as when the database is lost; the tally is right in any case. */
MUST_CHECK bool domains_run(struct db *db, const struct config *c, bool (*should_stop)(void),
	struct domains_tally *tally, struct error *err);

#endif

/*
 * The inside of `tenantctl seed`: the people and tenants of a file, and what became of them. All texts live in the arena of the
 * command.
 */
#ifndef TENANTD_MAIN_SEED_H
#define TENANTD_MAIN_SEED_H

#include "core/json.h"
#include "ctl.h"

struct seed_person {
	struct str email;
	struct str subject; /* with which they come from the issuer; empty: they have an account here */
	struct str password; /* of an account: the one in the file, or a new one */
	bool password_is_new;
};

struct seed {
	struct ctl *ctl;
	struct str env;
	bool is_dry;
	const struct issuer_config
		*issuer; /* whose tokens name those who have a subject; NULL: they have accounts, too */
	const struct json *people, *tenants; /* of the file */
	struct seed_person *persons; /* one for each of `people` */
	size_t person_count;
	struct str plan; /* what the database is given */
};

/* Reads the file at `path`, checks all of it and makes the plan. Passwords are not in the plan: only what is derived from them. */
MUST_CHECK bool seed_read(struct seed *s, const char *path, struct error *err);
/* The person with this address, in any capitals; NULL when there is none. */
const struct seed_person *seed_person(const struct seed *s, struct str email);

#endif

/* The run over the domains that are due. */
#include "domains/check.h"

#include "core/limits.h"
#include "core/log.h"
#include "domains/txt.h"
#include "repo/domains.h"

static bool check(struct db *db, struct arena *a, struct txt_resolver *resolver, const struct due_domain *d,
	bool (*should_stop)(void), struct domains_tally *tally, struct error *err)
{
	static const char *const found_names[] = { "there", "absent", "unknown" };
	struct str status, why = STR("");
	struct str name = arena_printf(a, "_tenantd-challenge.%.*s", STR_ARG(d->name));
	enum domain_record found = txt_look_up(resolver, name, d->challenge, should_stop, &why);
	/* One that was broken off says nothing about the domain: it is due again when its lease ends. */
	if (found == DOMAIN_RECORD_UNKNOWN && should_stop && should_stop())
		return true;
	if (!domain_checked(db, a, d, found, why, &status, err))
		return false;
	if (str_eq(status, STR("verified")))
		tally->verified++;
	else if (str_eq(status, STR("pending")))
		tally->pending++;
	LOG(INFO, "domain.checked", LOG_STR("domain", d->name), LOG_C("record", found_names[found]),
		LOG_STR("status", status));
	return true;
}

/* A few at a time: those that it has taken are nobody else's until their lease ends. */
static bool check_some(struct db *db, struct arena *a, const struct config *c, bool (*should_stop)(void),
	struct domains_tally *tally, size_t *count, struct error *err)
{
	struct due_domain due[DOMAINS_TAKEN];
	if (!domains_due(db, a, c, due, count, err) || *count == 0)
		return *count == 0;
	struct txt_resolver *resolver = txt_open(a, c->domains.resolver, err);
	bool good = resolver != NULL;
	for (size_t i = 0; good && i < *count && !(should_stop && should_stop()); i++)
		good = check(db, a, resolver, &due[i], should_stop, tally, err);
	if (resolver)
		txt_close(resolver);
	return good;
}

bool domains_run(struct db *db, const struct config *c, bool (*should_stop)(void),
	struct domains_tally *tally, struct error *err)
{
	struct arena *a = arena_new(LIMIT_REQUEST_POOL);
	size_t count = 1;
	bool good = true;
	*tally = (struct domains_tally){ 0 };
	while (good && count > 0 && !(should_stop && should_stop())) {
		good = check_some(db, a, c, should_stop, tally, &count, err);
		arena_reset(a);
	}
	arena_free(a);
	return good;
}

/*
 * The names of the values in a context, as the database and the API use them. Must never guess: a text
 * that names no env is refused, and there is no default.
 */
#include "core/context.h"

#include <assert.h>

static const char *const env_names[] = { "", "dev", "staging", "prod" };
static_assert(COUNT_OF(env_names) == ENV_COUNT, "every env has a name");

static const struct {
	const char *text;
	enum env env;
} env_spellings[] = {
	{ "dev", ENV_DEV },
	{ "development", ENV_DEV },
	{ "staging", ENV_STAGING },
	{ "stage", ENV_STAGING },
	{ "prod", ENV_PROD },
	{ "production", ENV_PROD },
};

static const char *const least_names[] = {
	[LEAST_CLOSED] = "closed",
	[LEAST_ANYBODY] = "anybody",
	[LEAST_MEMBER] = "member",
	[LEAST_TENANT_ADMIN] = "tenant_admin",
	[LEAST_OWNER] = "owner",
	[LEAST_SYSTEM_ADMIN] = "system_admin",
};
static_assert(COUNT_OF(least_names) == LEAST_COUNT, "every least role has a name");

static const char *const tenant_guard_names[] = { "any", "open", "active" };
static_assert(COUNT_OF(tenant_guard_names) == TENANT_GUARD_COUNT, "every tenant guard has a name");

const char *env_name(enum env e)
{
	if ((unsigned)e >= ENV_COUNT)
		BUG("no env %d", (int)e);
	return env_names[e];
}

bool env_parse(struct str s, enum env *out)
{
	s = str_trim(s);
	for (size_t i = 0; i < COUNT_OF(env_spellings); i++)
		if (str_eq_nocase(s, str_c(env_spellings[i].text))) {
			*out = env_spellings[i].env;
			return true;
		}
	return false;
}

bool least_is_of_tenant(enum least least)
{
	return least >= LEAST_MEMBER && least <= LEAST_OWNER;
}

const char *guard_name(enum caller_kind caller, enum least least)
{
	static const char *const names[] = {
		[CALLER_CLOSED] = "closed",
		[CALLER_UNASKED] = "public",
		[CALLER_VISITOR] = "visitor",
		[CALLER_TOKEN] = "token",
	};
	static_assert(COUNT_OF(names) == CALLER_COUNT, "every kind of caller has a name");
	if ((unsigned)caller >= CALLER_COUNT)
		BUG("caller %d", caller);
	return least == LEAST_ANYBODY ? names[caller] : least_name(least);
}

const char *least_name(enum least least)
{
	if ((unsigned)least >= LEAST_COUNT)
		BUG("no least role %d", (int)least);
	return least_names[least];
}

const char *tenant_guard_name(enum tenant_guard g)
{
	if ((unsigned)g >= TENANT_GUARD_COUNT)
		BUG("no tenant guard %d", (int)g);
	return tenant_guard_names[g];
}

struct context context_of_nobody(struct arena *a, const char *route)
{
	const struct str none = STR("");
	return (struct context){
		.arena = a,
		.who = { none, none, none, none, false, none },
		.slug = none,
		.limits = none,
		.visitor = none,
		.route = route,
	};
}

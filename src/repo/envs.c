/* Which envs are allowed here, in the form that statements take. */
#include "repo/envs.h"

#include "core/buf.h"

struct str envs_served(struct arena *a, const struct config *c)
{
	struct buf b;
	buf_init(&b, a, 64);
	for (enum env e = ENV_DEV; e < ENV_COUNT; e++)
		if (c->tenancy.env_allowed[e])
			buf_add_item(&b, ",", str_c(env_name(e)));
	struct str list = buf_str(&b);
	return arena_printf(a, "{%.*s}", STR_ARG(list));
}

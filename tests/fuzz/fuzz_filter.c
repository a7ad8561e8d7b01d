/*
 * Fuzzes the query grammar of resources with request targets. For whatever is parsed a statement can be built, and that
 * has the condition on the tenant, not too many parameters, and uses all of them.
 */
#include "core/buf.h"
#include "http/path.h"
#include "resource/build.h"
#include "support/resource.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The same bytes as a Range: whatever it says, the page stays within its bounds. */
static bool is_ranged(struct query *q, struct str range)
{
	struct error err = ERROR_INIT;
	if (!query_range(q, STR(""), range, &err))
		return false;
	if (q->limit < 0 || q->limit > LIMIT_PAGE || q->offset < 0 || q->offset > QUERY_OFFSET)
		BUG("a page out of bounds");
	return true;
}

static void check(const struct built *b)
{
	struct str tenant = STR("t.tenant_id = $1 AND t.env = $2");
	if (!memmem(b->sql.at, b->sql.len, tenant.at, tenant.len))
		BUG("a statement without its tenant");
	for (size_t i = 0; i < b->count; i++)
		if (!b->values[i].is_null && memchr(b->values[i].text.at, '\0', b->values[i].text.len))
			BUG("a value with a NUL");
}

static void build_all(struct arena *a, const struct query *q)
{
	struct keyset k = { .count = q->order_count }, back;
	struct str text;
	struct write w = { .id = STR(""), .if_match = STR(""), .remember = STR("") };
	for (size_t i = 0; i < k.count; i++)
		k.values[i] = VALUE_C("1");
	check(build_list(a, q, &k));
	for (size_t i = 1; i < k.count; i += 2)
		k.values[i] = VALUE_NULL;
	if (!keyset_pack(&k, a, &text) || !keyset_unpack(&back, q, text))
		BUG("a keyset that is not what it was");
	check(build_list(a, q, NULL));
	check(build_list(a, q, &back));
	check(build_count(a, q));
	check(build_remove(a, q, &w));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct arena *arena;
	struct path p;
	struct query q;
	struct query_param params[LIMIT_QUERY_PAIRS];
	struct str authority;
	struct error err = ERROR_INIT;
	struct buf target;
	if (!arena)
		arena = arena_new(LIMIT_REQUEST_POOL);
	buf_init(&target, arena, LIMIT_URI);
	buf_add_c(&target, "/?");
	buf_add(&target, str_of((const char *)data, size));
	if (buf_ok(&target) && path_parse(&p, arena, buf_str(&target), &authority, &err)) {
		for (size_t i = 0; i < p.query_count; i++)
			params[i] = (struct query_param){ p.query[i].name, p.query[i].value };
		if (query_parse(&q, arena, test_resource(), params, p.query_count,
				TAKES_SELECT | TAKES_FILTERS | TAKES_PAGE | TAKES_ORDER | TAKES_COLUMNS | TAKES_CONFLICT,
				&err) &&
			is_ranged(&q, str_of((const char *)data, size)))
			build_all(arena, &q);
	}
	arena_reset(arena);
	return 0;
}

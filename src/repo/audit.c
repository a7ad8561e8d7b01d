/* Reading the audit log of a tenant. It is written by the database alone. */
#include "repo/audit.h"

#include "repo/base.h"

static const struct statement list = {
	"audit_list",
	"SELECT (SELECT row_to_json(x) FROM (SELECT e.id, e.at, e.action, e.actor_kind, e.actor_id, "
	"e.actor_label,"
	"  e.object_type, e.object_id, e.fields, e.code, e.route, e.trace_id) x), e.at, e.id"
	" FROM tenantd.audit_events e WHERE e.tenant_id = $1 AND e.env = $2"
	" AND (e.at, e.id) < (coalesce($3::timestamptz, 'infinity'),"
	"  coalesce($4::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))"
	" AND ($5::text IS NULL OR e.action = $5) AND ($6::uuid IS NULL OR e.actor_id = $6)"
	" AND ($7::text IS NULL OR e.object_type = $7 OR e.object_id = $7)"
	" AND e.at >= coalesce($8::timestamptz, '-infinity') AND e.at < coalesce($9::timestamptz, 'infinity')"
	" ORDER BY e.at DESC, e.id DESC LIMIT $10",
};

bool audit_list(const struct context *ctx, const struct page *page, const struct audit_filter *filter,
	struct rows *rows, struct error *err)
{
	const struct value values[] = {
		value_or_null(page->after_key[0]),
		value_or_null(page->after_key[1]),
		value_or_null(filter->action),
		value_or_null(filter->actor),
		value_or_null(filter->object),
		value_or_null(filter->since),
		value_or_null(filter->until),
		VALUE(arena_printf(ctx->arena, "%lld", (long long)page->limit + 1)),
	};
	return repo_list(ctx, &list, values, COUNT_OF(values), rows, err);
}

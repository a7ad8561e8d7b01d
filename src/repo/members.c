/* Members, joined with what a co-member may see of the user. */
#include "repo/members.h"

#include "repo/base.h"

#define MEMBER_JSON                                                                                          \
	"(SELECT row_to_json(x) FROM (SELECT m.user_id, u.email, u.name, m.role, m.status, m.joined_at"          \
	" FROM tenantd.users u WHERE u.id = m.user_id) x)"

static const struct statement list = {
	"members_list",
	"SELECT " MEMBER_JSON ", m.created_at, m.user_id FROM tenantd.tenant_members m"
	" WHERE m.tenant_id = $1 AND m.env = $2 AND m.status NOT IN ('removed', 'rejected')"
	" AND (m.created_at, m.user_id) > (coalesce($3::timestamptz, '-infinity'),"
	"  coalesce($4::uuid, '00000000-0000-0000-0000-000000000000'))"
	" AND ($5::tenantd.role IS NULL OR m.role = $5) AND ($6::tenantd.member_status IS NULL OR m.status = $6)"
	" ORDER BY m.created_at, m.user_id LIMIT $7",
};

static const struct statement get = {
	"members_get",
	"SELECT " MEMBER_JSON " FROM tenantd.tenant_members m"
	" WHERE m.tenant_id = $1 AND m.env = $2 AND m.user_id = $3 AND m.status NOT IN ('removed', 'rejected')",
};

static const struct statement change = {
	"members_change",
	"UPDATE tenantd.tenant_members m SET role = coalesce($4::tenantd.role, m.role),"
	" status = coalesce($5::tenantd.member_status, m.status)"
	" WHERE m.tenant_id = $1 AND m.env = $2 AND m.user_id = $3 AND m.status NOT IN ('removed', 'rejected')"
	" RETURNING " MEMBER_JSON,
};

static const struct statement remove_one = {
	"members_remove",
	"UPDATE tenantd.tenant_members m SET status = 'removed'"
	" WHERE m.tenant_id = $1 AND m.env = $2 AND m.user_id = $3 AND m.status NOT IN ('removed', 'rejected')",
};

static const struct statement leave = {
	"members_leave",
	"UPDATE tenantd.tenant_members m SET status = 'removed'"
	" WHERE m.tenant_id = $1 AND m.env = $2 AND m.user_id = (SELECT c.user_id FROM tenantd.context() c)"
	" AND m.status = 'active'",
};

bool members_list(const struct context *ctx, const struct page *page, struct str role, struct str status,
	struct rows *rows, struct error *err)
{
	const struct value values[] = {
		value_or_null(page->after_key[0]),
		value_or_null(page->after_key[1]),
		value_or_null(role),
		value_or_null(status),
		VALUE(arena_printf(ctx->arena, "%lld", (long long)page->limit + 1)),
	};
	return repo_list(ctx, &list, values, COUNT_OF(values), rows, err);
}

bool members_get(const struct context *ctx, const struct uuid *user, struct str *json, struct error *err)
{
	struct rows rows;
	if (!repo_get(ctx, &get, (const struct value[]){ VALUE_C(user->text) }, 1, &rows, err))
		return false;
	*json = rows_value(&rows, 0, 0, NULL);
	return true;
}

bool members_change(const struct context *ctx, const struct uuid *user, struct str role, struct str status,
	struct str *json, struct error *err)
{
	struct rows rows;
	const struct value values[] = { VALUE_C(user->text), value_or_null(role), value_or_null(status) };
	if (!repo_update(ctx, &change, values, COUNT_OF(values), &rows, err))
		return false;
	*json = rows_value(&rows, 0, 0, NULL);
	return true;
}

bool members_remove(const struct context *ctx, const struct uuid *user, struct error *err)
{
	return repo_delete(ctx, &remove_one, (const struct value[]){ VALUE_C(user->text) }, 1, err);
}

bool members_leave(const struct context *ctx, struct error *err)
{
	return repo_delete(ctx, &leave, NULL, 0, err);
}

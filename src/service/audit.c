/* The audit log, read. */
#include "service/audit.h"

static bool is_time(struct str s)
{
	/* RFC 3339 in the one form PostgreSQL and we read alike: YYYY-MM-DDThh:mm:ss[.f](Z|±hh:mm). */
	static const char form[] = "dddd-dd-ddTdd:dd:dd";
	size_t n = sizeof(form) - 1, i;
	if (s.len < n + 1)
		return false;
	for (i = 0; i < n; i++)
		if (form[i] == 'd' ? s.at[i] < '0' || s.at[i] > '9' : s.at[i] != form[i])
			return false;
	if (s.at[n - 2] > '5') /* PostgreSQL would read a leap second as the next minute */
		return false;
	if (s.at[i] == '.') {
		size_t digits = 0;
		for (i++; i < s.len && s.at[i] >= '0' && s.at[i] <= '9'; i++)
			digits++;
		if (digits < 1 || digits > 6)
			return false;
	}
	struct str zone = str_skip(s, i);
	if (str_eq(zone, STR("Z")))
		return true;
	return zone.len == 6 && (zone.at[0] == '+' || zone.at[0] == '-') && zone.at[3] == ':' &&
		zone.at[1] >= '0' && zone.at[1] <= '1' && zone.at[2] >= '0' && zone.at[2] <= '9' &&
		zone.at[4] >= '0' && zone.at[4] <= '5' && zone.at[5] >= '0' && zone.at[5] <= '9';
}

bool audit_show(const struct context *ctx, struct page *page, const struct audit_filter *filter,
	struct str *array, struct str *next, struct error *err)
{
	struct rows rows;
	struct uuid actor;
	if (!str_is_empty(filter->actor) && !uuid_parse(filter->actor, &actor))
		return error_field(err, STR("actor"), "is not a UUID");
	if (!str_is_empty(filter->since) && !is_time(filter->since))
		return error_field(err, STR("since"), "is not a time like 2026-01-31T12:00:00Z");
	if (!str_is_empty(filter->until) && !is_time(filter->until))
		return error_field(err, STR("until"), "is not a time like 2026-01-31T12:00:00Z");
	if (!audit_list(ctx, page, filter, &rows, err))
		return false;
	page_render(ctx, page, &rows, array, next);
	return true;
}

/* Reads preferences by one table of those that are known and what each does. */
#include "resource/prefer.h"

#include "core/buf.h"
#include "core/limits.h"

static void prefer_minimal(struct prefer *p)
{
	p->returns = RETURN_MINIMAL;
}
static void prefer_headers(struct prefer *p)
{
	p->returns = RETURN_HEADERS_ONLY;
}
static void prefer_representation(struct prefer *p)
{
	p->returns = RETURN_REPRESENTATION;
}
static void prefer_count(struct prefer *p)
{
	p->counts_exactly = true;
}
static void prefer_merge(struct prefer *p)
{
	p->resolution = RESOLUTION_MERGE;
}
static void prefer_ignore(struct prefer *p)
{
	p->resolution = RESOLUTION_IGNORE;
}
static void prefer_rollback(struct prefer *p)
{
	p->is_rehearsal = true;
}
static void prefer_default(struct prefer *p)
{
	p->missing_default = true;
}
static void prefer_strict(struct prefer *p)
{
	p->is_strict = true;
}
static void prefer_usual(struct prefer *p)
{
	(void)p;
}

enum { PREFERS_ANY = ~0 };

static const struct preference {
	struct str text;
	int means;
	void (*apply)(struct prefer *p);
} preferences[] = {
	{ STR("handling=strict"), PREFERS_ANY, prefer_strict },
	{ STR("handling=lenient"), PREFERS_ANY, prefer_usual },
	{ STR("return=minimal"), PREFERS_RETURN, prefer_minimal },
	{ STR("return=headers-only"), PREFERS_RETURN, prefer_headers },
	{ STR("return=representation"), PREFERS_RETURN, prefer_representation },
	{ STR("count=exact"), PREFERS_COUNT, prefer_count },
	{ STR("resolution=merge-duplicates"), PREFERS_MERGE, prefer_merge },
	{ STR("resolution=ignore-duplicates"), PREFERS_IGNORE, prefer_ignore },
	{ STR("tx=rollback"), PREFERS_TX, prefer_rollback },
	{ STR("tx=commit"), PREFERS_TX, prefer_usual },
	{ STR("missing=default"), PREFERS_MISSING, prefer_default },
	{ STR("missing=null"), PREFERS_MISSING, prefer_usual },
};

static struct str name_of(struct str preference)
{
	struct str name;
	str_split(preference, '=', &name);
	return name;
}

/* True when a preference of this name was applied before: the first one counts (RFC 7240, section 2). */
static bool is_said(struct str applied, struct str name)
{
	while (!str_is_empty(applied)) {
		struct str one;
		applied = str_split(applied, ',', &one);
		if (str_eq(name_of(str_trim(one)), name))
			return true;
	}
	return false;
}

/* name=value or name="value", without parameters. */
static struct str plain(struct arena *a, struct str item)
{
	struct str preference, name, value;
	str_split(item, ';', &preference);
	value = str_trim(str_split(preference, '=', &name));
	if (value.len >= 2 && value.at[0] == '"' && value.at[value.len - 1] == '"')
		value = str_of(value.at + 1, value.len - 2);
	name = str_trim(name);
	return arena_printf(a, "%.*s=%.*s", STR_ARG(name), STR_ARG(value));
}

/* count=planned and count=estimated become count=exact. The planner's estimates are made from the rows of all tenants,
 * so they must not be shown. */
static struct str as_counted(struct str wish)
{
	bool is_guess = str_eq(wish, STR("count=planned")) || str_eq(wish, STR("count=estimated"));
	return is_guess ? STR("count=exact") : wish;
}

/* N of max-affected=N, or -1. */
static int64_t most_of(struct str wish)
{
	static const struct str name = STR("max-affected=");
	int64_t most;
	return str_starts(wish, name) && str_to_int64(str_skip(wish, name.len), &most) ? most : -1;
}

static const struct preference *find(struct str wish, int means)
{
	for (size_t i = 0; i < COUNT_OF(preferences); i++)
		if (str_eq(preferences[i].text, wish) && preferences[i].means & means)
			return &preferences[i];
	return NULL;
}

bool prefer_parse(struct prefer *p, struct arena *a, struct str header, int means, struct error *err)
{
	struct buf applied;
	struct str unknown = STR("");
	*p = (struct prefer){ .applied = STR(""), .most = -1 };
	buf_init(&applied, a, LIMIT_HEADER_VALUE);
	while (!str_is_empty(header)) {
		struct str item;
		header = str_split(header, ',', &item);
		struct str wish = as_counted(plain(a, item));
		const struct preference *known = find(wish, means);
		if (str_is_empty(str_trim(item)))
			continue;
		if (means & PREFERS_MOST && most_of(wish) >= 0)
			p->most = p->most < 0 ? most_of(wish) : p->most;
		else if (!known)
			unknown = wish;
		else if (!is_said(buf_str(&applied), name_of(wish))) {
			known->apply(p);
			buf_add_item(&applied, ", ", known->text);
		}
	}
	p->has_most = p->is_strict && p->most >= 0;
	if (p->has_most)
		buf_add_item(&applied, ", ", arena_printf(a, "max-affected=%lld", (long long)p->most));
	p->applied = buf_str(&applied);
	return !p->is_strict || str_is_empty(unknown) ||
		error_field(err, STR("Prefer"), "has a preference that does not apply here");
}

/*
 * The rules for names, addresses and slugs. What passes here is shown to other people, put into mail and
 * made part of host names. So no character may pass that is invisible, reorders text or breaks a line.
 */
#include "core/validate.h"

#include "core/limits.h"

struct range {
	uint32_t first, last;
};

/* Controls, bidirectional controls and isolates, zero-width and other invisible format characters,
 * noncharacters. In order of the code points. */
static const struct range unseen[] = {
	{ 0x0000, 0x001f },
	{ 0x007f, 0x009f },
	{ 0x00ad, 0x00ad },
	{ 0x034f, 0x034f },
	{ 0x061c, 0x061c },
	{ 0x115f, 0x1160 },
	{ 0x17b4, 0x17b5 },
	{ 0x180b, 0x180f },
	{ 0x200b, 0x200f },
	{ 0x2028, 0x202e },
	{ 0x2060, 0x206f },
	{ 0x3164, 0x3164 },
	{ 0xfdd0, 0xfdef },
	{ 0xfeff, 0xfeff },
	{ 0xffa0, 0xffa0 },
	{ 0xfff0, 0xfffb },
	{ 0xfffe, 0xffff },
	{ 0x1bca0, 0x1bca3 },
	{ 0x1d173, 0x1d17a },
	{ 0xe0000, 0xe0fff },
};

/* Spaces, also those beyond ASCII. A name that consists of these alone would be invisible. */
static const struct range blank[] = {
	{ ' ', ' ' },
	{ 0x00a0, 0x00a0 },
	{ 0x1680, 0x1680 },
	{ 0x2000, 0x200a },
	{ 0x202f, 0x202f },
	{ 0x205f, 0x205f },
	{ 0x2800, 0x2800 },
	{ 0x3000, 0x3000 },
};

/* Host names that have a meaning of their own, or that people would think belong to us. */
static const char *const reserved_slugs[] = {
	"account",
	"accounts",
	"admin",
	"administrator",
	"api",
	"app",
	"assets",
	"auth",
	"autoconfig",
	"autodiscover",
	"billing",
	"blog",
	"cdn",
	"console",
	"dashboard",
	"dev",
	"dns",
	"docs",
	"email",
	"ftp",
	"healthz",
	"help",
	"hostmaster",
	"imap",
	"internal",
	"invite",
	"localhost",
	"login",
	"logout",
	"mail",
	"metrics",
	"mta-sts",
	"ns1",
	"ns2",
	"null",
	"onboarding",
	"pop",
	"postmaster",
	"prod",
	"production",
	"public",
	"readyz",
	"register",
	"root",
	"security",
	"settings",
	"signin",
	"signup",
	"smtp",
	"ssl",
	"stage",
	"staging",
	"static",
	"status",
	"support",
	"system",
	"tenant",
	"tenantd",
	"tenants",
	"undefined",
	"webmaster",
	"well-known",
	"wpad",
	"www",
};

static bool is_in(uint32_t point, const struct range *ranges, size_t count)
{
	for (size_t i = 0; i < count && point >= ranges[i].first; i++)
		if (point <= ranges[i].last)
			return true;
	return false;
}

bool point_is_unseen(uint32_t point)
{
	return is_in(point, unseen, COUNT_OF(unseen)) || (point & 0xfffe) == 0xfffe;
}

/* Says what is wrong with the characters of `s`; NULL when nothing is. */
static const char *unfit(struct str s, bool lines)
{
	bool shows = false;
	while (s.len > 0) {
		uint32_t point;
		size_t step = str_utf8_next(s, &point);
		if (step == 0)
			return "is not valid UTF-8";
		bool is_line_end = lines && point == '\n';
		if (!is_line_end && point_is_unseen(point))
			return "holds a control or invisible character";
		shows = shows || (!is_line_end && !is_in(point, blank, COUNT_OF(blank)));
		s = str_skip(s, step);
	}
	return shows ? NULL : "is empty";
}

static bool validate_shown(struct str field, struct str value, size_t max, bool lines, struct error *err)
{
	value = str_trim(value);
	if (value.len > max)
		return error_field(err, field, "is longer than %zu bytes", max);
	const char *why = unfit(value, lines);
	return why ? error_field(err, field, "%s", why) : true;
}

bool validate_name(struct str field, struct str value, struct error *err)
{
	return validate_shown(field, value, LIMIT_NAME, false, err);
}

bool validate_text(struct str field, struct str value, size_t max, struct error *err)
{
	return validate_shown(field, value, max, true, err);
}

static bool is_letter_or_digit(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* True for at least two labels of letters, digits, inner hyphens and any characters beyond ASCII. */
static bool is_mail_domain(struct str domain)
{
	size_t labels = 0;
	if (str_ends(domain, STR(".")))
		return false;
	while (!str_is_empty(domain)) {
		struct str label;
		domain = str_split(domain, '.', &label);
		if (label.len == 0 || label.len > 63 || label.at[0] == '-' || label.at[label.len - 1] == '-')
			return false;
		for (size_t i = 0; i < label.len; i++)
			if (!is_letter_or_digit(label.at[i]) && label.at[i] != '-' && (unsigned char)label.at[i] < 0x80)
				return false;
		labels++;
	}
	return labels >= 2;
}

/* The quoted form is refused, and so is every character that has a meaning in a mail header. */
static bool is_mail_local(struct str local)
{
	if (local.len == 0 || local.len > 64 || local.at[0] == '.' || local.at[local.len - 1] == '.')
		return false;
	for (size_t i = 0; i < local.len; i++)
		if (strchr(" \"(),:;<>@[\\]", local.at[i]) || (local.at[i] == '.' && local.at[i - 1] == '.'))
			return false;
	return true;
}

bool validate_email(struct str field, struct str value, struct error *err)
{
	struct str local;
	struct str domain = str_split(value, '@', &local);
	if (value.len > LIMIT_EMAIL)
		return error_field(err, field, "is longer than %d bytes", LIMIT_EMAIL);
	const char *why = unfit(value, false);
	if (why)
		return error_field(err, field, "%s", why);
	if (!is_mail_local(local) || !is_mail_domain(domain))
		return error_field(err, field, "is not an email address (name@domain.example)");
	return true;
}

/* What is wrong with a slug; NULL when nothing is. */
static const char *slug_fault(struct str slug)
{
	if (slug.len < 3 || slug.len > LIMIT_SLUG)
		return "must be 3 to 63 characters long";
	for (size_t i = 0; i < slug.len; i++) {
		char c = slug.at[i];
		bool inner = i > 0 && i < slug.len - 1;
		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && !(c == '-' && inner))
			return "must be lower-case letters, digits and inner hyphens";
	}
	if (str_starts(slug, STR("xn--")))
		return "must not begin with 'xn--'"; /* shown as another name by browsers */
	for (size_t i = 0; i < COUNT_OF(reserved_slugs); i++)
		if (str_eq(slug, str_c(reserved_slugs[i])))
			return "is a reserved word";
	return NULL;
}

bool validate_slug(struct str field, struct str value, struct error *err)
{
	const char *why = slug_fault(value);
	return why ? error_field(err, field, "%s", why) : true;
}

bool slug_normalise(struct str in, char out[64], struct str *slug)
{
	in = str_trim(in);
	if (in.len > LIMIT_SLUG)
		return false;
	for (size_t i = 0; i < in.len; i++) {
		char c = in.at[i];
		out[i] = c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
	}
	out[in.len] = '\0';
	*slug = (struct str){ out, in.len };
	return slug_fault(*slug) == NULL;
}

bool validate_country(struct str field, struct str value, struct error *err)
{
	for (size_t i = 0; i < value.len; i++)
		if (value.at[i] < 'A' || value.at[i] > 'Z')
			value.len = 0;
	return value.len == 2 ? true : error_field(err, field, "must be two upper-case letters (ISO 3166-1)");
}

/* The host and the port of a URL behind its scheme. */
static struct str authority(struct str rest)
{
	size_t end = 0;
	while (end < rest.len && rest.at[end] != '/' && rest.at[end] != '?')
		end++;
	return str_of(rest.at, end);
}

static bool is_this_host(struct str where)
{
	static const struct str names[] = { { "127.0.0.1", 9 }, { "[::1]", 5 }, { "localhost", 9 } };
	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (str_starts(where, names[i]) && (where.len == names[i].len || where.at[names[i].len] == ':'))
			return true;
	return false;
}

bool url_is_fetchable(struct str url)
{
	bool is_safe = str_starts(url, STR("https://"));
	if (!is_safe && !str_starts(url, STR("http://")))
		return false;
	for (size_t i = 0; i < url.len; i++)
		if (url.at[i] <= ' ' || url.at[i] > '~' || strchr("\"'<>\\^`{|}#", url.at[i]))
			return false;
	struct str where = authority(str_skip(url, is_safe ? 8 : 7));
	return where.len > 0 && str_find(where, '@') == where.len && (is_safe || is_this_host(where));
}

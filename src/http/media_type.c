/*
 * The grammar of media types, and the list of types that are never sent to a browser under their own name. It must
 * never accept a type that breaks a header line or that a browser could read in two ways.
 */
#include "http/media_type.h"

static bool is_token_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		(c != '\0' && strchr("!#$%&'*+-.^_`|~", c));
}

/* Takes a token off the front; false when there is none. */
static bool take_token(struct str *rest)
{
	size_t n = 0;
	while (n < rest->len && is_token_char(rest->at[n]))
		n++;
	*rest = str_skip(*rest, n);
	return n > 0;
}

static bool take_char(struct str *rest, char c)
{
	if (str_is_empty(*rest) || rest->at[0] != c)
		return false;
	*rest = str_skip(*rest, 1);
	return true;
}

static bool take_quoted(struct str *rest)
{
	if (!take_char(rest, '"'))
		return false;
	while (!str_is_empty(*rest) && rest->at[0] != '"') {
		(void)take_char(rest, '\\');
		if (str_is_empty(*rest) || rest->at[0] < 0x20 || rest->at[0] > 0x7e)
			return false;
		*rest = str_skip(*rest, 1);
	}
	return take_char(rest, '"');
}

static void skip_spaces(struct str *rest)
{
	while (take_char(rest, ' '))
		continue;
}

bool media_type_is_well_formed(struct str type)
{
	struct str rest = type;
	if (type.len > MEDIA_TYPE_MAX || !take_token(&rest) || !take_char(&rest, '/') || !take_token(&rest))
		return false;
	for (;;) {
		skip_spaces(&rest);
		if (str_is_empty(rest))
			return true;
		if (!take_char(&rest, ';'))
			return false;
		skip_spaces(&rest);
		if (!take_token(&rest) || !take_char(&rest, '=') || !(take_quoted(&rest) || take_token(&rest)))
			return false;
	}
}

static bool ends_nocase(struct str s, struct str suffix)
{
	return s.len >= suffix.len && str_eq_nocase(str_skip(s, s.len - suffix.len), suffix);
}

bool media_type_is_active(struct str type)
{
	static const struct str names[] = { STR("html"), STR("xhtml"), STR("xml"), STR("xsl"), STR("xml-dtd"),
		STR("xml-external-parsed-entity"), STR("jscript"), STR("livescript"), STR("vbscript"),
		STR("ecmascript"), STR("x-ecmascript"), STR("x-javascript"), STR("cache-manifest"),
		STR("x-mixed-replace"), STR("x-shockwave-flash"), STR("hta"), STR("x-component") };
	static const struct str script = STR("javascript"); /* and javascript1.0 to 1.5 */
	struct str essence, major, minor;
	str_split(type, ';', &essence);
	minor = str_split(str_trim(essence), '/', &major);
	if (ends_nocase(minor, STR("+xml")))
		return true;
	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (str_eq_nocase(minor, names[i]))
			return true;
	return minor.len >= script.len && str_eq_nocase(str_of(minor.at, script.len), script);
}

bool media_type_is_in_parts(struct str type)
{
	struct str prefix = STR("multipart/");
	return type.len >= prefix.len && str_eq_nocase(str_of(type.at, prefix.len), prefix);
}

/*
 * Finds what in a regular expression would make PostgreSQL slow for each character of a text. It must never judge a
 * pattern to be smaller than PostgreSQL makes it. Whether the pattern is well-formed is left to PostgreSQL
 * (filter_explain).
 */
#include "reader.h"

/* Larger than every allowed size. Sizes are capped at it, so that nothing overflows. */
enum { TOO_LARGE = LIMIT_PATTERN + 1 };

static size_t capped(size_t size)
{
	return size < TOO_LARGE ? size : TOO_LARGE;
}

static bool take(struct str *rest, struct str what)
{
	if (!str_starts(*rest, what))
		return false;
	*rest = str_skip(*rest, what.len);
	return true;
}

static bool is_digit_at(struct str s, size_t i)
{
	return i < s.len && s.at[i] >= '0' && s.at[i] <= '9';
}

/* Skips a bracket expression such as [^]a[:alpha:]\]], of which the opening bracket was taken before. */
static void skip_bracket(struct str *rest)
{
	(void)take(rest, STR("^"));
	(void)take(rest, STR("]"));
	while (!str_is_empty(*rest) && !take(rest, STR("]"))) {
		char kind = rest->len > 1 && rest->at[0] == '[' ? rest->at[1] : '\0';
		if (kind == ':' || kind == '.' || kind == '=') {
			const char end[] = { kind, ']' };
			*rest = str_skip(*rest, 2);
			while (!str_is_empty(*rest) && !str_starts(*rest, str_of(end, sizeof(end))))
				*rest = str_skip(*rest, 1);
			*rest = str_skip(*rest, rest->len < 2 ? rest->len : 2);
		} else {
			*rest = str_skip(*rest, rest->at[0] == '\\' && rest->len > 1 ? 2 : 1);
		}
	}
}

static size_t take_number(struct str *rest)
{
	size_t n = 0;
	for (; is_digit_at(*rest, 0); *rest = str_skip(*rest, 1))
		n = capped(n * 10 + (size_t)(rest->at[0] - '0'));
	return n;
}

/* {m}, {m,n}, {m,}: how many copies PostgreSQL makes of what the quantifier applies to. */
static size_t take_count(struct str *rest)
{
	*rest = str_skip(*rest, 1);
	size_t count = take_number(rest);
	if (take(rest, STR(",")))
		count = is_digit_at(*rest, 0) ? take_number(rest) : count + 1;
	(void)take(rest, STR("}"));
	return count > 0 ? count : 1;
}

/* All quantifiers after an atom: how many copies PostgreSQL makes of it. A group with + is copied twice. */
static size_t take_quantifiers(struct str *rest, bool is_group)
{
	size_t times = 1;
	for (;;) {
		if (str_starts(*rest, STR("{")) && is_digit_at(*rest, 1))
			times = capped(times * take_count(rest));
		else if (take(rest, STR("+")))
			times = capped(times * (is_group ? 2 : 1));
		else if (!take(rest, STR("*")) && !take(rest, STR("?")))
			return times;
	}
}

/* The number of characters up to the end, or to the closing parenthesis of a group, where each counts once for each copy
 * that PostgreSQL makes. LIMIT_PATTERN bounds the nesting, because every group takes a byte of the pattern. */
static size_t size_of(struct str *rest, bool in_group)
{
	size_t size = 0;
	while (!str_is_empty(*rest) && !(in_group && str_starts(*rest, STR(")")))) {
		size_t atom = 1;
		bool is_group = take(rest, STR("("));
		if (is_group) {
			(void)take(rest, STR("?:"));
			atom = size_of(rest, true);
			(void)take(rest, STR(")"));
		} else if (take(rest, STR("["))) {
			skip_bracket(rest);
		} else {
			*rest = str_skip(*rest, rest->at[0] == '\\' && rest->len > 1 ? 2 : 1);
		}
		size = capped(size + atom * take_quantifiers(rest, is_group));
	}
	return size;
}

const char *regex_fault(struct str given)
{
	for (size_t i = 0; i < given.len; i++) {
		char c = given.at[i], next = i + 1 < given.len ? given.at[i + 1] : '\0';
		if (c == '\\' && next >= '0' && next <= '9')
			return "has a regular expression with a back reference";
		if (c == '(' && next == '?' && (i + 2 == given.len || given.at[i + 2] != ':'))
			return "has a regular expression with a lookaround or options";
		i += c == '\\';
	}
	if (size_of(&given, false) > LIMIT_PATTERN)
		return "has a regular expression that is too large: {…} and + repeat too much";
	return NULL;
}

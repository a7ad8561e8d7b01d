/*
 * The strict decoder of the request target (RFC 3986, RFC 9112). It makes one pass and never normalises: a target
 * that would need it is refused, because lighttpd and Apache would not agree on the result (T92, T93). A segment or
 * value without an escape points into the target, a decoded one into the arena.
 */
#include "http/path.h"

#include "core/hex.h"

/* The byte that the escape at s[i] stands for, or -1. */
static int escaped_byte(struct str s, size_t i)
{
	if (s.len - i < 3)
		return -1;
	int high = hex_value(s.at[i + 1]), low = hex_value(s.at[i + 2]);
	return high < 0 || low < 0 ? -1 : high * 16 + low;
}

/* Bytes that no segment may contain in escaped form: they would change how another program splits or prints the
 * path. */
static bool is_forbidden_in_segment(int byte)
{
	return byte < 0x20 || byte == 0x7f || byte == '/' || byte == '\\' || byte == '.' || byte == '%';
}

bool path_can_name(struct str segment)
{
	for (size_t i = 0; i < segment.len; i++)
		if (segment.at[i] != '.' && is_forbidden_in_segment((unsigned char)segment.at[i]))
			return false;
	return !str_is_empty(segment) && !str_eq(segment, STR(".")) && !str_eq(segment, STR(".."));
}

/* Percent-decodes `in`; in a query '+' stands for a space. */
static bool decode(struct arena *a, struct str in, bool in_path, struct str *out, struct error *err)
{
	size_t i = 0, n = 0;
	bool is_plain = true;
	for (i = 0; i < in.len; i++)
		is_plain &= in.at[i] != '%' && (in_path || in.at[i] != '+') && (unsigned char)in.at[i] < 0x80;
	*out = in;
	if (is_plain)
		return true;
	char *to = arena_alloc(a, in.len);
	for (i = 0; i < in.len; i++) {
		if (in.at[i] == '+' && !in_path) {
			to[n++] = ' ';
		} else if (in.at[i] != '%') {
			to[n++] = in.at[i];
		} else {
			int byte = escaped_byte(in, i);
			if (byte < 0)
				return error_set(
					err, ERR_INVALID_REQUEST, "the request target has a malformed percent escape");
			if (byte == 0 || (in_path && is_forbidden_in_segment(byte)))
				return error_set(
					err, ERR_INVALID_REQUEST, "the request target must not contain \"%%%02X\"", byte);
			to[n++] = (char)byte;
			i += 2;
		}
	}
	*out = str_of(to, n);
	if (!str_is_utf8(*out))
		return error_set(err, ERR_INVALID_REQUEST, "the request target is not UTF-8");
	return true;
}

/* Looks at every raw byte before anything is split or decoded. */
static bool check_bytes(struct str s, bool in_path, struct error *err)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.at[i];
		bool is_bad = c <= 0x20 || c == 0x7f || c == '#';
		if (in_path)
			is_bad |= c > 0x7e || c == '\\' || c == ';';
		if (is_bad)
			return error_set(
				err, ERR_INVALID_REQUEST, "the request target must not contain the byte 0x%02x", c);
	}
	return true;
}

static bool parse_segments(struct path *p, struct arena *a, struct error *err)
{
	struct str rest = str_skip(p->raw, 1);
	bool is_absent = false;
	while (p->raw.len > 1) {
		size_t end = str_find(rest, '/');
		struct str raw = str_of(rest.at, end), segment;
		if (p->segment_count == LIMIT_PATH_SEGMENTS)
			return error_set(
				err, ERR_INVALID_REQUEST, "the path has more than %d segments", LIMIT_PATH_SEGMENTS);
		if (!decode(a, raw, true, &segment, err))
			return false;
		is_absent |= str_is_empty(raw) || str_eq(raw, STR(".")) || str_eq(raw, STR(".."));
		p->segments[p->segment_count++] = segment;
		if (end == rest.len)
			break;
		rest = str_skip(rest, end + 1);
	}
	if (is_absent)
		return error_set(err, ERR_NOT_FOUND, "there is no such resource");
	return true;
}

static bool parse_query(struct path *p, struct arena *a, struct error *err)
{
	struct str rest = p->query_raw;
	while (!str_is_empty(rest)) {
		struct str pair, name, value;
		rest = str_split(rest, '&', &pair);
		if (str_is_empty(pair))
			continue;
		if (p->query_count == LIMIT_QUERY_PAIRS)
			return error_set(
				err, ERR_INVALID_REQUEST, "the request has more than %d query parameters", LIMIT_QUERY_PAIRS);
		value = str_split(pair, '=', &name);
		if (str_is_empty(name))
			return error_set(err, ERR_INVALID_REQUEST, "a query parameter has no name");
		struct query_pair *q = &p->query[p->query_count++];
		if (!decode(a, name, false, &q->name, err) || !decode(a, value, false, &q->value, err))
			return false;
	}
	return true;
}

/* Takes "http://authority" off an absolute-form target, so that an origin-form one remains. */
static bool take_authority(struct str *target, struct str *authority, struct error *err)
{
	*authority = STR("");
	if (str_starts(*target, STR("/")))
		return true;
	size_t scheme = str_find(*target, ':');
	struct str name = str_of(target->at, scheme), rest = str_skip(*target, scheme);
	if (!(str_eq_nocase(name, STR("http")) || str_eq_nocase(name, STR("https"))) ||
		!str_starts(rest, STR("://")))
		return error_set(err, ERR_INVALID_REQUEST, "the request target is not an absolute path");
	rest = str_skip(rest, 3);
	size_t end = str_find(rest, '/');
	*authority = str_of(rest.at, end);
	*target = str_skip(rest, end);
	if (str_is_empty(*authority) || str_is_empty(*target) || str_find(*authority, '@') < end ||
		str_find(*authority, '?') < end)
		return error_set(err, ERR_INVALID_REQUEST, "the authority in the request target is malformed");
	return check_bytes(*authority, true, err);
}

bool path_parse(struct path *p, struct arena *a, struct str target, struct str *authority, struct error *err)
{
	p->raw = p->query_raw = *authority = STR("");
	p->segment_count = p->query_count = 0;
	if (str_is_empty(target))
		return error_set(err, ERR_INVALID_REQUEST, "the request target is empty");
	if (target.len > LIMIT_URI)
		return error_set(err, ERR_INVALID_REQUEST, "the request target is longer than %d bytes", LIMIT_URI);
	if (!take_authority(&target, authority, err))
		return false;
	p->query_raw = str_split(target, '?', &p->raw);
	return check_bytes(p->raw, true, err) && check_bytes(p->query_raw, false, err) &&
		parse_segments(p, a, err) && parse_query(p, a, err);
}

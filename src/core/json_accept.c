/*
 * Checks a text strictly against RFC 8259 before json-c reads it: grammar, UTF-8, depth, unique names, no
 * lone surrogate, no \u0000, nothing after the document. Recursion is bounded by LIMIT_JSON_DEPTH. A name
 * that occurs twice is found by a hash with a random key (a polynomial modulo 2^61 - 1), so that nobody can
 * send a body whose names all collide. Must never accept what json-c would read in another way.
 */
#include "json_accept.h"
#include "core/arena.h"
#include "core/hex.h"
#include "core/json.h"
#include "core/limits.h"

#include <errno.h>
#include <sys/random.h>

enum { FEW_NAMES = 64 }; /* slots on the stack; a document with more names takes them from an arena */

/* One name that was read, keyed by the object it is in. A hash of zero marks a free slot. */
struct name {
	uint64_t hash;
	uint32_t object;
	uint32_t at; /* offset of the first byte after the opening quote */
};

struct reader {
	const char *at, *end, *start;
	const char *why;
	bool has_wide;
	size_t weight;
	uint32_t objects; /* seen so far: each gets a number */
	struct name *names;
	size_t name_room; /* a power of two */
	size_t name_count;
	struct arena *arena; /* holds `names` when they outgrew the stack */
};

static bool value(struct reader *r, int depth);

static bool refuse(struct reader *r, const char *why)
{
	r->why = why;
	return false;
}

static void skip_space(struct reader *r)
{
	while (r->at < r->end && (*r->at == ' ' || *r->at == '\n' || *r->at == '\r' || *r->at == '\t'))
		r->at++;
}

static bool is_digit(const struct reader *r)
{
	return r->at < r->end && *r->at >= '0' && *r->at <= '9';
}

/* The four digits after "\u"; -1 when they are not there. */
static int32_t hex4(const char *at, const char *end)
{
	int32_t unit = 0;
	if (end - at < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		int digit = hex_value(at[i]);
		if (digit < 0)
			return -1;
		unit = unit << 4 | digit;
	}
	return unit;
}

/* The length of the escape at `at` (a backslash), and the code point it stands for; 0 when it is
 * malformed. */
static size_t escape(const char *at, const char *end, uint32_t *point, const char **why)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	*why = "bad escape in a string";
	if (end - at < 2)
		return 0;
	const char *simple = at[1] != '\0' ? strchr(from, at[1]) : NULL;
	if (simple) {
		*point = (unsigned char)to[simple - from];
		return 2;
	}
	int32_t unit = at[1] == 'u' ? hex4(at + 2, end) : -1;
	if (unit < 0)
		return 0;
	if (unit == 0) {
		*why = "\\u0000 in a string";
		return 0;
	}
	*point = (uint32_t)unit;
	if (unit < 0xd800 || unit > 0xdfff)
		return 6;
	*why = "lone surrogate in a string";
	if (unit > 0xdbff || end - at < 12 || at[6] != '\\' || at[7] != 'u')
		return 0;
	int32_t low = hex4(at + 8, end);
	if (low < 0xdc00 || low > 0xdfff)
		return 0;
	*point = 0x10000 + ((uint32_t)(unit - 0xd800) << 10) + (uint32_t)(low - 0xdc00);
	return 12;
}

/* Reads a string, from its opening quote to the byte after its closing one. */
static bool string(struct reader *r)
{
	r->at++;
	for (;;) {
		size_t plain = str_plain((struct str){ r->at, (size_t)(r->end - r->at) });
		r->at += plain;
		r->weight += plain;
		if (r->at == r->end)
			return refuse(r, "string without an end");
		unsigned char c = (unsigned char)*r->at;
		uint32_t point;
		size_t step = 1;
		if (c == '"') {
			r->at++;
			return true;
		}
		if (c < 0x20)
			return refuse(r, "raw control character in a string");
		if (c == '\\')
			step = escape(r->at, r->end, &point, &r->why);
		else if (c >= 0x80)
			step = str_utf8_next((struct str){ r->at, (size_t)(r->end - r->at) }, &point);
		if (step == 0)
			return c == '\\' ? false : refuse(r, "not UTF-8");
		r->at += step;
		r->weight += c != '\\' ? step : point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
	}
}

/* The next code point of an accepted string; false at its closing quote. */
static bool next_point(const char **at, const char *end, uint32_t *point)
{
	const char *why;
	if (**at == '"')
		return false;
	if (**at == '\\')
		*at += escape(*at, end, point, &why);
	else
		*at += str_utf8_next((struct str){ *at, (size_t)(end - *at) }, point);
	return true;
}

static bool same_name(const struct reader *r, const char *a, const char *b)
{
	for (;;) {
		uint32_t pa = 0, pb = 0;
		bool more_a = next_point(&a, r->end, &pa), more_b = next_point(&b, r->end, &pb);
		if (more_a != more_b || pa != pb)
			return false;
		if (!more_a)
			return true;
	}
}

static uint64_t hash_key(void)
{
	static uint64_t key;
	while (key == 0) {
		if (getrandom(&key, sizeof(key), 0) != (ssize_t)sizeof(key) && errno != EINTR)
			BUG("no random bytes");
		key &= ((uint64_t)1 << 61) - 1;
	}
	return key;
}

static uint64_t hash_step(uint64_t hash, uint64_t key, uint64_t part)
{
	const uint64_t prime = ((uint64_t)1 << 61) - 1;
	unsigned __int128 product = (unsigned __int128)hash * key + part;
	uint64_t folded = (uint64_t)(product & prime) + (uint64_t)(product >> 61);
	return folded >= prime ? folded - prime : folded;
}

static uint64_t hash_name(const struct reader *r, const char *at, uint32_t object)
{
	uint64_t key = hash_key(), hash = hash_step(1, key, object), part = 0;
	uint32_t point;
	int filled = 0;
	while (next_point(&at, r->end, &point)) {
		part = part << 21 | point; /* two code points fill 42 of 61 bits */
		if (++filled == 2) {
			hash = hash_step(hash, key, part + 1);
			part = 0, filled = 0;
		}
	}
	hash = hash_step(hash, key, part + 1 + ((uint64_t)filled << 44));
	return hash | (uint64_t)1 << 63;
}

static size_t slot_of(const struct reader *r, uint64_t hash)
{
	return (size_t)(hash ^ hash >> 29) & (r->name_room - 1);
}

static void grow_names(struct reader *r)
{
	size_t old_room = r->name_room;
	struct name *old = r->names;
	struct arena *old_arena = r->arena;
	r->name_room *= 4;
	r->arena = arena_new(r->name_room * sizeof(struct name));
	r->names = ARENA_ARRAY(r->arena, struct name, r->name_room);
	for (size_t i = 0; i < old_room; i++) {
		if (old[i].hash == 0)
			continue;
		size_t slot = slot_of(r, old[i].hash);
		while (r->names[slot].hash != 0)
			slot = (slot + 1) & (r->name_room - 1);
		r->names[slot] = old[i];
	}
	arena_free(old_arena);
}

/* Remembers the name that begins at `at`; refuses when its object has it already. */
static bool add_name(struct reader *r, const char *at, uint32_t object)
{
	if (r->name_count >= r->name_room / 4 * 3)
		grow_names(r);
	uint64_t hash = hash_name(r, at, object);
	size_t slot = slot_of(r, hash);
	for (; r->names[slot].hash != 0; slot = (slot + 1) & (r->name_room - 1)) {
		const struct name *have = &r->names[slot];
		if (have->hash == hash && have->object == object && same_name(r, r->start + have->at, at))
			return refuse(r, "a name stands twice in one object");
	}
	r->names[slot] = (struct name){ .hash = hash, .object = object, .at = (uint32_t)(at - r->start) };
	r->name_count++;
	return true;
}

static bool number(struct reader *r)
{
	const char *from = r->at;
	if (*r->at == '-')
		r->at++;
	if (!is_digit(r))
		return refuse(r, "not a JSON value");
	if (*r->at == '0')
		r->at++;
	else
		while (is_digit(r))
			r->at++;
	if (r->at - from >= 19)
		r->has_wide = true;
	if (r->at < r->end && *r->at == '.') {
		r->at++;
		if (!is_digit(r))
			return refuse(r, "a number's point without a digit behind it");
		while (is_digit(r))
			r->at++;
	}
	if (r->at < r->end && (*r->at == 'e' || *r->at == 'E')) {
		r->at++;
		if (r->at < r->end && (*r->at == '+' || *r->at == '-'))
			r->at++;
		if (!is_digit(r))
			return refuse(r, "a number's exponent without a digit");
		while (is_digit(r))
			r->at++;
	}
	return true;
}

static bool word(struct reader *r, struct str expected)
{
	if (!str_starts((struct str){ r->at, (size_t)(r->end - r->at) }, expected))
		return refuse(r, "not a JSON value");
	r->at += expected.len;
	return true;
}

/* Reads what follows an element: *more is true after a comma and false after the closing bracket. */
static bool separator(struct reader *r, char closing, bool *more)
{
	skip_space(r);
	if (r->at == r->end)
		return refuse(r, "the document ends too early");
	*more = *r->at == ',';
	if (!*more && *r->at != closing)
		return refuse(r, "comma or closing bracket expected");
	r->at++;
	return true;
}

static bool array(struct reader *r, int depth)
{
	r->at++;
	skip_space(r);
	if (r->at < r->end && *r->at == ']') {
		r->at++;
		return true;
	}
	for (bool more = true; more;)
		if (!value(r, depth) || !separator(r, ']', &more))
			return false;
	return true;
}

static bool object(struct reader *r, int depth)
{
	uint32_t id = ++r->objects;
	r->at++;
	skip_space(r);
	if (r->at < r->end && *r->at == '}') {
		r->at++;
		return true;
	}
	for (bool more = true; more;) {
		skip_space(r);
		if (r->at == r->end || *r->at != '"')
			return refuse(r, "a name in double quotes expected");
		const char *name = r->at + 1;
		if (!string(r) || !add_name(r, name, id))
			return false;
		skip_space(r);
		if (r->at == r->end || *r->at != ':')
			return refuse(r, "colon expected behind a name");
		r->at++;
		if (!value(r, depth) || !separator(r, '}', &more))
			return false;
	}
	return true;
}

static bool value(struct reader *r, int depth)
{
	skip_space(r);
	if (r->at == r->end)
		return refuse(r, "the document ends too early");
	r->weight += *r->at == 'n' ? JSON_WEIGHT_NULL : JSON_WEIGHT_VALUE;
	switch (*r->at) {
	case '{':
	case '[':
		if (depth == LIMIT_JSON_DEPTH)
			return refuse(r, "nested too deeply");
		return *r->at == '{' ? object(r, depth + 1) : array(r, depth + 1);
	case '"':
		return string(r);
	case 't':
		return word(r, STR("true"));
	case 'f':
		return word(r, STR("false"));
	case 'n':
		return word(r, STR("null"));
	default:
		return number(r);
	}
}

/* *stop is the offset at which the reading ended: that of the fault when there is one. */
static bool accept(struct str text, const char **why, struct json_notes *notes, size_t *stop)
{
	struct name few[FEW_NAMES] = { { 0 } };
	struct reader r = {
		.at = text.at, .start = text.at, .end = text.at + text.len, .names = few, .name_room = FEW_NAMES
	};
	bool ok = text.len <= INT32_MAX || refuse(&r, "the document is too long");
	ok = ok && value(&r, 0);
	if (ok) {
		skip_space(&r);
		ok = r.at == r.end || refuse(&r, "bytes after the document");
	}
	arena_free(r.arena);
	*why = ok ? "" : r.why;
	*notes = (struct json_notes){ .has_wide = r.has_wide, .weight = r.weight };
	*stop = (size_t)(r.at - r.start);
	return ok;
}

bool json_accept_noting(struct str text, const char **why, struct json_notes *notes)
{
	size_t stop;
	return accept(text, why, notes, &stop);
}

size_t json_fault_line(struct str text)
{
	const char *why;
	struct json_notes notes;
	size_t stop, line = 1;
	if (accept(text, &why, &notes, &stop))
		return 0;
	for (size_t i = 0; i < stop && i < text.len; i++)
		line += text.at[i] == '\n';
	return line;
}

bool json_accept(struct str text, const char **why)
{
	struct json_notes notes;
	return json_accept_noting(text, why, &notes);
}

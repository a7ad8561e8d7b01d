/*
 * One check for each kind of type. PostgreSQL would accept more spellings ("infinity", "now", "1e400" as a number of 400
 * digits, a 60th second). Callers can use only the forms that appear in answers.
 */
#include "resource/value.h"

#include "core/time.h"
#include "core/uuid.h"

#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>

enum { NUMBER_MAX = 400, EXPONENT_MAX = 308 };

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* How many digits s begins with. */
static size_t digits(struct str s)
{
	size_t n = 0;
	while (n < s.len && is_digit(s.at[n]))
		n++;
	return n;
}

static const char *integer_fault(struct str text, int64_t least, int64_t most)
{
	bool is_negative = str_starts(text, STR("-"));
	struct str rest = str_skip(text, is_negative || str_starts(text, STR("+")) ? 1 : 0);
	int64_t value;
	if (rest.len == 0 || digits(rest) != rest.len)
		return "is not an integer";
	while (rest.len > 1 && rest.at[0] == '0')
		rest = str_skip(rest, 1);
	if (is_negative && str_eq(rest, STR("9223372036854775808")) && least == INT64_MIN)
		return NULL;
	if (!str_to_int64(rest, &value))
		return "is out of range";
	if (is_negative)
		value = -value;
	return value < least || value > most ? "is out of range" : NULL;
}

/* [-+] digits [. digits] [e [-+] digits], with a digit before or after the point. */
static const char *number_fault(struct str text)
{
	struct str s = str_skip(text, str_starts(text, STR("-")) || str_starts(text, STR("+")) ? 1 : 0);
	size_t whole = digits(s), fraction = 0;
	s = str_skip(s, whole);
	if (str_starts(s, STR("."))) {
		fraction = digits(str_skip(s, 1));
		s = str_skip(s, 1 + fraction);
	}
	if (whole + fraction == 0)
		return "is not a number";
	if (str_starts(s, STR("e")) || str_starts(s, STR("E"))) {
		if (integer_fault(str_skip(s, 1), INT64_MIN, INT64_MAX) != NULL)
			return "is not a number";
		if (integer_fault(str_skip(s, 1), -EXPONENT_MAX, EXPONENT_MAX) != NULL)
			return "is out of range";
		s = STR("");
	}
	if (s.len > 0)
		return "is not a number";
	return text.len > NUMBER_MAX ? "is out of range" : NULL;
}

static const char *float_fault(struct str text, double most)
{
	char copy[NUMBER_MAX + 1];
	const char *fault = number_fault(text);
	if (fault)
		return fault;
	memcpy(copy, text.at, text.len);
	copy[text.len] = '\0';
	errno = 0;
	double value = strtod(copy, NULL);
	return errno == ERANGE || fabs(value) > most ? "is out of range" : NULL;
}

static const char *date_fault(struct str text)
{
	return time_take_date(&text) && text.len == 0 ? NULL : "is not a date (2024-02-29)";
}

static const char *time_fault(struct str text)
{
	return time_take_time(&text) && text.len == 0 ? NULL : "is not a time (13:45:00)";
}

/* A date without a time means midnight. A time without a zone is in UTC. */
static const char *timestamp_fault(struct str text, bool has_zone)
{
	static const char fault[] = "is not a time (2024-02-29T13:45:00Z)";
	if (!time_take_date(&text))
		return fault;
	if (text.len == 0)
		return NULL;
	if (str_find(STR("Tt "), text.at[0]) == 3)
		return fault;
	text = str_skip(text, 1);
	if (!time_take_time(&text))
		return fault;
	/* A + in a query means a space, so a zone such as +02 arrives with a space when + was not written as %2B. */
	if (has_zone && str_starts(text, STR(" ")) && digits(str_skip(text, 1)) == 2)
		return "has a space where the zone begins: write + as %2B in a query";
	if (text.len > 0 && !(has_zone && time_take_zone(&text)))
		return fault;
	return text.len == 0 ? NULL : fault;
}

static const char *text_fault(const struct column *c, struct str text)
{
	int64_t chars = 0;
	if (str_find(text, '\0') < text.len)
		return "holds a NUL character";
	for (size_t i = 0; i < text.len; i++)
		chars += ((unsigned char)text.at[i] & 0xc0) != 0x80;
	return c->max_chars > 0 && chars > c->max_chars ? "is too long" : NULL;
}

/* \x and pairs of hexadecimal digits, as in answers. */
static const char *bytes_fault(struct str text)
{
	bool is_hex = str_starts(text, STR("\\x")) && text.len % 2 == 0;
	for (size_t i = 2; i < text.len && is_hex; i++)
		is_hex = strchr("0123456789abcdefABCDEF", text.at[i]) && text.at[i] != '\0';
	return is_hex ? NULL : "is not \\x and hexadecimal digits";
}

static const char *label_fault(const struct column *c, struct str text)
{
	for (size_t i = 0; i < c->label_count; i++)
		if (str_eq(c->labels[i], text))
			return NULL;
	return "is not one of the values it may have";
}

const char *value_fault(const struct column *c, struct str text)
{
	struct uuid uuid;
	const char *why;
	switch (c->kind) {
	case KIND_BOOL:
		return str_eq(text, STR("true")) || str_eq(text, STR("false")) ? NULL : "is not true or false";
	case KIND_INT2:
		return integer_fault(text, INT16_MIN, INT16_MAX);
	case KIND_INT4:
		return integer_fault(text, INT32_MIN, INT32_MAX);
	case KIND_INT8:
		return integer_fault(text, INT64_MIN, INT64_MAX);
	case KIND_NUMERIC:
		return number_fault(text);
	case KIND_FLOAT4:
		return float_fault(text, (double)FLT_MAX);
	case KIND_FLOAT8:
		return float_fault(text, DBL_MAX);
	case KIND_UUID:
		return uuid_parse(text, &uuid) ? NULL : "is not a UUID";
	case KIND_TIMESTAMPTZ:
		return timestamp_fault(text, true);
	case KIND_TIMESTAMP:
		return timestamp_fault(text, false);
	case KIND_DATE:
		return date_fault(text);
	case KIND_TIME:
		return time_fault(text);
	case KIND_JSON:
	case KIND_JSONB:
		return json_accept(text, &why) ? NULL : "is not JSON";
	case KIND_BYTEA:
		return bytes_fault(text);
	case KIND_ENUM:
		return label_fault(c, text);
	case KIND_TEXT:
	case KIND_OTHER:
	case KIND_ARRAY:
		break;
	}
	return text_fault(c, text);
}

static const char *json_integer_fault(const struct json *v, int64_t least, int64_t most)
{
	int64_t value;
	if (json_kind(v) != JSON_NUMBER)
		return "is not an integer";
	return json_int64(v, &value) && value >= least && value <= most ? NULL : "is not an integer in range";
}

static const char *json_number_fault(const struct json *v, double most)
{
	double value;
	if (json_kind(v) != JSON_NUMBER)
		return "is not a number";
	return json_double(v, &value) && fabs(value) <= most ? NULL : "is out of range";
}

/* Finds the powers of ten of the first and of the last digit that is not 0, without regard to an exponent: 2 and 2 for
 * 100, 0 and -1 for 1.50. False for 0. */
static bool find_digits(struct str text, int64_t *first, int64_t *last)
{
	size_t point = 0, at = 0;
	bool any = false;
	struct str mantissa = str_skip(text, str_starts(text, STR("-")) ? 1 : 0);
	while (point < mantissa.len && is_digit(mantissa.at[point]))
		point++;
	for (; at < mantissa.len && (is_digit(mantissa.at[at]) || at == point); at++) {
		if (at == point || mantissa.at[at] == '0')
			continue;
		*last = (int64_t)point - (int64_t)at - (at < point);
		*first = any ? *first : *last;
		any = true;
	}
	return any;
}

/* Refuses numbers that PostgreSQL would round, or would refuse without naming the field. */
static const char *json_numeric_fault(const struct column *c, const struct json *v)
{
	struct str text;
	int64_t first = 0, last = 0, exponent = 0;
	const char *fault = json_number_fault(v, DBL_MAX);
	if (fault || c->precision == 0 || !json_number(v, &text) || !find_digits(text, &first, &last))
		return fault;
	size_t e = str_find(text, 'e') < text.len ? str_find(text, 'e') : str_find(text, 'E');
	struct str power = str_skip(text, e < text.len ? e + 1 : e);
	bool is_negative = str_starts(power, STR("-"));
	power = str_skip(power, is_negative || str_starts(power, STR("+")) ? 1 : 0);
	if (!str_is_empty(power) && !str_to_int64(power, &exponent))
		exponent = NUMBER_MAX * NUMBER_MAX;
	exponent = is_negative ? -exponent : exponent;
	if (first + exponent >= c->precision - c->scale)
		return "is out of range";
	return last + exponent < -c->scale ? "has more digits after the point than its column keeps" : NULL;
}

/* Checks the elements of an array of any number of dimensions. PostgreSQL would accept the texts "NaN" and "2" as
 * numbers. */
static const char *json_array_fault(const struct column *c, const struct json *v)
{
	const struct column element = { .kind = c->element, .precision = c->precision, .scale = c->scale };
	if (json_kind(v) != JSON_ARRAY)
		return "is not an array";
	for (size_t i = 0; i < json_count(v); i++) {
		const struct json *item = json_at(v, i, NULL);
		bool is_nested = json_kind(item) == JSON_ARRAY && c->element != KIND_JSON && c->element != KIND_JSONB;
		if (json_kind(item) == JSON_NULL)
			continue;
		if (is_nested ? json_array_fault(c, item) : value_fault_json(&element, item))
			return "has an element that does not fit its type";
	}
	return NULL;
}

const char *value_fault_json(const struct column *c, const struct json *v)
{
	struct str text;
	bool flag;
	switch (c->kind) {
	case KIND_BOOL:
		return json_bool(v, &flag) ? NULL : "is not true or false";
	case KIND_INT2:
		return json_integer_fault(v, INT16_MIN, INT16_MAX);
	case KIND_INT4:
		return json_integer_fault(v, INT32_MIN, INT32_MAX);
	case KIND_INT8:
		return json_integer_fault(v, INT64_MIN, INT64_MAX);
	case KIND_FLOAT4:
		return json_number_fault(v, (double)FLT_MAX);
	case KIND_FLOAT8:
		return json_number_fault(v, DBL_MAX);
	case KIND_NUMERIC:
		return json_numeric_fault(c, v);
	case KIND_JSON:
	case KIND_JSONB:
		return NULL;
	case KIND_ARRAY:
		return json_array_fault(c, v);
	case KIND_OTHER:
		if (!json_string(v, &text))
			return NULL;
		break;
	default:
		if (!json_string(v, &text))
			return "is not a string";
	}
	return value_fault(c, text);
}

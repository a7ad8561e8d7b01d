/*
 * Looks up the error table by number and by SQLSTATE, and has the three ways to fill a struct error. A text
 * that is too long is cut between two characters. What is meant for the operator must never get into
 * `detail`, which the caller of the API reads.
 */
#include "core/error.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

static const struct error_info table[] = {
#define X(name, code, status, title, sqlstate, flags) [name] = { code, status, title, sqlstate, flags },
	ERROR_TABLE(X)
#undef X
};
static_assert(COUNT_OF(table) == ERROR_COUNT, "every error has its row");

const struct error_info *error_info(enum error_code code)
{
	if ((unsigned)code >= ERROR_COUNT)
		BUG("no error %d", (int)code);
	return &table[code];
}

enum error_code error_by_sqlstate(struct str sqlstate)
{
	for (size_t i = 1; i < COUNT_OF(table) && sqlstate.len > 0; i++)
		if (str_eq(sqlstate, str_c(table[i].sqlstate)))
			return (enum error_code)i;
	return ERR_NONE;
}

/* Removes the rest of a character in the middle of which the text was cut. */
static void drop_stump(char *text, size_t len)
{
	size_t start = len;
	while (start > 0 && len - start < 4 && ((unsigned char)text[start - 1] & 0xc0) == 0x80)
		start--;
	if (start == 0 || (unsigned char)text[start - 1] < 0xc0)
		return;
	uint32_t point;
	if (str_utf8_next((struct str){ text + start - 1, len - start + 1 }, &point) == 0)
		text[start - 1] = '\0';
}

PRINTF(3, 0) static void put(char *to, size_t size, const char *fmt, va_list args)
{
	int len = vsnprintf(to, size, fmt, args);
	if (len < 0)
		to[0] = '\0';
	else if ((size_t)len >= size)
		drop_stump(to, size - 1);
}

bool error_set(struct error *err, enum error_code code, const char *detail, ...)
{
	err->code = code;
	err->operator[0] = '\0';
	err->field_count = 0;
	va_list args;
	va_start(args, detail);
	put(err->detail, sizeof(err->detail), detail, args);
	va_end(args);
	return false;
}

bool error_log(struct error *err, enum error_code code, const char *operator, ...)
{
	err->code = code;
	err->detail[0] = '\0';
	err->field_count = 0;
	va_list args;
	va_start(args, operator);
	put(err->operator, sizeof(err->operator), operator, args);
	va_end(args);
	return false;
}

bool error_field(struct error *err, struct str name, const char *why, ...)
{
	if (err->code != ERR_INVALID_REQUEST) {
		err->code = ERR_INVALID_REQUEST;
		err->detail[0] = '\0';
		err->operator[0] = '\0';
		err->field_count = 0;
	}
	if (err->field_count == ERROR_FIELDS)
		return false;
	struct field_error *field = &err->fields[err->field_count++];
	size_t len = name.len < sizeof(field->name) ? name.len : sizeof(field->name) - 1;
	memcpy(field->name, name.at, len);
	field->name[len] = '\0';
	if (len < name.len)
		drop_stump(field->name, len);
	va_list args;
	va_start(args, why);
	put(field->why, sizeof(field->why), why, args);
	va_end(args);
	return false;
}

/* Writes JSON. Must never write a name or a text that was not escaped. */
#include "core/json_write.h"

/* True when no comma is needed before the next value: the last byte opened a bracket or ended a name, or
 * json_write_line has written the comma already. No value ends with such a byte: a text ends with its
 * quote. */
static bool is_separated(const struct buf *b)
{
	char last = b->len > 0 ? b->at[b->len - 1] : '[';
	if (last == '\n')
		return b->len > 1 && b->at[b->len - 2] == ',';
	return last == '{' || last == '[' || last == ':';
}

static void begin(struct buf *b, const char *name)
{
	if (name)
		json_write_name(b, str_c(name));
	else if (!is_separated(b))
		buf_add_char(b, ',');
}

void json_write_name(struct buf *b, struct str name)
{
	begin(b, NULL);
	buf_add_json(b, name);
	buf_add_char(b, ':');
}

void json_write_open(struct buf *b, const char *name, char bracket)
{
	begin(b, name);
	buf_add_char(b, bracket);
}

void json_write_close(struct buf *b, char bracket)
{
	buf_add_char(b, bracket);
}

void json_write_text(struct buf *b, const char *name, struct str value)
{
	begin(b, name);
	buf_add_json(b, value);
}

void json_write_c(struct buf *b, const char *name, const char *value)
{
	json_write_text(b, name, str_c(value));
}

void json_write_flag(struct buf *b, const char *name, bool value)
{
	json_write_raw(b, name, value ? "true" : "false");
}

void json_write_int(struct buf *b, const char *name, int64_t value)
{
	begin(b, name);
	buf_add_int(b, value);
}

void json_write_raw(struct buf *b, const char *name, const char *json)
{
	begin(b, name);
	buf_add_c(b, json);
}

void json_write_line(struct buf *b)
{
	if (!is_separated(b))
		buf_add(b, STR(",\n"));
}

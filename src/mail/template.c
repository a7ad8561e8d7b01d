/* Fills in templates in one pass. Must never look for names in what it has filled in. */
#include "mail/template.h"

#include "core/limits.h"
#include "core/validate.h"

bool mail_values_add(struct mail_values *v, struct str name, struct str value)
{
	if (v->count == MAIL_VALUES)
		return false;
	v->at[v->count].name = name;
	v->at[v->count++].value = value;
	return true;
}

static const struct str *find(const struct mail_values *values, struct str name)
{
	for (size_t i = 0; i < values->count; i++)
		if (str_eq(values->at[i].name, name))
			return &values->at[i].value;
	return NULL;
}

/* What stands for a character in HTML; NULL: itself. */
static const char *escaped(uint32_t point)
{
	switch (point) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

static void add_value(struct buf *b, struct str value, enum mail_form form)
{
	while (!str_is_empty(value)) {
		uint32_t point;
		size_t step = str_utf8_next(value, &point);
		const char *instead = form == MAIL_HTML ? escaped(point) : NULL;
		if (step == 0)
			step = 1; /* no UTF-8 */
		else if (point == '\n' && form != MAIL_SUBJECT)
			buf_add_char(b, '\n');
		else if (point == '\n' || point == '\t')
			buf_add_char(b, ' ');
		else if (instead)
			buf_add_c(b, instead);
		else if (!point_is_unseen(point))
			buf_add(b, str_of(value.at, step));
		value = str_skip(value, step);
	}
}

/* The length of the {name} that s begins with, 0 when there is none. */
static size_t placeholder(struct str s, struct str *name)
{
	size_t i = 1;
	while (i < s.len && (s.at[i] == '_' || (s.at[i] >= 'a' && s.at[i] <= 'z')))
		i++;
	*name = str_of(s.at + 1, i - 1);
	return i > 1 && i < s.len && s.at[i] == '}' ? i + 1 : 0;
}

/* One line without its end; *skip: it showed something empty. */
static bool fill_line(struct buf *b, struct str line, const struct mail_values *values, enum mail_form form,
	bool *skip, struct error *err)
{
	*skip = false;
	while (!str_is_empty(line)) {
		struct str name;
		size_t plain = str_find(line, '{');
		buf_add(b, str_of(line.at, plain));
		line = str_skip(line, plain);
		if (str_is_empty(line))
			break;
		size_t len = placeholder(line, &name);
		if (len == 0) {
			buf_add_char(b, '{');
			line = str_skip(line, 1);
			continue;
		}
		const struct str *value = find(values, name);
		if (!value)
			return error_log(
				err, ERR_INTERNAL, "the template shows {%.*s}, which the mail does not have", STR_ARG(name));
		*skip = *skip || str_is_empty(*value);
		add_value(b, *value, form);
		line = str_skip(line, len);
	}
	return true;
}

bool template_fill(struct arena *a, struct str template, const struct mail_values *values,
	enum mail_form form, struct str *out, struct error *err)
{
	struct buf b;
	buf_init(&b, a, LIMIT_MAIL_PART);
	buf_add_c(&b, "");
	while (!str_is_empty(template)) {
		struct str line;
		bool skip;
		size_t begin = b.len;
		template = str_split(template, '\n', &line);
		if (str_ends(line, STR("\r"))) /* a file that was saved with other line ends */
			line.len--;
		if (!fill_line(&b, line, values, form, &skip, err))
			return false;
		if (skip)
			b.len = begin;
		else if (form != MAIL_SUBJECT)
			buf_add_char(&b, '\n');
	}
	if (!buf_ok(&b))
		return error_log(err, ERR_INTERNAL, "the mail is longer than %d bytes", LIMIT_MAIL_PART);
	*out = str_of(b.at, b.len);
	return true;
}

/* From a row of the outbox to the parts of a mail. Must never put a parameter into an error: some are secrets, and the
 * error outlives them (T116). */
#include "mail/render.h"

#include "core/json.h"
#include "core/json_write.h"
#include "core/time.h"
#include "mail/kinds.h"
#include "mail/template.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static const char *const months[] = { "January", "February", "March", "April", "May", "June", "July",
	"August", "September", "October", "November", "December" };

/* "2026-11-28T12:50:19.5+01:00" as "28 November 2026, 11:50 UTC"; what is no such time as it is. */
static struct str readable_time(struct arena *a, struct str s)
{
	int year, month, day, hour, minute, off_hour = 0, off_minute = 0;
	const char *text = arena_cstr(a, s);
	if (!time_is_rfc3339(s) || sscanf(text, "%4d-%2d-%2dT%2d:%2d", &year, &month, &day, &hour, &minute) != 5)
		return s;
	const char *zone = text + s.len - 6;
	bool is_offset = text[s.len - 1] != 'Z';
	if (is_offset && sscanf(zone + 1, "%2d:%2d", &off_hour, &off_minute) != 2)
		return s;
	int offset = (off_hour * 60 + off_minute) * (is_offset && *zone == '-' ? -1 : 1);
	struct tm parts = { .tm_year = year - 1900,
		.tm_mon = month - 1,
		.tm_mday = day,
		.tm_hour = hour,
		.tm_min = minute - offset };
	time_t at = timegm(&parts); /* also puts the parts into their ranges */
	return at == (time_t)-1 ? s
							: arena_printf(a, "%d %s %d, %02d:%02d UTC", parts.tm_mday, months[parts.tm_mon],
								  parts.tm_year + 1900, parts.tm_hour, parts.tm_min);
}

static bool add(struct mail_values *v, struct str name, struct str value, struct error *err)
{
	return mail_values_add(v, name, value) ||
		error_log(err, ERR_INTERNAL, "the mail has more than %d parameters", MAIL_VALUES);
}

static bool add_params(
	struct arena *a, struct mail_values *values, const struct json *params, struct error *err)
{
	for (size_t i = 0; i < json_count(params); i++) {
		struct str name, value = STR("");
		const struct json *param = json_at(params, i, &name);
		bool is_shown =
			json_kind(param) == JSON_NULL || json_string(param, &value) || json_number(param, &value);
		if (!is_shown)
			return error_log(
				err, ERR_INTERNAL, "the mail's parameter '%.*s' is no text, number or null", STR_ARG(name));
		if (str_eq(name, STR("at")) || str_ends(name, STR("_at")))
			value = readable_time(a, value);
		if (!add(values, name, value, err))
			return false;
	}
	return true;
}

static bool tells(const struct mail_kind *kind, const char *param)
{
	struct str rest = str_c(kind->params), name;
	while (!str_is_empty(rest)) {
		rest = str_split(rest, ' ', &name);
		if (str_eq(name, str_c(param)))
			return true;
	}
	return false;
}

static bool link_of(struct arena *a, const struct mail *mail, const struct mail_kind *kind, struct str url,
	const struct json *params, struct str *out, struct error *err)
{
	struct str token = STR(""), tenant = STR("");
	if (tells(kind, "token") && !json_string(json_get(params, STR("token")), &token))
		return error_log(err, ERR_INTERNAL, "the mail has no token for its link");
	if (kind->is_in_tenant && !json_string(json_get(params, STR("tenant_id")), &tenant))
		return error_log(err, ERR_INTERNAL, "the mail has no tenant for its link");
	*out = arena_printf(a, "%.*s%s%.*s%s?env=%.*s%s%.*s", STR_ARG(url),
		kind->is_in_tenant ? "/console/t/" : "", STR_ARG(tenant), kind->link, STR_ARG(mail->env),
		str_is_empty(token) ? "" : "#token=", STR_ARG(token));
	return true;
}

static bool add_links(struct arena *a, const struct config *c, const struct mail *mail,
	const struct mail_kind *kind, struct mail_values *values, const struct json *params, struct error *err)
{
	struct str link, url = c->server.public_url;
	if (str_is_empty(url))
		return error_log(err, ERR_INTERNAL, "[server] public_url is not set: links in mail begin with it");
	if (!add(values, STR("public_url"), url, err) || !add(values, STR("env"), mail->env, err))
		return false;
	return !kind->link ||
		(link_of(a, mail, kind, url, params, &link, err) && add(values, STR("link"), link, err));
}

static bool read_template(struct arena *a, const struct config *c, const struct mail_kind *kind,
	const char *ending, struct str *out, struct error *err)
{
	struct str folder = c->mail.templates.len > 0 ? c->mail.templates : STR(PKGDATADIR "/mail/en");
	return config_read_file(a, "[mail] templates",
		arena_printf(a, "%.*s/%s.%s", STR_ARG(folder), kind->name, ending), LIMIT_MAIL_TEMPLATE, false, out,
		err);
}

/* Errors begin with the name of the file. */
static bool fill(struct arena *a, struct str template, const struct mail_values *values, enum mail_form form,
	const struct mail_kind *kind, const char *ending, struct str *out, struct error *err)
{
	struct error why = ERROR_INIT;
	return template_fill(a, template, values, form, out, &why) ||
		error_log(err, ERR_INTERNAL, "%s.%s: %s", kind->name, ending, why.operator);
}

/* Takes "Subject: …" and the empty line behind it from the front of the template. */
static bool take_subject(
	struct str *template, struct str *subject, const struct mail_kind *kind, struct error *err)
{
	struct str line, empty, rest = str_split(*template, '\n', &line);
	rest = str_split(rest, '\n', &empty);
	if (!str_starts(line, STR("Subject: ")) || !str_is_empty(str_trim(empty)))
		return error_log(
			err, ERR_INTERNAL, "%s.txt does not begin with \"Subject: …\" and an empty line", kind->name);
	*subject = str_trim(str_skip(line, 9));
	*template = rest;
	return true;
}

bool mail_render(struct arena *a, const struct config *c, const struct mail *mail, struct mail_parts *out,
	struct error *err)
{
	struct mail_values values = { .count = 0 };
	struct str text, html, subject;
	struct error why = ERROR_INIT;
	const struct mail_kind *kind = mail_kind_find(mail->kind);
	if (!kind)
		return error_log(err, ERR_INTERNAL, "there is no kind of mail '%.*s'", STR_ARG(mail->kind));
	const struct json *params = json_parse(a, mail->params, &why);
	if (json_kind(params) != JSON_OBJECT)
		return error_log(err, ERR_INTERNAL, "the mail's parameters are no JSON object");
	return add_params(a, &values, params, err) && add_links(a, c, mail, kind, &values, params, err) &&
		read_template(a, c, kind, "txt", &text, err) && read_template(a, c, kind, "html", &html, err) &&
		take_subject(&text, &subject, kind, err) &&
		fill(a, subject, &values, MAIL_SUBJECT, kind, "txt", &out->subject, err) &&
		fill(a, text, &values, MAIL_TEXT, kind, "txt", &out->text, err) &&
		fill(a, html, &values, MAIL_HTML, kind, "html", &out->html, err);
}

bool mail_templates_are_good(const struct config *c, struct error *err)
{
	size_t count;
	bool good = true;
	const struct mail_kind *kinds = mail_kinds(&count);
	struct arena *a = arena_new(LIMIT_REQUEST_POOL);
	for (size_t i = 0; i < count && good; i++) {
		struct buf params;
		struct mail_parts parts;
		struct str rest = str_c(kinds[i].params), name;
		buf_init(&params, a, LIMIT_MAIL_TEMPLATE);
		json_write_open(&params, NULL, '{');
		while (!str_is_empty(rest)) {
			rest = str_split(rest, ' ', &name);
			json_write_name(&params, name);
			json_write_c(&params, NULL, "x");
		}
		json_write_close(&params, '}');
		const struct mail mail = { STR("prod"), str_c(kinds[i].name), buf_str(&params) };
		good = mail_render(a, c, &mail, &parts, err);
		arena_reset(a);
	}
	arena_free(a);
	return good;
}

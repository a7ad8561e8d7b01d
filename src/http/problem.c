/*
 * An error as application/problem+json (RFC 9457). It shows the title of the code, the detail that is meant for the
 * caller, and the refused fields. The text for the operator must never be sent.
 */
#include "http/problem.h"
#include "core/buf.h"

enum { PROBLEM_BYTES = 24 * 1024 }; /* enough for ERROR_FIELDS texts with each byte escaped */

static void add_member(struct buf *b, const char *name, struct str value)
{
	buf_add_char(b, ',');
	buf_add_json(b, str_c(name));
	buf_add_char(b, ':');
	buf_add_json(b, value);
}

static void add_fields(struct buf *b, const struct error *err)
{
	buf_add_c(b, ",\"errors\":[");
	for (size_t i = 0; i < err->field_count; i++) {
		buf_add_c(b, i > 0 ? ",{\"field\":" : "{\"field\":");
		buf_add_json(b, str_c(err->fields[i].name));
		add_member(b, "detail", str_c(err->fields[i].why));
		buf_add_char(b, '}');
	}
	buf_add_char(b, ']');
}

/* The text that clients of PostgREST show: the detail, or else the first refused field, or else the title. */
static struct str message(struct arena *a, const struct error *err, const struct error_info *info)
{
	if (err->detail[0])
		return str_c(err->detail);
	if (err->field_count > 0)
		return arena_printf(a, "%s %s", err->fields[0].name, err->fields[0].why);
	return str_c(info->title);
}

static struct str problem_body(
	struct arena *a, const struct error *err, const struct error_info *info, const char *trace_id)
{
	struct buf b;
	buf_init(&b, a, PROBLEM_BYTES);
	buf_add_c(&b, "{\"type\":\"urn:problem-type:tenantd:");
	buf_add_c(&b, info->code);
	buf_add_char(&b, '"');
	add_member(&b, "title", str_c(info->title));
	buf_printf(&b, ",\"status\":%d", info->status);
	add_member(&b, "code", str_c(info->code));
	if (err->detail[0])
		add_member(&b, "detail", str_c(err->detail));
	add_member(&b, "message", message(a, err, info));
	if (err->detail[0])
		add_member(&b, "details", str_c(err->detail));
	add_member(&b, "trace_id", str_c(trace_id));
	if (err->field_count > 0)
		add_fields(&b, err);
	buf_add_char(&b, '}');
	if (!buf_ok(&b))
		BUG("a problem larger than %d bytes", PROBLEM_BYTES);
	return buf_str(&b);
}

void problem_render(struct response *r, const struct error *err, const char *trace_id)
{
	const struct error_info *info = error_info(err->code);
	response_json(r, info->status, problem_body(r->arena, err, info, trace_id));
	r->content_type = "application/problem+json";
	if (info->flags & RETRY_AFTER && !response_has(r, "Retry-After"))
		response_header(r, "Retry-After",
			arena_printf(r->arena, "%lld", (long long)(err->retry_after > 0 ? err->retry_after : 1)));
	if (info->status != 401 || response_has(r, "WWW-Authenticate"))
		return;
	if (err->code == ERR_TOKEN_EXPIRED)
		response_header(r, "WWW-Authenticate",
			STR("Bearer error=\"invalid_token\", error_description=\"the token expired\""));
	else
		response_header(r, "WWW-Authenticate", STR("Bearer"));
}

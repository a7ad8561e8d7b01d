/*
 * An error as application/problem+json (RFC 9457). It shows the title of the code, the detail that is meant for the
 * caller, and the refused fields. The text for the operator must never be sent.
 */
#include "http/problem.h"
#include "core/json_write.h"

enum { PROBLEM_BYTES = 24 * 1024 }; /* enough for ERROR_FIELDS texts with each byte escaped */

static void write_fields(struct buf *b, const struct error *err)
{
	json_write_open(b, "errors", '[');
	for (size_t i = 0; i < err->field_count; i++) {
		json_write_open(b, NULL, '{');
		json_write_c(b, "field", err->fields[i].name);
		json_write_c(b, "detail", err->fields[i].why);
		json_write_close(b, '}');
	}
	json_write_close(b, ']');
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
	json_write_open(&b, NULL, '{');
	json_write_text(&b, "type", arena_printf(a, "urn:problem-type:tenantd:%s", info->code));
	json_write_c(&b, "title", info->title);
	json_write_int(&b, "status", info->status);
	json_write_c(&b, "code", info->code);
	if (err->detail[0])
		json_write_c(&b, "detail", err->detail);
	json_write_text(&b, "message", message(a, err, info));
	if (err->detail[0])
		json_write_c(&b, "details", err->detail);
	json_write_c(&b, "trace_id", trace_id);
	if (err->field_count > 0)
		write_fields(&b, err);
	json_write_close(&b, '}');
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

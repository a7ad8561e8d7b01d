/*
 * Cursors. The key of the MAC is derived from the context key with a label of its own, so that a cursor
 * cannot be used as a proof, nor a proof as a cursor. Whoever decodes a cursor sees the key of a row that
 * they were just shown.
 */
#include "repo/page.h"

#include "core/buf.h"
#include "core/limits.h"
#include "crypto/digest.h"

enum { MAC_SIZE = 16 };

static void cursor_mac(
	const struct context *ctx, struct str filters, struct str keys, uint8_t mac[SHA256_SIZE])
{
	uint8_t label_key[SHA256_SIZE];
	struct buf b;
	digest_hmac(tx_source_of(ctx->tx)->context_key, STR("cursor"), label_key);
	buf_init(&b, ctx->arena, LIMIT_URI * 3);
	buf_printf(&b, "%s\n%.*s\n%s\n%s\n%.*s\n%.*s\n", ctx->tenant.text, STR_ARG(ctx->slug), env_name(ctx->env),
		ctx->route, STR_ARG(ctx->who.issuer), STR_ARG(ctx->who.subject));
	buf_add(&b, filters);
	buf_add_char(&b, '\n');
	buf_add(&b, keys);
	if (!buf_ok(&b))
		BUG("a cursor over more than %d bytes", LIMIT_URI * 3);
	digest_hmac(str_of((const char *)label_key, sizeof(label_key)), buf_str(&b), mac);
}

struct str page_seal(const struct context *ctx, struct str filters, struct str keys)
{
	uint8_t mac[SHA256_SIZE];
	struct buf b;
	cursor_mac(ctx, filters, keys, mac);
	buf_init(&b, ctx->arena, MAC_SIZE + CURSOR_KEYS + 1);
	buf_add(&b, str_of((const char *)mac, MAC_SIZE));
	buf_add(&b, keys);
	if (!buf_ok(&b))
		BUG("a cursor of more than %d bytes", CURSOR_KEYS);
	struct str raw = buf_str(&b);
	return base64url_encode(ctx->arena, raw.at, raw.len);
}

bool page_open(
	const struct context *ctx, struct str filters, struct str cursor, struct str *keys, struct error *err)
{
	uint8_t mac[SHA256_SIZE];
	char *raw = arena_alloc(ctx->arena, MAC_SIZE + CURSOR_KEYS);
	size_t len;
	if (!base64url_decode(cursor, raw, MAC_SIZE + CURSOR_KEYS, &len) || len <= MAC_SIZE)
		return error_field(err, STR("cursor"), "is not a cursor of this list");
	*keys = str_of(raw + MAC_SIZE, len - MAC_SIZE);
	cursor_mac(ctx, filters, *keys, mac);
	return digest_equal(mac, raw, MAC_SIZE) ||
		error_field(err, STR("cursor"), "is not a cursor of this list");
}

struct str page_cursor(const struct context *ctx, const struct page *page, struct str key0, struct str key1)
{
	return page_seal(ctx, page->filters, arena_printf(ctx->arena, "%.*s %.*s", STR_ARG(key1), STR_ARG(key0)));
}

bool page_resume(const struct context *ctx, struct page *page, struct str cursor, struct error *err)
{
	struct str keys;
	if (!page_open(ctx, page->filters, cursor, &keys, err))
		return false;
	page->after_key[0] = str_split(keys, ' ', &page->after_key[1]);
	return true;
}

struct str page_array(struct arena *a, const struct rows *rows, size_t count)
{
	struct buf b;
	buf_init(&b, a, LIMIT_RESPONSE);
	buf_add_char(&b, '[');
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			buf_add_char(&b, ',');
		buf_add(&b, rows_value(rows, i, 0, NULL));
	}
	buf_add_char(&b, ']');
	return buf_str(&b);
}

void page_render(const struct context *ctx, const struct page *page, const struct rows *rows,
	struct str *array, struct str *next)
{
	size_t shown = rows->count > (size_t)page->limit ? (size_t)page->limit : rows->count;
	*array = page_array(ctx->arena, rows, shown);
	*next = STR("");
	if (rows->count > shown)
		*next = page_cursor(
			ctx, page, rows_value(rows, shown - 1, 1, NULL), rows_value(rows, shown - 1, 2, NULL));
}

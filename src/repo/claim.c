/*
 * The claim and its proof. A proof is good for one purpose, one backend and LIMIT_PROOF_S seconds: what leaks
 * into a log is worth nothing by the time it is read. Never put anything here that the database is not to
 * believe.
 */
#include "claim.h"

#include "core/buf.h"
#include "core/clock.h"
#include "core/limits.h"
#include "crypto/digest.h"

static void add_field(struct buf *b, struct str field)
{
	buf_add_char(b, '\n');
	buf_add(b, field);
}

struct claim claim_make(const struct context *ctx, const struct tx_source *source, const char *purpose)
{
	struct buf b;
	buf_init(&b, ctx->arena, LIMIT_TOKEN * 2);
	buf_add_c(&b, source->key_id);
	add_field(&b, str_c(purpose));
	buf_add_char(&b, '\n');
	buf_add_int(&b, clock_unix_s());
	buf_add_char(&b, '\n');
	buf_add_int(&b, db_backend_pid(source->db));
	add_field(&b, str_c(guard_name(ctx->caller, ctx->guard.least)));
	add_field(&b, str_c(tenant_guard_name(ctx->guard.tenant)));
	add_field(&b, str_c(env_name(ctx->env)));
	add_field(&b, str_c(ctx->tenant.text));
	add_field(&b, ctx->tenant_is_claimed ? STR("t") : STR("f"));
	add_field(&b, ctx->slug);
	add_field(&b, str_c(ctx->trace.id));
	add_field(&b, str_c(ctx->route));
	add_field(&b, ctx->who.issuer);
	add_field(&b, ctx->who.subject);
	add_field(&b, ctx->who.email);
	add_field(&b, ctx->who.email_verified ? STR("t") : STR("f"));
	add_field(&b, ctx->who.name);
	buf_add_char(&b, '\n');
	if (!ctx->is_reading && source->write_ms > 0)
		buf_add_int(&b, source->write_ms);
	if (!buf_ok(&b))
		BUG("a claim of more than %d bytes", LIMIT_TOKEN * 2);

	struct claim claim = { .text = buf_str(&b) };
	uint8_t *mac = arena_alloc(ctx->arena, SHA256_SIZE);
	digest_hmac(source->context_key, claim.text, mac);
	claim.mac = str_of((const char *)mac, SHA256_SIZE);
	return claim;
}

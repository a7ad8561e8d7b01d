/*
 * The claim and its proof. A proof is valid for one purpose, one backend and LIMIT_PROOF_S seconds, so that
 * one that leaks into a log is worthless by the time somebody reads it. Must never contain anything that the
 * database should not believe.
 */
#include "claim.h"

#include "core/buf.h"
#include "core/clock.h"
#include "core/limits.h"
#include "crypto/digest.h"

static struct str number(struct arena *a, int64_t n)
{
	return arena_printf(a, "%lld", (long long)n);
}

static struct str truth(bool b)
{
	return b ? STR("true") : STR("false");
}

/* SHA-384(proof key || message). The message is the one of tenantd.claim_message: the purpose, the backend
 * and the fields, separated by line feeds. No field contains a line feed, so that no two claims have the
 * same message. */
static struct str prove(
	struct arena *a, const struct tx_source *source, const char *purpose, const struct value *fields)
{
	struct buf b;
	buf_init(&b, a, LIMIT_TOKEN * 2);
	buf_add(&b, str_of((const char *)source->proof_key, sizeof(source->proof_key)));
	buf_printf(&b, "%s\n%d", purpose, db_backend_pid(source->db));
	for (size_t i = 0; i < CLAIM_FIELDS; i++) {
		if (str_find(fields[i].text, '\n') < fields[i].text.len)
			BUG("field %zu of a claim has a line feed in it", i);
		buf_add_char(&b, '\n');
		buf_add(&b, fields[i].text);
	}
	if (!buf_ok(&b))
		BUG("a claim of more than %d bytes", LIMIT_TOKEN * 2);
	uint8_t *proof = arena_alloc(a, SHA384_SIZE);
	digest_sha384(buf_str(&b), proof);
	return str_of((const char *)proof, SHA384_SIZE);
}

struct claim claim_make(const struct context *ctx, const struct tx_source *source, const char *purpose)
{
	struct arena *a = ctx->arena;
	bool has_own_time = !ctx->is_reading && source->write_ms > 0;
	struct claim claim = { {
		VALUE_C(source->key_id),
		VALUE(number(a, clock_unix_s())),
		VALUE_C(guard_name(ctx->caller, ctx->guard.least)),
		VALUE_C(tenant_guard_name(ctx->guard.tenant)),
		value_or_null(str_c(env_name(ctx->env))),
		value_or_null(str_c(ctx->tenant.text)),
		VALUE(truth(ctx->tenant_is_claimed)),
		VALUE(ctx->slug),
		VALUE_C(ctx->trace.id),
		VALUE_C(ctx->route),
		VALUE(ctx->who.issuer),
		VALUE(ctx->who.subject),
		VALUE(ctx->who.email),
		VALUE(truth(ctx->who.email_verified)),
		VALUE(ctx->who.name),
		value_or_null(has_own_time ? number(a, source->write_ms) : STR("")),
		VALUE(ctx->tx && tx_has_counted(ctx->tx) ? STR("") : ctx->limits),
		value_or_null(str_c(ctx->session.text)),
	} };
	claim.values[CLAIM_FIELDS] = VALUE_BINARY(prove(a, source, purpose, claim.values));
	return claim;
}

/*
 * Fuzzes token_verify with three kinds of input: the bytes themselves; good tokens of every algorithm, changed as the
 * bytes direct; and claims of any form with a good signature. The first two must never be accepted unless the token is,
 * byte for byte, a good one. The third may be accepted, but then the result must be what crypto/token.h promises.
 */
#include "core/clock.h"
#include "core/limits.h"
#include "support/tokens.h"
#include <stdlib.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { GOOD = 4, EDIT = 4, LONGEST = LIMIT_TOKEN + 64 };

static struct provider *provider;
static struct keystore *store;
static struct arena *arena;
static struct str good[GOOD];

static void clean_up(void)
{
	arena_free(arena);
	provider_free(provider);
}

static bool verify(struct str compact, struct token_claims *claims)
{
	struct error err = ERROR_INIT;
	bool taken = token_verify(store, arena, compact, LIMIT_LEEWAY_S, claims, &err);
	if (!taken && err.code != ERR_UNAUTHENTICATED && err.code != ERR_TOKEN_EXPIRED)
		BUG("a refusal with the code %d", (int)err.code);
	return taken;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	struct error err = ERROR_INIT;
	struct token_claims claims;
	provider = provider_new();
	arena = arena_new(LIMIT_REQUEST_POOL);
	store = keystore_load(provider->arena, &provider->config, &err);
	if (!store)
		BUG("no store: %s", err.operator);
	struct arena *a = provider->arena;
	struct str main_claims = CLAIMS(a, ISS_MAIN, { "app_metadata", "{\"tenant_id\":\"t\"}" });
	struct str shared = CLAIMS(a, ISS_SHARED, { "name", "\"\xc3\x85\"" });
	good[0] = craft(a, "ES256", provider->es, STR("{\"alg\":\"ES256\",\"kid\":\"es1\"}"), main_claims);
	good[1] = craft(a, "RS256", provider->rs, STR("{\"alg\":\"RS256\",\"kid\":\"rs1\"}"), main_claims);
	good[2] = craft(a, "EdDSA", provider->ed, STR("{\"alg\":\"EdDSA\",\"kid\":\"ed1\"}"), main_claims);
	good[3] = craft(a, "HS256", provider->secret, STR("{\"alg\":\"HS256\"}"), shared);
	for (size_t i = 0; i < GOOD; i++) {
		if (!verify(good[i], &claims))
			BUG("good token %zu is refused", i);
	}
	return atexit(clean_up);
}

static void must_be_good_or_refused(struct str compact)
{
	struct token_claims claims;
	bool is_good = false;
	for (size_t i = 0; i < GOOD; i++)
		is_good = is_good || str_eq(compact, good[i]);
	if (verify(compact, &claims) != is_good)
		BUG("%s: %.*s", is_good ? "a good token is refused" : "a changed token is accepted",
			STR_ARG(compact));
}

/* Each four bytes are one edit: what, where (two bytes), with which byte. */
static void edited(struct str token, const uint8_t *script, size_t size)
{
	char *text = arena_alloc(arena, LONGEST);
	size_t len = token.len;
	memcpy(text, token.at, len);
	for (; size >= EDIT; script += EDIT, size -= EDIT) {
		size_t at = len > 0 ? (size_t)(script[1] << 8 | script[2]) % len : 0;
		if (script[0] % 4 == 0 && len > 0) {
			text[at] = (char)script[3];
		} else if (script[0] % 4 == 1 && len > 0) {
			text[at] = (char)(text[at] ^ (1 << (script[3] & 7)));
		} else if (script[0] % 4 == 2 && len < LONGEST) {
			memmove(text + at + 1, text + at, len - at);
			text[at] = (char)script[3];
			len++;
		} else if (len > 0) {
			size_t gone = script[3] < len - at ? script[3] : len - at;
			memmove(text + at, text + at + gone, len - at - gone);
			len -= gone;
		}
	}
	must_be_good_or_refused(str_of(text, len));
}

/* Whatever the claims are, an accepted identity is of the configured issuer, bounded and plain. */
static void well_signed(struct str claims)
{
	struct token_claims out;
	struct str compact = craft(arena, "HS256", provider->secret, STR("{\"alg\":\"HS256\"}"), claims);
	if (!verify(compact, &out))
		return;
	const struct identity *who = &out.who;
	if (!str_eq(who->issuer, STR(ISS_SHARED)) || str_is_empty(who->subject) ||
		who->subject.len > LIMIT_SUBJECT || str_has_control(who->subject) || who->email.len > LIMIT_EMAIL ||
		str_has_control(who->email) || who->name.len > LIMIT_NAME || str_has_control(who->name) ||
		!str_is_utf8(who->name) || out.expires + LIMIT_LEEWAY_S <= TOKENS_NOW)
		BUG("accepted with a promise broken: %.*s", STR_ARG(claims));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	const uint8_t *rest = data + 1;
	size_t left = size - 1;
	if (data[0] < GOOD)
		edited(good[data[0]], rest, left);
	else if (data[0] % 2 == 0)
		must_be_good_or_refused(str_of((const char *)rest, left));
	else
		well_signed(str_of((const char *)rest, left));
	arena_reset(arena);
	return 0;
}

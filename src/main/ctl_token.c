/*
 * tenantctl token and keys: tokens for smoke tests and the keys to sign them with. Needs neither the
 * configuration nor the database. Must never print a private key, nor write one where others can read it.
 */
#include "core/clock.h"
#include "core/json.h"
#include "crypto/token.h"
#include "ctl.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

enum { TTL_S = 3600, CLAIMS_MAX = LIMIT_TOKEN };

static void add_claim(struct buf *b, const char *name, const char *value)
{
	if (value)
		json_write_c(b, name, value);
}

/* Adds the claim NAME=VALUE. VALUE is taken as JSON when it is JSON, else as text. */
static bool add_free_claim(struct buf *b, const char *given)
{
	const char *why;
	struct str name, all = str_c(given);
	if (str_find(all, '=') == all.len)
		return false;
	struct str value = str_split(all, '=', &name);
	json_write_name(b, name);
	if (json_accept(value, &why))
		buf_add(b, value);
	else
		buf_add_json(b, value);
	return true;
}

/* Reads seconds, which are negative for a token that has expired already. */
static bool parse_ttl(const char *given, int64_t *ttl)
{
	*ttl = TTL_S;
	if (!given)
		return true;
	bool is_negative = given[0] == '-';
	if (!str_to_int64(str_c(given + is_negative), ttl) || *ttl > INT32_MAX)
		return false;
	if (is_negative)
		*ttl = -*ttl;
	return true;
}

/* Makes the claims as JSON; CTL_USAGE when the options are wrong. */
static enum ctl_status make_claims(struct ctl *ctl, struct str *claims)
{
	int64_t ttl, now = clock_unix_s();
	if (!parse_ttl(ctl_option(ctl, "--ttl"), &ttl))
		return ctl_misused(ctl, "--ttl wants seconds");
	struct buf b;
	buf_init(&b, ctl->arena, CLAIMS_MAX);
	json_write_open(&b, NULL, '{');
	add_claim(&b, "iss", ctl_option(ctl, "--issuer"));
	add_claim(&b, "aud", ctl_option(ctl, "--audience"));
	add_claim(&b, "sub", ctl_option(ctl, "--sub"));
	json_write_int(&b, "iat", now);
	json_write_int(&b, "exp", now + ttl);
	add_claim(&b, "email", ctl_option(ctl, "--email"));
	if (ctl_option(ctl, "--email"))
		json_write_flag(&b, "email_verified", true);
	add_claim(&b, "name", ctl_option(ctl, "--name"));
	add_claim(&b, "env", ctl_option(ctl, "--env"));
	if (ctl_option(ctl, "--tenant")) {
		json_write_open(&b, "app_metadata", '{');
		json_write_c(&b, "tenant_id", ctl_option(ctl, "--tenant"));
		json_write_close(&b, '}');
	}
	const char *given;
	for (size_t i = 0; (given = ctl_option_at(ctl, "--claim", i)); i++)
		if (!add_free_claim(&b, given))
			return ctl_misused(ctl, "--claim '%s' is not NAME=VALUE", given);
	json_write_close(&b, '}');
	const char *why = "too large";
	if (!buf_ok(&b) || !json_accept(buf_str(&b), &why)) /* for example, a claim was given twice */
		return ctl_misused(ctl, "no token can be made of these claims: %s", why);
	*claims = buf_str(&b);
	return CTL_OK;
}

enum ctl_status ctl_token(struct ctl *ctl)
{
	struct error err = ERROR_INIT;
	struct str claims, key, token;
	struct str alg = str_c(ctl_option(ctl, "--alg"));
	enum ctl_status status = make_claims(ctl, &claims);
	if (status != CTL_OK)
		return status;
	if (!config_read_file(
			ctl->arena, "--key", str_c(ctl_option(ctl, "--key")), LIMIT_KEY_FILE, true, &key, &err))
		return ctl_fail(&err);
	if (str_eq(alg, STR("HS256")) && str_ends(key, STR("\n")))
		key.len--; /* hs256_secret_file is read in the same way */
	if (!token_sign(ctl->arena, alg, str_c(ctl_option(ctl, "--kid")), key, claims, &token, &err))
		return ctl_fail(&err);
	printf("%.*s\n", STR_ARG(token));
	return CTL_OK;
}

/* ---- keys ---- */

/* Makes the JWKS with one more key. The rest of the text is not changed: the new key goes before the
 * bracket that ends "keys", which must be the only member. */
static bool add_to_jwks(struct arena *a, const char *path, struct str text, struct str kid, struct str jwk,
	struct str *longer, struct error *err)
{
	const struct json *root = json_parse(a, text, err);
	const struct json *keys = json_get(root, STR("keys"));
	if (!root || json_count(root) != 1 || json_kind(keys) != JSON_ARRAY)
		return error_log(err, ERR_CONFLICT, "'%s' is not {\"keys\":[…]} and nothing else", path);
	for (size_t i = 0; i < json_count(keys); i++) {
		struct str other;
		if (json_string(json_get(json_at(keys, i, NULL), STR("kid")), &other) && str_eq(other, kid))
			return error_log(err, ERR_CONFLICT, "'%s' has a key '%.*s' already", path, STR_ARG(kid));
	}
	size_t end = text.len;
	while (end > 0 && text.at[end - 1] != ']')
		end--;
	*longer = arena_printf(a, "%.*s%s%.*s%s", (int)(end - 1), text.at, json_count(keys) > 0 ? "," : "",
		STR_ARG(jwk), text.at + end - 1);
	return true;
}

/* Replaces the file in one step, so that whoever reads it finds the old keys or the new ones. */
static bool write_jwks(struct ctl *ctl, const char *path, struct str kid, struct str jwk, struct error *err)
{
	struct str text, temporary = arena_printf(ctl->arena, "%s.new", path);
	if (access(path, F_OK) != 0) {
		text = arena_printf(ctl->arena, "{\"keys\":[%.*s]}\n", STR_ARG(jwk));
		return ctl_write_new(path, text, 0644, err);
	}
	if (!config_read_file(ctl->arena, "--jwk", str_c(path), LIMIT_KEY_FILE, false, &text, err) ||
		!add_to_jwks(ctl->arena, path, arena_str(ctl->arena, text), kid, jwk, &text, err) ||
		!ctl_write_new(temporary.at, text, 0644, err))
		return false;
	if (rename(temporary.at, path) == 0)
		return true;
	error_log(err, ERR_INTERNAL, "cannot replace '%s': %s", path, strerror(errno));
	unlink(temporary.at);
	return false;
}

enum ctl_status ctl_keys_new(struct ctl *ctl)
{
	struct error err = ERROR_INIT;
	struct str private_key, jwk;
	const char *path = ctl_option(ctl, "--private"), *jwks = ctl_option(ctl, "--jwk");
	struct str alg = str_c(ctl_option(ctl, "--alg")), kid = str_c(ctl_option(ctl, "--kid"));
	if (str_is_empty(alg))
		alg = STR("ES256");
	bool is_shared = str_eq(alg, STR("HS256"));
	if (!path && !jwks && !is_shared)
		return ctl_keys_add(ctl, alg, kid);
	if (!path)
		return ctl_misused(ctl, "'--private' is missing: without it, the key is one of the own issuer");
	if (is_shared && jwks)
		return ctl_misused(ctl, "an HS256 secret has no public half for --jwk");
	if (!is_shared && !jwks)
		return ctl_misused(ctl, "'--jwk' is missing: whoever verifies needs the public half");
	if (str_is_empty(kid))
		kid = signer_kid_new(ctl->arena);
	if (!token_key_new(ctl->arena, alg, kid, &private_key, &jwk, &err))
		return ctl_fail(&err);
	struct str text = arena_printf(
		ctl->arena, "%.*s%s", STR_ARG(private_key), str_ends(private_key, STR("\n")) ? "" : "\n");
	if (!ctl_write_new(path, text, 0600, &err))
		return ctl_fail(&err);
	if (jwks && !write_jwks(ctl, jwks, kid, jwk, &err)) {
		unlink(path);
		return ctl_fail(&err);
	}
	if (!is_shared)
		printf("%.*s\n", STR_ARG(kid));
	return CTL_OK;
}

/* Signs and checks statements. A statement names no key: of the few that there are, each is tried. */
#include "crypto/statement.h"

#include "crypto/token.h"
#include "key.h"

/* The key that the configuration names, and its public half. */
static bool own_key(struct arena *a, const struct config *config, struct str *pem, struct str *alg,
	struct str *jwk, struct error *err)
{
	struct str path = config->governance.key_file;
	struct error why = ERROR_INIT;
	if (str_is_empty(path))
		return error_log(err, ERR_INTERNAL,
			"[governance] key_file is not set: make a key with `tenantctl keys new --private FILE --jwk FILE`, and name "
			"the first FILE there");
	if (!config_read_file(a, "[governance] key_file", path, LIMIT_KEY_FILE, true, pem, err))
		return false;
	return token_key_public(a, *pem, STR(""), alg, jwk, &why) ||
		error_log(err, ERR_INTERNAL, "[governance] key_file: '%.*s': %s", STR_ARG(path),
			why.operator[0] ? why.operator : why.detail);
}

bool statement_sign(
	struct arena *a, const struct config *config, struct str json, struct str *compact, struct error *err)
{
	struct str pem, alg, jwk;
	struct error why = ERROR_INIT;
	if (!own_key(a, config, &pem, &alg, &jwk, err))
		return false;
	return token_sign(a, alg, STR(""), pem, json, compact, &why) ||
		error_log(err, ERR_INTERNAL, "[governance] key_file: '%.*s': %s", STR_ARG(config->governance.key_file),
			why.operator[0] ? why.operator : why.detail);
}

bool statement_keys(struct arena *a, const struct config *config, struct str *jwks, struct error *err)
{
	struct str pem, alg, jwk;
	if (!own_key(a, config, &pem, &alg, &jwk, err))
		return false;
	*jwks = arena_printf(a, "{\"keys\":[%.*s]}", STR_ARG(jwk));
	return true;
}

/* True when this JWK is the public half of the key that signed. */
static bool signed_by(struct arena *a, const struct json *jwk, const struct jws *jws)
{
	struct str kid, named;
	enum key_alg alg;
	struct key key;
	const char *why;
	struct error err = ERROR_INIT;
	const struct json *header = json_parse(a, jws->header, &err);
	return jwk_describe(jwk, &kid, &alg, &why) == JWK_TAKEN &&
		json_string(json_get(header, STR("alg")), &named) && str_eq(named, key_alg_name(alg)) &&
		!json_get(header, STR("crit")) && !json_get(header, STR("b64")) &&
		jwk_import(a, jwk, alg, &key, &why) && key_verifies(&key, jws->input, jws->signature);
}

bool statement_verify(
	struct arena *a, struct str jwks, struct str compact, struct str *json, struct error *err)
{
	struct jws jws;
	const struct json *keys = json_get(json_parse(a, jwks, err), STR("keys"));
	if (!keys || json_kind(keys) != JSON_ARRAY)
		return error_log(err, ERR_INVALID_REQUEST, "the public keys are not a JWK set, {\"keys\":[…]}");
	if (!jws_split(a, compact, &jws))
		return error_log(err, ERR_INVALID_REQUEST, "a statement is not a JWS in compact form");
	for (size_t i = 0; i < json_count(keys); i++)
		if (signed_by(a, json_at(keys, i, NULL), &jws)) {
			*json = jws.payload;
			return true;
		}
	return error_log(
		err, ERR_INVALID_REQUEST, "a statement was signed by none of these keys, or was changed");
}

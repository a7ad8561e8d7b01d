/*
 * The issuers and their keys, and access to the memory of verified tokens. Loading refuses whatever would make a check
 * weaker than it looks: an issuer without a key for an algorithm that it allows, two keys that cannot be told apart, two
 * issuers of one name. It must never keep anything of a token but its SHA-256, and never fetch anything.
 */
#include "crypto/keystore.h"
#include "core/buf.h"
#include "core/log.h"
#include "key.h"

#include <errno.h>
#include <sys/stat.h>

struct keystore {
	struct issuer_keys *issuers;
	size_t count;
	struct signer *signer; /* of the own issuer; NULL: there is none */
	struct seen *seen;
	uint8_t secret[SHA256_SIZE]; /* under which tokens are remembered */
	_Atomic uint32_t
		*wanted; /* bits of issuers, by their number, whose keys should be fetched; NULL: nobody would */
	uint8_t fingerprint[SHA256_SIZE]; /* of the issuers and all their key files, as they were read */
};

/* Adds a text to the fingerprint, which covers everything that was read for the keys. */
static void note(struct keystore *store, struct arena *a, struct str text)
{
	struct buf b;
	buf_init(&b, a, SHA256_SIZE + text.len + 32);
	buf_add(&b, str_of((const char *)store->fingerprint, SHA256_SIZE));
	buf_printf(&b, "%zu:", text.len);
	buf_add(&b, text);
	digest_sha256(buf_str(&b), store->fingerprint);
}

static void free_seen(void *seen)
{
	seen_free(seen);
}

static bool refuse(const struct issuer_config *issuer, struct error *err, const char *what, const char *why)
{
	return error_log(err, ERR_INTERNAL, "issuer \"%.*s\": %s: %s", STR_ARG(issuer->name), what, why);
}

static void log_skipped(const struct issuer_keys *issuer, struct str kid, const char *why)
{
	LOG(WARN, "key.skipped", LOG_STR("issuer", issuer->config->name), LOG_STR("kid", kid), LOG_C("why", why));
}

static bool is_configured(const struct issuer_config *issuer, enum key_alg alg)
{
	if (issuer->is_own)
		return true; /* its keys say what they are for */
	for (size_t i = 0; i < issuer->algorithms.count; i++) {
		if (str_eq(issuer->algorithms.at[i], key_alg_name(alg)))
			return true;
	}
	return false;
}

/* Refuses a second key of the same alg and kid, since a token could not say which of them it means. */
static bool add_key(struct issuer_keys *issuer, const struct key *key, struct error *err)
{
	for (size_t i = 0; i < issuer->count; i++) {
		const struct key *other = &issuer->keys[i];
		if (other->alg == key->alg && str_eq(other->kid, key->kid))
			return error_log(err, ERR_INTERNAL, "issuer \"%.*s\": two %.*s keys have the kid \"%.*s\"",
				STR_ARG(issuer->config->name), STR_ARG(key_alg_name(key->alg)), STR_ARG(key->kid));
	}
	if (issuer->count == LIMIT_KEYS)
		return refuse(issuer->config, err, "its JWK set", "more than 32 keys");
	issuer->keys[issuer->count++] = *key;
	return true;
}

static bool load_jwk(struct issuer_keys *issuer, struct arena *a, const struct json *jwk, struct error *err)
{
	struct str kid;
	enum key_alg alg;
	struct key key;
	const char *why;
	enum jwk_verdict verdict = jwk_describe(jwk, &kid, &alg, &why);
	if (verdict == JWK_TAKEN && !is_configured(issuer->config, alg)) {
		verdict = JWK_SKIPPED;
		why = "its alg is not one of the issuer's algorithms";
	}
	if (verdict == JWK_SKIPPED) {
		log_skipped(issuer, kid, why);
		return true;
	}
	if (verdict == JWK_REFUSED || !jwk_import(a, jwk, alg, &key, &why))
		return error_log(err, ERR_INTERNAL, "issuer \"%.*s\": key \"%.*s\": %s",
			STR_ARG(issuer->config->name), STR_ARG(kid), why);
	key.kid = arena_str(a, kid);
	return add_key(issuer, &key, err);
}

static bool take_jwks(
	struct keystore *store, struct issuer_keys *issuer, struct arena *a, struct str text, struct error *err)
{
	struct error parse = ERROR_INIT;
	note(store, a, text);
	const struct json *jwks = json_parse(a, text, &parse);
	if (!jwks)
		return refuse(issuer->config, err, "its JWK set is not JSON", parse.detail);
	const struct json *keys = json_get(jwks, STR("keys"));
	if (!keys || json_kind(keys) != JSON_ARRAY)
		return refuse(issuer->config, err, "its JWK set", "no array \"keys\"");
	for (size_t i = 0; i < json_count(keys); i++) {
		if (!load_jwk(issuer, a, json_at(keys, i, NULL), err))
			return false;
	}
	return true;
}

/* A set that is fetched may not be there yet: tenantd starts while the issuer is away. */
static bool is_awaited(const struct issuer_config *issuer)
{
	struct stat s;
	return config_is_fetched(issuer) && stat(issuer->jwks_file.at, &s) != 0 && errno == ENOENT;
}

/* Reads a file of an issuer's. A refusal names the issuer beside the key of the configuration. */
static bool read_file(const struct issuer_config *issuer, struct arena *a, const char *key, struct str path,
	bool is_secret, struct str *text, struct error *err)
{
	struct str name = arena_printf(a, "[issuer.%.*s] %s", STR_ARG(issuer->name), key);
	return config_read_file(a, name.at, path, LIMIT_KEY_FILE, is_secret, text, err);
}

static bool load_jwks(struct keystore *store, struct issuer_keys *issuer, struct arena *a, struct error *err)
{
	struct str text;
	return read_file(issuer->config, a, "jwks_file", issuer->config->jwks_file, false, &text, err) &&
		take_jwks(store, issuer, a, text, err);
}

/* The own issuer's tokens are verified by the public halves of the keys that sign them. */
static bool load_own(struct keystore *store, struct issuer_keys *issuer, struct arena *a, struct error *err)
{
	store->signer = ARENA_NEW(a, struct signer);
	return signer_load(a, issuer->config->keys_dir, store->signer, err) &&
		take_jwks(store, issuer, a, store->signer->jwks, err);
}

/* Adds a key that comes from a PEM or secret file and therefore has no kid. */
static bool add_file_key(struct issuer_keys *issuer, const struct key *key, struct error *err)
{
	if (is_configured(issuer->config, key->alg))
		return add_key(issuer, key, err);
	log_skipped(issuer, STR(""), "its alg is not one of the issuer's algorithms");
	return true;
}

static bool load_pem(struct keystore *store, struct issuer_keys *issuer, struct arena *a, struct error *err)
{
	struct str pem;
	struct key key;
	const char *why;
	if (!read_file(issuer->config, a, "pem_file", issuer->config->pem_file, false, &pem, err))
		return false;
	note(store, a, pem);
	if (!key_from_pem(a, pem, &key, &why))
		return refuse(issuer->config, err, "pem_file", why);
	return add_file_key(issuer, &key, err);
}

static bool load_secret(
	struct keystore *store, struct issuer_keys *issuer, struct arena *a, struct error *err)
{
	struct str secret;
	struct key key;
	const char *why;
	if (!read_file(
			issuer->config, a, "hs256_secret_file", issuer->config->hs256_secret_file, true, &secret, err))
		return false;
	note(store, a, secret);
	if (str_ends(secret, STR("\n")))
		secret.len--;
	if (!key_from_secret(secret, &key, &why))
		return refuse(issuer->config, err, "hs256_secret_file", why);
	return add_file_key(issuer, &key, err);
}

/* Each allowed algorithm must be one that we know and have a key for (T3). */
static bool check_algorithms(const struct issuer_keys *issuer, struct error *err)
{
	const struct issuer_config *config = issuer->config;
	if (config->algorithms.count == 0)
		return refuse(config, err, "algorithms", "none is named");
	for (size_t i = 0; i < config->algorithms.count; i++) {
		struct str name = config->algorithms.at[i];
		enum key_alg alg;
		if (!key_alg_parse(name, &alg))
			return error_log(err, ERR_INTERNAL, "issuer \"%.*s\": unknown algorithm \"%.*s\"",
				STR_ARG(config->name), STR_ARG(name));
		bool found = false;
		for (size_t k = 0; k < issuer->count && !found; k++)
			found = issuer->keys[k].alg == alg;
		if (!found)
			return error_log(err, ERR_INTERNAL, "issuer \"%.*s\": no key for algorithm \"%.*s\"",
				STR_ARG(config->name), STR_ARG(name));
	}
	return true;
}

/* The keys of another issuer. `fetched` stands for what is in the jwks_file; NULL: it is read. */
static bool load_foreign(struct keystore *store, struct issuer_keys *issuer, struct arena *a,
	const struct str *fetched, struct error *err)
{
	const struct issuer_config *config = issuer->config;
	if (!fetched && is_awaited(config)) {
		LOG(WARN, "keys.awaited", LOG_STR("issuer", config->name), LOG_STR("jwks_file", config->jwks_file));
		return true;
	}
	if (fetched && !take_jwks(store, issuer, a, *fetched, err))
		return false;
	if (!fetched && !str_is_empty(config->jwks_file) && !load_jwks(store, issuer, a, err))
		return false;
	if (!str_is_empty(config->pem_file) && !load_pem(store, issuer, a, err))
		return false;
	if (!str_is_empty(config->hs256_secret_file) && !load_secret(store, issuer, a, err))
		return false;
	return check_algorithms(issuer, err);
}

static bool load_issuer(
	struct keystore *store, struct arena *a, const struct issuer_config *config, struct error *err)
{
	if (str_is_empty(config->issuer) || config->issuer.len > LIMIT_ISSUER)
		return refuse(config, err, "issuer", "empty or too long");
	if (str_is_empty(config->audience))
		return refuse(config, err, "audience", "empty");
	if (keystore_issuer(store, config->issuer))
		return refuse(config, err, "issuer", "another section has the same issuer");
	struct issuer_keys *issuer = &store->issuers[store->count++];
	issuer->config = config;
	note(store, a, config->issuer);
	return config->is_own ? load_own(store, issuer, a, err) : load_foreign(store, issuer, a, NULL, err);
}

bool keystore_would_take(
	struct arena *a, const struct issuer_config *config, struct str jwks, struct error *err)
{
	struct issuer_keys *issuer = ARENA_NEW(a, struct issuer_keys);
	issuer->config = config;
	return load_foreign(ARENA_NEW(a, struct keystore), issuer, a, &jwks, err);
}

struct keystore *keystore_load(struct arena *a, const struct config *config, struct error *err)
{
	struct keystore *store = ARENA_NEW(a, struct keystore);
	if (config->issuer_count == 0 || config->issuer_count > LIMIT_ISSUERS) {
		(void)error_log(
			err, ERR_INTERNAL, "there must be 1 to %d issuers in the configuration", LIMIT_ISSUERS);
		return NULL;
	}
	store->issuers = ARENA_ARRAY(a, struct issuer_keys, config->issuer_count);
	store->seen = arena_adopt(a, seen_new(), free_seen);
	digest_random(store->secret, sizeof(store->secret));
	for (size_t i = 0; i < config->issuer_count; i++) {
		if (!load_issuer(store, a, &config->issuers[i], err))
			return NULL;
	}
	return store;
}

const struct signer *keystore_signer(const struct keystore *store)
{
	return store->signer;
}

const struct issuer_keys *keystore_issuer(const struct keystore *store, struct str iss)
{
	for (size_t i = 0; i < store->count; i++) {
		if (str_eq(store->issuers[i].config->issuer, iss))
			return &store->issuers[i];
	}
	return NULL;
}

/* True when the kid has only characters of the two base64 alphabets (Supabase writes "+" and "/"). So it cannot be
 * "../", a query or a URL. */
static bool is_plain_kid(struct str kid)
{
	for (size_t i = 0; i < kid.len; i++) {
		char c = kid.at[i];
		bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
			c == '_' || c == '+' || c == '/' || c == '=';
		if (!plain)
			return false;
	}
	return true;
}

const struct key *keystore_key(
	const struct issuer_keys *issuer, enum key_alg alg, bool has_kid, struct str kid)
{
	const struct key *only = NULL;
	size_t count = 0;
	for (size_t i = 0; i < issuer->count; i++) {
		const struct key *key = &issuer->keys[i];
		if (key->alg != alg)
			continue;
		if (has_kid && !str_is_empty(kid) && str_eq(key->kid, kid))
			return key;
		only = key;
		count++;
	}
	if (count != 1)
		return NULL;
	return !has_kid || (str_is_empty(only->kid) && is_plain_kid(kid)) ? only : NULL;
}

void keystore_miss(const struct keystore *store, const struct issuer_keys *issuer, enum key_alg alg)
{
	if (store->wanted && config_is_fetched(issuer->config) && is_configured(issuer->config, alg))
		atomic_fetch_or(store->wanted, UINT32_C(1) << (issuer - store->issuers));
}

void keystore_ask(struct keystore *store, _Atomic uint32_t *wanted)
{
	store->wanted = wanted;
}

bool keystore_has_seen(const struct keystore *store, const uint8_t digest[SHA256_SIZE])
{
	return seen_has(store->seen, store->secret, digest);
}

void keystore_remember(struct keystore *store, const uint8_t digest[SHA256_SIZE])
{
	seen_add(store->seen, store->secret, digest);
}

void keystore_share(struct keystore *store, struct seen *seen, const void *secret, size_t len)
{
	store->seen = seen;
	digest_hmac(str_of(secret, len), str_of((const char *)store->fingerprint, SHA256_SIZE), store->secret);
}

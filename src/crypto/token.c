/*
 * Verifies bearer tokens. The order is form, header, issuer and key, signature, claims. So claims are judged only when
 * the signature is good, and a token that was seen before costs two hashes instead of a signature check. A header can
 * only choose among the configured keys: jwk, jku, x5u and x5c are ignored. It must never accept two spellings of a
 * token, and never remember more of a token than its digest.
 */
#include "crypto/token.h"
#include "core/clock.h"
#include "core/metrics.h"
#include "core/validate.h"
#include "key.h"

#include <errno.h>

/* 9999-12-31T23:59:59Z. A later time is in milliseconds by mistake or an attempt to overflow. */
static const int64_t TIME_MAX = 253402300799;

struct header {
	enum key_alg alg;
	bool has_kid;
	struct str kid;
};

static bool refuse(enum counter reason, struct error *err, const char *why)
{
	metrics_count(reason);
	return error_set(err, ERR_UNAUTHENTICATED, "token refused: %s", why);
}

/* One strict JSON object, or NULL. The caller replaces what json_parse wrote into `err`. */
static const struct json *parse_object(struct arena *a, struct str text, struct error *err)
{
	const struct json *v = json_parse(a, text, err);
	return v && json_kind(v) == JSON_OBJECT ? v : NULL;
}

/* typ is a media type whose "application/" may be left out (RFC 7515 section 4.1.9, RFC 9068 section 2.1). */
static bool is_type_of_token(struct str typ)
{
	struct str prefix = STR("application/");
	if (typ.len > prefix.len && str_eq_nocase(str_of(typ.at, prefix.len), prefix))
		typ = str_skip(typ, prefix.len);
	return str_eq_nocase(typ, STR("JWT")) || str_eq_nocase(typ, STR("at+jwt"));
}

static bool read_header(struct arena *a, struct str text, struct header *out, struct error *err)
{
	struct str alg, typ;
	const struct json *header = parse_object(a, text, err);
	if (!header || !json_string(json_get(header, STR("alg")), &alg))
		return refuse(COUNT_AUTH_MALFORMED, err, "its header is not a JSON object with an alg");
	if (json_get(header, STR("crit")) || json_get(header, STR("b64")))
		return refuse(COUNT_AUTH_MALFORMED, err, "its header requires an extension");
	const struct json *type = json_get(header, STR("typ"));
	if (type && (!json_string(type, &typ) || !is_type_of_token(typ)))
		return refuse(COUNT_AUTH_MALFORMED, err, "its typ is neither JWT nor at+jwt");
	const struct json *kid = json_get(header, STR("kid"));
	out->has_kid = kid != NULL;
	if (kid && (!json_string(kid, &out->kid) || str_is_empty(out->kid) || out->kid.len > LIMIT_KID))
		return refuse(COUNT_AUTH_KEY, err, "its kid is malformed");
	if (!key_alg_parse(alg, &out->alg))
		return refuse(COUNT_AUTH_KEY, err, "its alg is none of ES256, RS256, EdDSA, HS256");
	return true;
}

/* Finds the token among those that were verified before, or verifies it with the key. */
static bool check_signature(
	struct keystore *store, struct str compact, const struct jws *parts, const struct key *key)
{
	uint8_t digest[SHA256_SIZE];
	digest_sha256(compact, digest);
	if (keystore_has_seen(store, digest))
		return true;
	if (!key_verifies(key, parts->input, parts->signature))
		return false;
	keystore_remember(store, digest);
	return true;
}

/* True when the claim is absent, which leaves *out unchanged, or a number from 1970 to the year 9999. A NumericDate may
 * have a fraction (RFC 7519 section 2). It is cut off, so that a token expires early rather than late. */
static bool read_time(const struct json *claims, struct str name, int64_t *out)
{
	const struct json *v = json_get(claims, name);
	double number;
	if (!v || json_int64(v, out))
		return !v || (*out >= 0 && *out <= TIME_MAX);
	if (!json_double(v, &number) || number < 0 || number > (double)TIME_MAX)
		return false;
	*out = (int64_t)number;
	return true;
}

static bool check_times(
	const struct json *claims, int64_t now, int64_t leeway_s, int64_t *expires, struct error *err)
{
	int64_t nbf = 0, iat = 0;
	*expires = -1;
	if (!read_time(claims, STR("exp"), expires) || *expires < 0)
		return refuse(COUNT_AUTH_CLAIMS, err, "its exp is missing or not a possible time");
	if (!read_time(claims, STR("nbf"), &nbf) || !read_time(claims, STR("iat"), &iat))
		return refuse(COUNT_AUTH_CLAIMS, err, "its nbf or iat is not a possible time");
	if (nbf > now + leeway_s || iat > now + leeway_s)
		return refuse(COUNT_AUTH_CLAIMS, err, "it is not valid yet");
	return true;
}

static bool is_for(const struct json *aud, struct str audience)
{
	struct str one;
	if (aud && json_kind(aud) != JSON_ARRAY)
		return json_string(aud, &one) && str_eq(one, audience);
	bool found = false;
	for (size_t i = 0; aud && i < json_count(aud); i++) {
		if (!json_string(json_at(aud, i, NULL), &one))
			return false;
		found = found || str_eq(one, audience);
	}
	return found;
}

/* Recognises tokens for another purpose (T13) by the claims that OpenID Connect, Cognito and Keycloak put into them. A
 * nonce marks an ID token, but Keycloak copies it into access tokens too; those say by their typ claim what they are. */
static bool is_access_token(const struct json *claims)
{
	static const struct str marks[] = { { "at_hash", 7 }, { "c_hash", 6 } };
	static const struct str uses[] = { { "token_use", 9 }, { "typ", 3 } };
	bool says_so = false;
	for (size_t i = 0; i < COUNT_OF(marks); i++) {
		if (json_get(claims, marks[i]))
			return false;
	}
	for (size_t i = 0; i < COUNT_OF(uses); i++) {
		const struct json *v = json_get(claims, uses[i]);
		struct str use;
		if (v &&
			(!json_string(v, &use) ||
				(!str_eq_nocase(use, STR("access")) && !str_eq_nocase(use, STR("Bearer")))))
			return false;
		says_so = says_so || v;
	}
	return says_so || !json_get(claims, STR("nonce"));
}

static bool is_for_cookie(const struct json *claims)
{
	struct str use;
	return json_string(json_get(claims, STR("token_use")), &use) && str_eq(use, STR("cookie"));
}

/* A claim by its configured path. The path is split at its dots, unless it has a ':': namespaced claims are URLs. */
static const struct json *claim_at(const struct json *claims, struct str path)
{
	return str_find(path, ':') < path.len ? json_get(claims, path) : json_path(claims, path);
}

/* Reads a text that may be absent or null; *out is then empty. */
static bool read_text(const struct json *claims, struct str path, struct str *out)
{
	const struct json *v = claim_at(claims, path);
	*out = STR("");
	return !v || json_kind(v) == JSON_NULL || json_string(v, out);
}

/* A bad display name must not keep anyone from signing in. A long one is cut between two characters, and one that could
 * deceive a reader (T80) is left out. */
static struct str display_name(struct str name)
{
	if (name.len > LIMIT_NAME) {
		name.len = LIMIT_NAME;
		while (name.len > 0 && ((uint8_t)name.at[name.len] & 0xc0) == 0x80)
			name.len--;
	}
	if (str_is_empty(name))
		return name;
	struct error ignored = ERROR_INIT;
	return validate_name(STR("name"), name, &ignored) ? name : STR("");
}

/* The program that the token was issued to: azp (OpenID Connect) or client_id (RFC 9068). It is for statistics, so that
 * a token whose claim is not of use is not refused. */
static struct str read_client(const struct json *claims)
{
	static const struct str names[] = { { "azp", 3 }, { "client_id", 9 } };
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		struct str client;
		if (json_string(json_get(claims, names[i]), &client) && client.len <= LIMIT_SUBJECT &&
			!str_has_control(client))
			return client;
	}
	return STR("");
}

/* True for an email that everybody sees as it is. What else is an email is the issuer's to say. */
static bool email_is_plain(struct str email)
{
	while (!str_is_empty(email)) {
		uint32_t point;
		size_t step = str_utf8_next(email, &point);
		if (step == 0 || point_is_unseen(point))
			return false;
		email = str_skip(email, step);
	}
	return true;
}

static bool read_who(
	const struct json *claims, const struct issuer_config *issuer, struct identity *who, struct error *err)
{
	if (!json_string(json_get(claims, STR("sub")), &who->subject) || str_is_empty(who->subject) ||
		who->subject.len > LIMIT_SUBJECT || str_has_control(who->subject))
		return refuse(COUNT_AUTH_CLAIMS, err, "its sub is missing or malformed");
	if (!read_text(claims, issuer->email_claim, &who->email) || who->email.len > LIMIT_EMAIL ||
		!email_is_plain(who->email))
		return refuse(COUNT_AUTH_CLAIMS, err, "its email is malformed");
	struct str name;
	if (!read_text(claims, issuer->name_claim, &name))
		return refuse(COUNT_AUTH_CLAIMS, err, "its name is not text");
	who->name = display_name(name);
	who->client = read_client(claims);
	/* Only the JSON value true counts; "true" and 1 do not. */
	bool verified = false;
	who->email_verified = json_bool(claim_at(claims, issuer->email_verified_claim), &verified) && verified;
	return true;
}

/* Expiry is checked last, so that ERR_TOKEN_EXPIRED means that a new token from the issuer would be accepted. */
static bool check_claims(const struct json *claims, const struct issuer_config *issuer, int64_t leeway_s,
	struct token_claims *out, struct error *err)
{
	int64_t now = clock_unix_s();
	if (!check_times(claims, now, leeway_s, &out->expires, err))
		return false;
	if (!is_for(json_get(claims, STR("aud")), issuer->audience))
		return refuse(COUNT_AUTH_CLAIMS, err, "its aud does not name this service");
	out->is_cookie = issuer->is_own && is_for_cookie(claims);
	if (!out->is_cookie && !is_access_token(claims))
		return refuse(COUNT_AUTH_CLAIMS, err, "it is not an access token");
	if (!read_who(claims, issuer, &out->who, err))
		return false;
	if (!read_text(claims, issuer->tenant_claim, &out->tenant) ||
		!read_text(claims, issuer->env_claim, &out->env))
		return refuse(COUNT_AUTH_CLAIMS, err, "its tenant or env claim is not text");
	if (out->is_cookie)
		out->tenant = STR(""); /* it is for all tenants of its user */
	struct str sid;
	if (issuer->is_own && (!read_text(claims, STR("sid"), &sid) || !uuid_parse(sid, &out->session)))
		return refuse(COUNT_AUTH_CLAIMS, err, "it names no session");
	if (out->expires + leeway_s <= now) {
		metrics_count(COUNT_AUTH_EXPIRED);
		return error_set(err, ERR_TOKEN_EXPIRED, "the token has expired: get a new one");
	}
	return true;
}

bool token_verify(struct keystore *store, struct arena *a, struct str compact, int64_t leeway_s,
	struct token_claims *out, struct error *err)
{
	struct jws parts;
	struct header header = { 0 };
	struct token_claims found = { 0 };
	if (compact.len > LIMIT_TOKEN)
		return refuse(COUNT_AUTH_MALFORMED, err, "it is too long");
	if (!jws_split(a, compact, &parts))
		return refuse(COUNT_AUTH_MALFORMED, err, "it is not three parts of canonical base64url");
	if (!read_header(a, parts.header, &header, err))
		return false;
	const struct json *claims = parse_object(a, parts.payload, err);
	if (!claims)
		return refuse(COUNT_AUTH_MALFORMED, err, "its claims are not a JSON object");
	const struct issuer_keys *issuer = NULL;
	if (json_string(json_get(claims, STR("iss")), &found.who.issuer))
		issuer = keystore_issuer(store, found.who.issuer);
	if (!issuer)
		return refuse(COUNT_AUTH_ISSUER, err, "its issuer is not configured here");
	const struct key *key = keystore_key(issuer, header.alg, header.has_kid, header.kid);
	if (!key)
		keystore_miss(store, issuer, header.alg);
	if (!key)
		return refuse(COUNT_AUTH_KEY, err, "its issuer has no key with this alg and kid");
	errno = 0;
	bool verifies = check_signature(store, compact, &parts, key);
	if (!verifies && errno == ENOMEM)
		out_of_memory(); /* the libraries say of this, too, that it does not verify */
	if (!verifies)
		return refuse(COUNT_AUTH_SIGNATURE, err, "its signature does not verify");
	if (!check_claims(claims, issuer->config, leeway_s, &found, err))
		return false;
	*out = found;
	return true;
}

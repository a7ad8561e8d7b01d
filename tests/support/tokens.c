/*
 * The identity provider of the tests. It makes good tokens and bad ones alike; it never decides what is
 * accepted.
 */
#include "support/tokens.h"
#include "core/buf.h"
#include "core/clock.h"
#include "support/files.h"
#include <fcntl.h>
#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void must(bool done, const char *what)
{
	if (!done)
		BUG("the test's provider could not %s", what);
}

struct str provider_file(struct provider *p, const char *name, struct str content)
{
	struct str path = arena_printf(p->arena, "%s/%s", p->directory, name);
	int fd = open(path.at, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	must(fd >= 0 && write(fd, content.at, content.len) == (ssize_t)content.len && close(fd) == 0, "write");
	return path;
}

static struct str_list list_of(struct arena *a, const char *commas)
{
	struct str_list list = { .at = ARENA_ARRAY(a, struct str, 8) };
	struct str rest = str_c(commas);
	while (!str_is_empty(rest) && list.count < 8)
		rest = str_split(rest, ',', &list.at[list.count++]);
	return list;
}

struct issuer_config provider_issuer(
	struct provider *p, const char *name, const char *iss, const char *algorithms)
{
	return (struct issuer_config){
		.name = str_c(name),
		.issuer = str_c(iss),
		.audience = STR("tenantd"),
		.algorithms = list_of(p->arena, algorithms),
		.jwks_file = STR(""),
		.pem_file = STR(""),
		.hs256_secret_file = STR(""),
		.tenant_claim = STR("app_metadata.tenant_id"),
		.env_claim = STR("env"),
		.email_claim = STR("email"),
		.email_verified_claim = STR("email_verified"),
		.name_claim = STR("name"),
	};
}

struct str provider_jwks(struct provider *p, const struct str *jwks, size_t count)
{
	struct buf b;
	buf_init(&b, p->arena, LIMIT_KEY_FILE);
	buf_add_c(&b, "{\"keys\":[");
	for (size_t i = 0; i < count; i++) {
		buf_add_c(&b, i > 0 ? "," : "");
		buf_add(&b, jwks[i]);
	}
	buf_add_c(&b, "]}");
	return buf_str(&b);
}

static gnutls_privkey_t private_key(struct str pem)
{
	gnutls_privkey_t key;
	gnutls_datum_t data = { (unsigned char *)(uintptr_t)pem.at, (unsigned)pem.len };
	must(gnutls_privkey_init(&key) == 0 &&
			gnutls_privkey_import_x509_raw(key, &data, GNUTLS_X509_FMT_PEM, NULL, 0) == 0,
		"read a private key");
	return key;
}

static struct str public_pem(struct arena *a, struct str pem)
{
	gnutls_privkey_t private = private_key(pem);
	gnutls_pubkey_t public;
	gnutls_datum_t text;
	must(gnutls_pubkey_init(&public) == 0 && gnutls_pubkey_import_privkey(public, private, 0, 0) == 0 &&
			gnutls_pubkey_export2(public, GNUTLS_X509_FMT_PEM, &text) == 0,
		"export a public key");
	struct str out = arena_str(a, str_of((const char *)text.data, text.size));
	gnutls_free(text.data);
	gnutls_pubkey_deinit(public);
	gnutls_privkey_deinit(private);
	return out;
}

static void make_keys(struct provider *p)
{
	struct error err = ERROR_INIT;
	struct str none;
	must(token_key_new(p->arena, STR("ES256"), STR("es1"), &p->es, &p->jwk_es, &err) &&
			token_key_new(p->arena, STR("RS256"), STR("rs1"), &p->rs, &p->jwk_rs, &err) &&
			token_key_new(p->arena, STR("EdDSA"), STR("ed1"), &p->ed, &p->jwk_ed, &err) &&
			token_key_new(p->arena, STR("HS256"), STR(""), &p->secret, &none, &err),
		"make keys");
	p->es_public = public_pem(p->arena, p->es);
	p->rs_public = public_pem(p->arena, p->rs);
}

struct provider *provider_new(void)
{
	struct arena *a = arena_new(64 * (size_t)1024);
	struct provider *p = ARENA_NEW(a, struct provider);
	p->arena = a;
	files_begin(p->directory, sizeof(p->directory), "tokens");
	clock_pretend_unix_s(TOKENS_NOW);
	make_keys(p);
	struct issuer_config *issuers = p->config.issuers;
	issuers[0] = provider_issuer(p, "main", ISS_MAIN, "ES256,RS256,EdDSA");
	issuers[0].jwks_file = provider_file(
		p, "jwks.json", provider_jwks(p, (const struct str[]){ p->jwk_es, p->jwk_rs, p->jwk_ed }, 3));
	issuers[1] = provider_issuer(p, "shared", ISS_SHARED, "HS256");
	issuers[1].hs256_secret_file = provider_file(p, "secret", arena_printf(a, "%.*s\n", STR_ARG(p->secret)));
	issuers[2] = provider_issuer(p, "pem", ISS_PEM, "RS256");
	issuers[2].pem_file = provider_file(p, "public.pem", p->rs_public);
	p->config.issuer_count = 3;
	return p;
}

void provider_accounts(struct provider *p)
{
	struct str pem = STR(""), jwk, directory = arena_printf(p->arena, "%s/accounts", p->directory);
	struct error err = ERROR_INIT;
	must(mkdir(directory.at, 0700) == 0 &&
			token_key_new(p->arena, STR("ES256"), STR("first"), &pem, &jwk, &err),
		"make the own issuer");
	(void)provider_file(p, "accounts/first.pem", pem);
	(void)provider_file(p, "accounts/active", STR("first"));
	struct issuer_config *own = &p->config.issuers[p->config.issuer_count++];
	*own = provider_issuer(p, "accounts", "http://accounts.tenantd.test", "ES256");
	own->is_own = true;
	own->keys_dir = directory;
	p->config.accounts.issuer = own->issuer;
	p->config.accounts.audience = own->audience;
	p->config.accounts.signup = STR("open");
	p->config.accounts.access_lifetime = 600;
	p->config.accounts.session_lifetime = 3600;
}

void provider_free(struct provider *p)
{
	files_end(p->directory);
	clock_pretend_unix_s(-1);
	arena_free(p->arena);
}

static void add_member(struct buf *b, const char *name, const char *value)
{
	if (value)
		buf_printf(b, "%s\"%s\":%s", b->len > 1 ? "," : "", name, value);
}

struct str claims_with(struct arena *a, const char *iss, const struct member *members, size_t count)
{
	const struct member standard[] = {
		{ "iss", arena_printf(a, "\"%s\"", iss).at },
		{ "aud", "\"tenantd\"" },
		{ "sub", "\"user-1\"" },
		{ "iat", "1799999990" },
		{ "exp", "1800000600" },
	};
	bool used[16] = { false };
	struct buf b;
	buf_init(&b, a, 4 * (size_t)LIMIT_TOKEN);
	buf_add_char(&b, '{');
	must(count <= COUNT_OF(used), "replace so many members");
	for (size_t i = 0; i < COUNT_OF(standard); i++) {
		const char *value = standard[i].value;
		for (size_t k = 0; k < count; k++) {
			if (members[k].name && strcmp(members[k].name, standard[i].name) == 0 && !used[k]) {
				value = members[k].value;
				used[k] = true;
				break;
			}
		}
		add_member(&b, standard[i].name, value);
	}
	for (size_t k = 0; k < count; k++) {
		if (members[k].name && !used[k])
			add_member(&b, members[k].name, members[k].value);
	}
	buf_add_char(&b, '}');
	must(buf_ok(&b), "hold the claims");
	return buf_str(&b);
}

struct str craft_input(struct arena *a, struct str header, struct str claims)
{
	struct str first = base64url_encode(a, header.at, header.len);
	struct str second = base64url_encode(a, claims.at, claims.len);
	return arena_printf(a, "%.*s.%.*s", STR_ARG(first), STR_ARG(second));
}

struct str craft_signature(struct arena *a, struct str input, struct str signature)
{
	struct str third = base64url_encode(a, signature.at, signature.len);
	return arena_printf(a, "%.*s.%.*s", STR_ARG(input), STR_ARG(third));
}

/* r || s, each of 32 bytes. */
static struct str side_by_side(struct arena *a, const gnutls_datum_t *der)
{
	gnutls_datum_t half[2];
	must(gnutls_decode_rs_value(der, &half[0], &half[1]) == 0, "read a signature");
	char *raw = arena_alloc(a, 64);
	for (size_t i = 0; i < 2; i++) {
		const unsigned char *from = half[i].data;
		size_t len = half[i].size;
		for (; len > 32; from++)
			len--;
		memcpy(raw + 32 * i + (32 - len), from, len);
		gnutls_free(half[i].data);
	}
	return str_of(raw, 64);
}

struct str craft(struct arena *a, const char *how, struct str key, struct str header, struct str claims)
{
	struct str input = craft_input(a, header, claims);
	if (strcmp(how, "HS256") == 0) {
		uint8_t mac[SHA256_SIZE];
		digest_hmac(key, input, mac);
		return craft_signature(a, input, str_of((const char *)mac, sizeof(mac)));
	}
	gnutls_sign_algorithm_t by = strcmp(how, "ES256") == 0 ? GNUTLS_SIGN_ECDSA_SHA256
		: strcmp(how, "RS256") == 0                        ? GNUTLS_SIGN_RSA_SHA256
														   : GNUTLS_SIGN_EDDSA_ED25519;
	gnutls_privkey_t private = private_key(key);
	gnutls_datum_t data = { (unsigned char *)(uintptr_t)input.at, (unsigned)input.len }, out;
	must(gnutls_privkey_sign_data2(private, by, 0, &data, &out) == 0, "sign");
	struct str signature = by == GNUTLS_SIGN_ECDSA_SHA256
		? side_by_side(a, &out)
		: arena_str(a, str_of((const char *)out.data, out.size));
	gnutls_free(out.data);
	gnutls_privkey_deinit(private);
	return craft_signature(a, input, signature);
}

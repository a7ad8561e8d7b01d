/*
 * A small identity provider for tests: keys of every algorithm in files, a configuration with three issuers, and tokens
 * that are put together here and signed by GnuTLS alone. So tokens that must be refused can be made as well, and libjwt
 * is not used to test itself.
 */
#ifndef TENANTD_TESTS_TOKENS_H
#define TENANTD_TESTS_TOKENS_H

#include "crypto/digest.h"
#include "crypto/token.h"

enum { TOKENS_NOW = 1800000000 };

#define ISS_MAIN "https://id.example" /* a JWKS: es1, rs1, ed1 */
#define ISS_SHARED "https://shared.example" /* an HS256 secret */
#define ISS_PEM "https://pem.example" /* one RSA public key in PEM, without kid: that of rs1 */

struct provider {
	struct arena *arena; /* the process's: everything below */
	char directory[64];
	struct str es, rs, ed; /* private keys, PEM */
	struct str secret; /* HS256 */
	struct str jwk_es, jwk_rs, jwk_ed;
	struct str es_public, rs_public; /* PEM */
	struct config config;
};

/* Makes keys and files in a directory of its own and stops the clock at TOKENS_NOW. */
struct provider *provider_new(void);
/* Makes tenantd an issuer itself, http://accounts.tenantd.test, with one ES256 key. */
void provider_accounts(struct provider *p);
/* Removes the directory and gives the clock back. */
void provider_free(struct provider *p);
/* Writes a file (mode 0600) into the directory; its path. */
struct str provider_file(struct provider *p, const char *name, struct str content);
/* A section with the usual claim paths and no keys; algorithms separated by commas. */
struct issuer_config provider_issuer(
	struct provider *p, const char *name, const char *iss, const char *algorithms);
/* {"keys":[…]} of the JWKs given. */
struct str provider_jwks(struct provider *p, const struct str *jwks, size_t count);

struct member {
	const char *name;
	const char *value; /* JSON text; NULL: leave the member out */
};

/* Good claims of this issuer with these members replaced, added or left out. */
struct str claims_with(struct arena *a, const char *iss, const struct member *members, size_t count);
#define CLAIMS(a, iss, ...)                                                                                  \
	claims_with(a, iss, (const struct member[]){ __VA_ARGS__ },                                              \
		sizeof((const struct member[]){ __VA_ARGS__ }) / sizeof(struct member))

/* header.claims.signature, signed by GnuTLS: how is ES256, RS256, EdDSA (key is a private PEM) or HS256
 * (key is the secret), whatever the header says. */
struct str craft(struct arena *a, const char *how, struct str key, struct str header, struct str claims);
/* The first two parts with their dot, unsigned. */
struct str craft_input(struct arena *a, struct str header, struct str claims);
/* `input` and a signature of these bytes. */
struct str craft_signature(struct arena *a, struct str input, struct str signature);

#endif

/*
 * Makes thousands of tokens for the measurements: one for each request, so that none was seen before, or one for each
 * new user, so that every request writes. It signs with libjwt as tenantctl does. The keys are for one run of the bench
 * and nothing else trusts them.
 *
 *   bench_mint keys DIR                          DIR/es256.pem, DIR/jwks.json, DIR/hs256.secret
 *   bench_mint members DIR ALG FIRST COUNT       one token per line: user-FIRST … of the seeded tenants
 *   bench_mint strangers DIR ALG FIRST COUNT     the same: new-FIRST … who have no tenant yet
 */
#include "core/arena.h"
#include "core/limits.h"
#include "crypto/token.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { SEEDED = 20000, TTL_S = 3600, KEY_MAX = 4096 };

NORETURN static void die(const char *what, const struct error *err)
{
	fprintf(stderr, "bench_mint: %s: %s\n", what, err->operator[0] ? err->operator : err->detail);
	exit(EXIT_FAILURE);
}

static void put_file(const char *dir, const char *name, struct str content)
{
	char path[4096];
	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, content.at, content.len) != (ssize_t)content.len || close(fd) != 0) {
		perror(path);
		exit(EXIT_FAILURE);
	}
}

static struct str get_file(struct arena *a, const char *dir, const char *name)
{
	char path[4096];
	char *bytes = arena_alloc(a, KEY_MAX);
	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, bytes, KEY_MAX);
	if (n <= 0) {
		perror(path);
		exit(EXIT_FAILURE);
	}
	close(fd);
	return str_of(bytes, (size_t)n);
}

static void make_keys(struct arena *a, const char *dir)
{
	struct error err = ERROR_INIT;
	struct str es, jwk, hs, none;
	if (!token_key_new(a, STR("ES256"), STR("bench"), &es, &jwk, &err) ||
		!token_key_new(a, STR("HS256"), STR(""), &hs, &none, &err))
		die("keys", &err);
	put_file(dir, "es256.pem", es);
	put_file(dir, "hs256.secret", hs);
	put_file(dir, "jwks.json", arena_printf(a, "{\"keys\":[%.*s]}", STR_ARG(jwk)));
}

/* The claims that a token of an identity provider usually has. */
static struct str claims_of(struct arena *a, bool is_member, long i, time_t now)
{
	const char *tenant = "";
	long user = is_member ? 1 + (i - 1) % SEEDED : i;
	if (is_member)
		tenant = arena_printf(a,
			",\"app_metadata\":{\"tenant_id\":\"10000000-0000-4000-8000-%012lx\",\"roles\":[\"owner\"]}",
			(unsigned long)user)
					 .at;
	return arena_printf(a,
		"{\"iss\":\"https://"
		"issuer.bench\",\"aud\":\"tenantd\",\"sub\":\"%s-%ld\",\"email\":\"user-%ld@example.com\","
		"\"email_verified\":true,\"env\":\"dev\",\"iat\":%" PRId64 ",\"exp\":%" PRId64 ",\"jti\":\"%ld\"%s}",
		is_member ? "user" : "new", user, user, (int64_t)now, (int64_t)now + TTL_S, i, tenant);
}

static void print_tokens(struct arena *a, bool are_members, char **args)
{
	struct str alg = str_c(args[1]);
	bool is_shared = str_eq(alg, STR("HS256"));
	long first = strtol(args[2], NULL, 10), count = strtol(args[3], NULL, 10);
	struct str key = get_file(a, args[0], is_shared ? "hs256.secret" : "es256.pem");
	struct arena *each = arena_new(LIMIT_REQUEST_POOL);
	time_t now = time(NULL);
	for (long i = first; i < first + count; i++) {
		struct error err = ERROR_INIT;
		struct str token;
		if (!token_sign(each, alg, is_shared ? STR("") : STR("bench"), key,
				claims_of(each, are_members, i, now), &token, &err))
			die("signing", &err);
		printf("%.*s\n", STR_ARG(token));
		arena_reset(each);
	}
	arena_free(each);
}

int main(int argc, char **argv)
{
	struct arena *a = arena_new(LIMIT_REQUEST_POOL);
	if (argc == 3 && strcmp(argv[1], "keys") == 0) {
		make_keys(a, argv[2]);
	} else if (argc == 6 && (strcmp(argv[1], "members") == 0 || strcmp(argv[1], "strangers") == 0)) {
		print_tokens(a, argv[1][0] == 'm', argv + 2);
	} else {
		fprintf(stderr, "usage: bench_mint keys DIR | members|strangers DIR ALG FIRST COUNT\n");
		return EXIT_FAILURE;
	}
	arena_free(a);
	return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

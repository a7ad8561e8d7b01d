/*
 * Fetches an issuer's JWK set, by OpenID Connect Discovery 1.0 or from its URL, checks it by the code that will load it,
 * and puts it in the place of the old one in one step. It must never leave a file that the workers could not load.
 */
#include "issuer/refresh.h"

#include "core/buf.h"
#include "core/json.h"
#include "crypto/keystore.h"
#include "issuer/fetch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct refresh {
	const struct issuer_config *issuer;
	bool (*should_stop)(void);
	struct arena *arena;
	struct error *err;
};

/* The issuer's name and /.well-known/openid-configuration, with one slash between them. */
static struct str discovery_url(const struct refresh *r)
{
	struct str base = r->issuer->issuer;
	if (str_ends(base, STR("/")))
		base.len--;
	return arena_printf(r->arena, "%.*s/.well-known/openid-configuration", STR_ARG(base));
}

/* The document must be of this issuer, byte for byte (Discovery 1.0, section 4.3; T12). One that was fetched by https may
 * not lead to http, not even to this host. */
static bool discover(const struct refresh *r, struct str *url)
{
	struct str text, name, at = discovery_url(r);
	struct error parse = ERROR_INIT;
	if (!fetch(r->arena, at, LIMIT_KEY_FILE, r->should_stop, &text, r->err))
		return false;
	const struct json *found = json_parse(r->arena, text, &parse);
	if (!found || json_kind(found) != JSON_OBJECT)
		return error_log(r->err, ERR_UNAVAILABLE, "'%.*s' is not a JSON object", STR_ARG(at));
	if (!json_string(json_get(found, STR("issuer")), &name) || !str_eq(name, r->issuer->issuer))
		return error_log(r->err, ERR_UNAVAILABLE, "'%.*s' is of another issuer", STR_ARG(at));
	if (!json_string(json_get(found, STR("jwks_uri")), url))
		return error_log(r->err, ERR_UNAVAILABLE, "'%.*s' has no jwks_uri", STR_ARG(at));
	if (str_starts(at, STR("https://")) && !str_starts(*url, STR("https://")))
		return error_log(r->err, ERR_UNAVAILABLE, "'%.*s' has a jwks_uri that is not https://", STR_ARG(at));
	return true;
}

static bool is_kept_already(const struct refresh *r, struct str set)
{
	struct str kept;
	struct error ignored = ERROR_INIT;
	return config_read_file(
			   r->arena, "jwks_file", r->issuer->jwks_file, LIMIT_KEY_FILE, false, &kept, &ignored) &&
		str_eq(kept, set);
}

static bool write_all(int fd, struct str text)
{
	while (text.len > 0) {
		ssize_t n = write(fd, text.at, text.len);
		if (n < 0 && errno != EINTR)
			return false;
		text = str_skip(text, n > 0 ? (size_t)n : 0);
	}
	return fchmod(fd, 0644) == 0 && fsync(fd) == 0;
}

/* Whoever reads the file finds the old set or the new one, whole. */
static bool keep(const struct refresh *r, struct str set)
{
	struct str path = r->issuer->jwks_file;
	char *young = arena_alloc(r->arena, path.len + 8);
	memcpy(young, path.at, path.len);
	memcpy(young + path.len, ".XXXXXX", 8);
	int fd = mkostemp(young, O_CLOEXEC);
	bool good = fd >= 0 && write_all(fd, set) && rename(young, path.at) == 0; /* values are terminated */
	int why = errno;
	if (fd >= 0 && close(fd) == 0 && !good)
		(void)unlink(young);
	return good ||
		error_log(r->err, ERR_UNAVAILABLE, "cannot write jwks_file '%.*s': %s", STR_ARG(path), strerror(why));
}

static bool refresh(const struct refresh *r, bool *is_new)
{
	struct str set, url = r->issuer->jwks_url;
	if (str_is_empty(url) && !discover(r, &url))
		return false;
	if (!fetch(r->arena, url, LIMIT_KEY_FILE, r->should_stop, &set, r->err))
		return false;
	*is_new = !is_kept_already(r, set);
	if (!*is_new)
		return utimensat(AT_FDCWD, r->issuer->jwks_file.at, NULL, 0) == 0 ||
			error_log(r->err, ERR_UNAVAILABLE, "cannot touch jwks_file '%.*s': %s",
				STR_ARG(r->issuer->jwks_file), strerror(errno));
	return keystore_would_take(r->arena, r->issuer, set, r->err) && keep(r, set);
}

bool issuer_refresh(
	const struct issuer_config *issuer, bool (*should_stop)(void), bool *is_new, struct error *err)
{
	struct refresh r = { issuer, should_stop, arena_new(LIMIT_REQUEST_POOL), err };
	*is_new = false;
	bool good = refresh(&r, is_new);
	arena_free(r.arena);
	return good;
}

/* Reads the keys of the own issuer. Must never keep a key that others could have read. */
#include "crypto/signer.h"

#include "core/buf.h"
#include "core/config.h"
#include "crypto/digest.h"
#include "crypto/token.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { KID_MOST = 64 };

struct str signer_kid_new(struct arena *a)
{
	unsigned char bytes[8];
	digest_random(bytes, sizeof(bytes));
	return hex_encode(a, bytes, sizeof(bytes));
}

bool signer_kid_is_fit(struct str kid)
{
	for (size_t i = 0; i < kid.len; i++) {
		char c = kid.at[i];
		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
				c == '_'))
			return false;
	}
	return kid.len > 0 && kid.len <= KID_MOST;
}

static bool read_key(
	struct arena *a, struct str directory, struct str kid, struct signer_key *key, struct error *err)
{
	struct stat s;
	struct str path = arena_printf(a, "%.*s/%.*s.pem", STR_ARG(directory), STR_ARG(kid));
	if (!config_read_file(a, "[accounts] keys_dir", path, LIMIT_KEY_FILE, true, &key->pem, err))
		return false;
	key->kid = kid;
	key->made = stat(path.at, &s) == 0 ? (int64_t)s.st_mtime : 0;
	if (token_key_public(a, key->pem, kid, &key->alg, &key->jwk, err))
		return true;
	struct error why = *err;
	return error_log(err, ERR_INTERNAL, "[accounts] keys_dir: '%s': %s", path.at,
		why.operator[0] ? why.operator : why.detail);
}

static int by_kid(const void *left, const void *right)
{
	const struct signer_key *l = left, *r = right;
	return strcmp(l->kid.at, r->kid.at);
}

/* Each KID.pem of the directory. */
static bool read_keys(struct arena *a, struct str directory, struct signer *out, struct error *err)
{
	DIR *dir = opendir(directory.at); /* values of the configuration are terminated */
	const struct dirent *entry;
	bool ok = true;
	if (!dir)
		return error_log(
			err, ERR_INTERNAL, "[accounts] keys_dir: cannot read '%s': %s", directory.at, strerror(errno));
	out->keys = ARENA_ARRAY(a, struct signer_key, LIMIT_KEYS);
	while (ok && (entry = readdir(dir))) {
		struct str name = str_c(entry->d_name);
		if (!str_ends(name, STR(".pem")))
			continue;
		name.len -= 4;
		if (!signer_kid_is_fit(name))
			ok = error_log(err, ERR_INTERNAL, "[accounts] keys_dir: '%s' is not KID.pem", entry->d_name);
		else if (out->count == LIMIT_KEYS)
			ok = error_log(err, ERR_INTERNAL, "[accounts] keys_dir: more than %d keys", LIMIT_KEYS);
		else
			ok = read_key(a, directory, arena_str(a, name), &out->keys[out->count++], err);
	}
	closedir(dir);
	qsort(out->keys, out->count, sizeof(out->keys[0]), by_kid);
	return ok;
}

bool signer_load(struct arena *a, struct str directory, struct signer *out, struct error *err)
{
	struct buf b;
	struct str active;
	*out = (struct signer){ 0 };
	struct str path = arena_printf(a, "%.*s/active", STR_ARG(directory));
	if (!read_keys(a, directory, out, err))
		return false;
	if (out->count == 0)
		return error_log(err, ERR_INTERNAL,
			"[accounts] keys_dir: there is no key in '%s': make one with `tenantctl keys new`", directory.at);
	if (!config_read_file(a, "[accounts] keys_dir", path, KID_MOST + 2, false, &active, err))
		return false;
	active = str_trim(active);
	buf_init(&b, a, 4096);
	for (size_t i = 0; i < out->count; i++) {
		if (str_eq(out->keys[i].kid, active))
			out->active = &out->keys[i];
		buf_add_item(&b, ",", out->keys[i].jwk);
	}
	out->jwks = arena_printf(a, "{\"keys\":[%.*s]}", STR_ARG(buf_str(&b)));
	return out->active ||
		error_log(err, ERR_INTERNAL, "[accounts] keys_dir: '%s' names no key that is there", path.at);
}

bool signer_sign(
	const struct signer *signer, struct arena *a, struct str claims, struct str *compact, struct error *err)
{
	const struct signer_key *key = signer->active;
	struct error why = ERROR_INIT;
	if (token_sign(a, key->alg, key->kid, key->pem, claims, compact, &why))
		return true;
	return error_log(err, ERR_INTERNAL, "no token could be signed: %s", why.operator[0] ? why.operator : why.detail);
}

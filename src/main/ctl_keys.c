/*
 * tenantctl keys: the keys with which tenantd's own issuer signs ([accounts] keys_dir). A change takes effect when tenantd
 * reloads. Must never leave a private key where others can read it, nor a directory in which no key is active.
 */
#include "crypto/signer.h"
#include "crypto/token.h"
#include "ctl.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static bool configure(struct ctl *ctl, struct error *err)
{
	if (!ctl_configure(ctl, err))
		return false;
	return ctl->config.accounts.keys_dir.len > 0 ||
		error_log(err, ERR_INTERNAL,
			"[accounts] keys_dir is not set: with it, and [accounts] issuer, tenantd is an issuer itself");
}

static struct str path_in(struct ctl *ctl, const char *name, const char *ending)
{
	return arena_printf(ctl->arena, "%s/%s%s", ctl->config.accounts.keys_dir.at, name, ending);
}

/* Writes the file `active` in one step. */
static bool write_active(struct ctl *ctl, struct str kid, struct error *err)
{
	struct str path = path_in(ctl, "active", ""), temporary = path_in(ctl, "active", ".new");
	struct str line = arena_printf(ctl->arena, "%.*s\n", STR_ARG(kid));
	unlink(temporary.at); /* of a run that was interrupted */
	if (!ctl_write_new(temporary.at, line, 0644, err) || !ctl_hand_over(ctl, temporary.at, 0640, err))
		return false;
	return rename(temporary.at, path.at) == 0 ||
		error_log(err, ERR_INTERNAL, "cannot replace '%s': %s", path.at, strerror(errno));
}

enum ctl_status ctl_keys_add(struct ctl *ctl, struct str alg, struct str kid)
{
	struct error err = ERROR_INIT;
	struct str pem, jwk;
	if (!configure(ctl, &err))
		return ctl_fail(&err);
	const char *directory = ctl->config.accounts.keys_dir.at;
	if (str_is_empty(kid))
		kid = signer_kid_new(ctl->arena);
	if (!signer_kid_is_fit(kid))
		return ctl_misused(ctl, "--kid has 1 to 64 letters, digits, '-' and '_'");
	if (mkdir(directory, 0700) == 0) {
		if (!ctl_hand_over(ctl, directory, 0750, &err))
			return ctl_fail(&err);
	} else if (errno != EEXIST) {
		error_log(&err, ERR_INTERNAL, "cannot make '%s': %s", directory, strerror(errno));
		return ctl_fail(&err);
	}
	struct str path = path_in(ctl, arena_cstr(ctl->arena, kid), ".pem");
	if (!token_key_new(ctl->arena, str_is_empty(alg) ? STR("ES256") : alg, kid, &pem, &jwk, &err) ||
		!ctl_write_new(path.at, pem, 0600, &err) || !ctl_hand_over(ctl, path.at, 0640, &err))
		return ctl_fail(&err);
	if (access(path_in(ctl, "active", "").at, F_OK) != 0 && !write_active(ctl, kid, &err))
		return ctl_fail(&err);
	printf("%.*s\n", STR_ARG(kid));
	return CTL_OK;
}

/* Reads the directory and finds the key that the command names. */
static bool find(struct ctl *ctl, struct signer *signer, const struct signer_key **key, struct error *err)
{
	if (!configure(ctl, err) || !signer_load(ctl->arena, ctl->config.accounts.keys_dir, signer, err))
		return false;
	for (size_t i = 0; i < signer->count; i++)
		if (str_eq(signer->keys[i].kid, str_c(ctl->args[0]))) {
			*key = &signer->keys[i];
			return true;
		}
	return error_log(
		err, ERR_NOT_FOUND, "there is no key '%s' in '%s'", ctl->args[0], ctl->config.accounts.keys_dir.at);
}

enum ctl_status ctl_keys_activate(struct ctl *ctl)
{
	struct error err = ERROR_INIT;
	struct signer signer;
	const struct signer_key *key;
	if (!find(ctl, &signer, &key, &err) || !write_active(ctl, key->kid, &err))
		return ctl_fail(&err);
	printf(
		"%.*s signs from the next reload on (kill -HUP); keep %.*s until its tokens have expired, %lld s\n",
		STR_ARG(key->kid), STR_ARG(signer.active->kid), (long long)ctl->config.accounts.access_lifetime);
	return CTL_OK;
}

enum ctl_status ctl_keys_retire(struct ctl *ctl)
{
	struct error err = ERROR_INIT;
	struct signer signer;
	const struct signer_key *key;
	if (!find(ctl, &signer, &key, &err))
		return ctl_fail(&err);
	if (key == signer.active) {
		error_log(&err, ERR_CONFLICT, "'%s' signs: activate another key first", ctl->args[0]);
		return ctl_fail(&err);
	}
	if (unlink(path_in(ctl, ctl->args[0], ".pem").at) != 0) {
		error_log(&err, ERR_INTERNAL, "cannot delete the key '%s': %s", ctl->args[0], strerror(errno));
		return ctl_fail(&err);
	}
	return CTL_OK;
}

enum ctl_status ctl_keys_list(struct ctl *ctl)
{
	struct error err = ERROR_INIT;
	struct signer signer;
	struct buf b;
	bool is_json = ctl_option(ctl, "--json") != NULL;
	if (!configure(ctl, &err) || !signer_load(ctl->arena, ctl->config.accounts.keys_dir, &signer, &err))
		return ctl_fail(&err);
	buf_init(&b, ctl->arena, LIMIT_RESPONSE);
	json_write_open(&b, NULL, '[');
	for (const struct signer_key *key = signer.keys; key < signer.keys + signer.count; key++) {
		char made[32];
		struct tm tm;
		time_t at = (time_t)key->made;
		strftime(made, sizeof(made), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&at, &tm));
		if (!is_json) {
			printf("%-24.*s  %-5.*s  %-6s  %s\n", STR_ARG(key->kid), STR_ARG(key->alg),
				key == signer.active ? "active" : "known", made);
			continue;
		}
		json_write_line(&b);
		json_write_open(&b, NULL, '{');
		json_write_text(&b, "kid", key->kid);
		json_write_text(&b, "alg", key->alg);
		json_write_flag(&b, "active", key == signer.active);
		json_write_c(&b, "made", made);
		json_write_close(&b, '}');
	}
	json_write_close(&b, ']');
	return is_json ? ctl_print_json(&b) : CTL_OK;
}

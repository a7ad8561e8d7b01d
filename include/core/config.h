/*
 * The configuration: one ini file (the only door to inih), every key overridable from the environment as
 * TENANTD_<SECTION>_<KEY> (upper case; an issuer's section [issuer.NAME] is TENANTD_ISSUER_NAME_<KEY>). One
 * table in src/core/config_table.c holds every key with its type, default and help; `tenantd --help-config`,
 * docs/configuration.md and the refusals come from it. An unknown section or key, a malformed value or a
 * missing required key keeps the program from starting, and the message names the key. So does a file with a
 * secret in it that others can read (mode & 0007, or readable by a group that is not the process's own),
 * whether it is the configuration itself or a file that it names.
 */
#ifndef TENANTD_CORE_CONFIG_H
#define TENANTD_CORE_CONFIG_H

#include "core/arena.h"
#include "core/context.h"
#include "core/error.h"
#include "core/limits.h"

enum header_fallback { FALLBACK_OFF, FALLBACK_VALIDATE, FALLBACK_WARN };

/* At most `count` within `seconds`; a count of 0 means no limit. */
struct rate {
	int64_t count, seconds;
};

/* A comma-separated list, split and trimmed. */
struct str_list {
	struct str *at;
	size_t count;
};

struct issuer_config {
	struct str name; /* of the section: [issuer.NAME] */
	struct str issuer; /* required: the `iss` claim, compared byte for byte */
	struct str audience; /* required: must be `aud` or one of it */
	struct str_list algorithms; /* required: any of ES256, RS256, EdDSA, HS256 */
	struct str jwks_file; /* written by tenantd when config_is_fetched */
	struct str jwks_url; /* empty: none */
	struct str discovery; /* "on": the URL of the keys is asked for at the issuer */
	struct str pem_file; /* one public key or certificate, PEM */
	struct str hs256_secret_file; /* the raw bytes, one trailing newline dropped */
	struct str tenant_claim; /* default app_metadata.tenant_id */
	struct str env_claim; /* default env */
	struct str email_claim; /* default email */
	struct str email_verified_claim; /* default email_verified */
	struct str name_claim; /* default name */
	bool is_own; /* tenantd itself: made of [accounts], and no section of the file */
	struct str keys_dir; /* of the own issuer: the keys that sign (crypto/signer.h) */
};

struct config {
	struct {
		struct str listen; /* "unix:/path", "tcp:127.0.0.1:9000" or "fd:0" */
		struct str socket_mode; /* octal, default 0660 */
		struct str socket_group; /* default: the process's own */
		struct str public_url; /* without a slash at the end; empty: no links can be made */
		struct str_list
			peers; /* users whose processes may connect to the unix socket; empty: the mode decides */
		int64_t workers; /* default: the number of cores */
		struct str user; /* the user to become when started by root; empty: stay root */
		struct str pid_file; /* empty: none */
		int64_t tenant_share; /* workers that one tenant's slow requests may have; 0: all but one */
		int64_t max_requests; /* per worker; 0: no bound */
		int64_t max_age; /* seconds per worker; 0: no bound */
		int64_t drain_timeout; /* seconds until SIGTERM turns into SIGKILL */
		struct str_list metrics_allow; /* addresses or CIDR blocks that may read /metrics */
		struct str_list trusted_proxies; /* peers whose X-Forwarded-For and -Proto are believed */
	} server;
	struct {
		struct str url; /* required: libpq connection string of the app role */
		struct str admin_url; /* the migrator's, for tenantctl only */
		struct str errands_url; /* of who sends mail and looks up domains */
	} database;
	struct {
		struct str_list allowed_envs; /* required */
		bool env_allowed[ENV_COUNT]; /* the same, parsed */
		enum header_fallback header_fallback; /* default off */
		struct str base_domain; /* "" or e.g. "example.com": SLUG.example.com names a tenant */
		int64_t gate_interval; /* seconds between two looks at whether the walls still stand */
		struct str context_key_file; /* required: the key that proves a context, 32 to 64 bytes in hex */
	} tenancy;
	struct {
		int64_t leeway; /* seconds */
		int64_t jwks_interval, jwks_pause; /* seconds between two fetches of an issuer's keys; the least */
	} auth;
	struct {
		struct str issuer; /* the `iss` of the tokens that tenantd makes; empty: it makes none */
		struct str audience;
		struct str keys_dir;
		struct str signup; /* "open", "confirmed" or "closed" */
		int64_t access_lifetime, session_lifetime; /* seconds */
		int64_t hashing; /* passwords that are computed at once; 0: a quarter of the workers */
	} accounts;
	struct {
		struct str key_file; /* a private key in PEM; empty: nothing is signed */
		int64_t audit_days; /* for which audit rows are kept; 0: for ever */
	} governance;
	struct {
		struct str from; /* an address; empty: no mail can be sent */
		struct str from_name; /* empty: none */
		struct str sendmail; /* a program and its first options */
		struct str spool; /* a folder; empty: mail is given to sendmail */
		struct str templates; /* a folder; empty: the installed one */
		int64_t attempts; /* after so many a mail is given up */
		int64_t keep; /* seconds that an ended mail is remembered */
		int64_t interval; /* seconds between two runs of the master; 0: none */
	} mail;
	struct {
		int64_t interval; /* seconds between two runs of the master; 0: none */
		struct str resolver; /* name servers; empty: the host's */
	} domains;
	struct {
		struct str_list origins; /* of pages that may read the answers, as browsers spell them; empty: none */
	} cors;
	struct {
		int64_t body, media; /* bytes */
		struct rate bootstrap_per_address, bootstrap_per_issuer;
		struct rate signup_per_address, login_per_address, login_per_account, refresh_per_address;
		struct rate secret_per_address, mail_per_address, mail_per_account;
		struct rate invitations_per_address, invitations_per_account, invitations_per_tenant,
			domains_per_tenant;
		struct rate join_requests_per_address, join_requests_per_account;
		int64_t request_deadline, peer_timeout, statement_timeout, read_timeout, lock_timeout; /* ms */
	} limits;
	struct {
		struct str target; /* stderr (default), syslog or a path */
		struct str level; /* debug, info (default), warn, error */
	} log;
	struct issuer_config issuers[LIMIT_ISSUERS]; /* at least one */
	size_t issuer_count;
};

/* Reads `path`, then the environment. Everything lives in `a`, and each text is terminated. A refusal is in
 * err->operator. A variable TENANTD_… that names no section of ours is ignored; one that names a section of
 * ours and an unknown key is refused. */
MUST_CHECK bool config_load(struct config *c, struct arena *a, const char *path, struct error *err);
/* True when the keys of this issuer are fetched. */
bool config_is_fetched(const struct issuer_config *issuer);
/* Any one of the envs that are served here, for work that is the same in all of them. A loaded configuration
 * has at least one. */
enum env config_any_env(const struct config *c);
/* Reads the whole file that a key names, at most `max` bytes. The permission rule above applies to a secret
 * one. `key` is for the message. */
MUST_CHECK bool config_read_file(struct arena *a, const char *key, struct str path, size_t max,
	bool is_secret, struct str *out, struct error *err);

/* The table, for help, docs and tests. */
struct config_key {
	const char *section; /* "issuer.*" for the repeated one */
	const char *key;
	const char *type; /* "text", "list", "number", "bytes", "seconds", "milliseconds", "rate", "choice" */
	const char *standard; /* the default as text; NULL: required; "": none */
	const char *help;
};
const struct config_key *config_keys(size_t *count);

#endif

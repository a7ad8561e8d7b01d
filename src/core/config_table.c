/*
 * THE table of config keys: section, key, type, default, help, and where the value goes. The loader, the
 * help, docs/configuration.md and the refusals all come from it. A key that is not here does not exist.
 */
#include "config_table.h"

#include <stddef.h>

#define AT(member) offsetof(struct config, member)
#define IN(member) offsetof(struct issuer_config, member)
/* The same for a member that is an enum. If it is not as large as an int, the array would have -1
 * elements, which does not compile. */
#define AT_ENUM(member)                                                                                      \
	(AT(member) + 0 * sizeof(char[sizeof(((struct config *)0)->member) == sizeof(int) ? 1 : -1]))

/* The number that a macro stands for, as text. */
#define TEXT_OF(number) AS_TEXT(number)
#define AS_TEXT(number) #number

#define SECOND 1000
#define MEBIBYTE (1024 * 1024)

/* One key, one row:
 * X(section, key, type, standard, kind, offset, least, most, choices, is_secret, help) */
// clang-format off
#define KEY_TABLE(X) \
	X("server", "listen", "text", "unix:/run/tenantd/tenantd.sock", KIND_TEXT, AT(server.listen), 0, 0, "", false, \
		"where the web server connects: unix:/path, tcp:ADDRESS:PORT or fd:N") \
	X("server", "socket_mode", "text", "0660", KIND_TEXT, AT(server.socket_mode), 0, 0, "", false, \
		"permissions of the unix socket, octal") \
	X("server", "socket_group", "text", "", KIND_TEXT, AT(server.socket_group), 0, 0, "", false, \
		"group of the unix socket; none: the process's own") \
	X("server", "public_url", "text", "", KIND_TEXT, AT(server.public_url), 0, 0, "", false, \
		"where people reach this server, such as https://app.example.com; links in mail begin with it") \
	X("server", "peers", "list", "", KIND_LIST, AT(server.peers), 0, 0, "", false, \
		"users whose processes may connect to the unix socket; none: the permissions decide") \
	X("server", "workers", "number", "", KIND_NUMBER, AT(server.workers), 1, LIMIT_WORKERS, "", false, \
		"worker processes, 1 to " TEXT_OF(LIMIT_WORKERS) "; none: as many as cores") \
	X("server", "tenant_share", "number", "0", KIND_NUMBER, AT(server.tenant_share), 0, LIMIT_WORKERS, "", false, \
		"workers that slow requests of one tenant may have at once, the next is answered 429; 0: all but one") \
	X("server", "user", "text", "", KIND_TEXT, AT(server.user), 0, 0, "", false, \
		"whom to become when started by root; none: stay") \
	X("server", "pid_file", "text", "", KIND_TEXT, AT(server.pid_file), 0, 0, "", false, \
		"where the master writes its process id; none: nowhere") \
	X("server", "max_requests", "number", "0", KIND_NUMBER, AT(server.max_requests), 0, INT64_MAX, "", false, \
		"requests after which a worker is replaced; 0: no bound") \
	X("server", "max_age", "seconds", "0", KIND_NUMBER, AT(server.max_age), 0, 10000000, "", false, \
		"age at which a worker is replaced; 0: no bound") \
	X("server", "drain_timeout", "seconds", "15", KIND_NUMBER, AT(server.drain_timeout), 1, 3600, "", false, \
		"how long workers may finish after SIGTERM before they are killed") \
	X("server", "metrics_allow", "list", "127.0.0.1, ::1", KIND_LIST, AT(server.metrics_allow), 0, 0, "", false, \
		"addresses or CIDR blocks that may read /metrics") \
	X("server", "trusted_proxies", "list", "", KIND_LIST, AT(server.trusted_proxies), 0, 0, "", false, \
		"addresses or CIDR blocks whose X-Forwarded-For and X-Forwarded-Proto are believed") \
	X("database", "url", "text", NULL, KIND_TEXT, AT(database.url), 0, 0, "", true, \
		"libpq connection string of the app role; a secret, for it may hold a password") \
	X("database", "admin_url", "text", "", KIND_TEXT, AT(database.admin_url), 0, 0, "", true, \
		"libpq connection string of the migrator, for tenantctl alone; a secret") \
	X("database", "errands_url", "text", "", KIND_TEXT, AT(database.errands_url), 0, 0, "", true, \
		"libpq connection string of the role that sends mail and looks up domains; a secret") \
	X("tenancy", "allowed_envs", "list", NULL, KIND_LIST, AT(tenancy.allowed_envs), 0, 0, "", false, \
		"the environments served here: dev, staging, prod") \
	X("tenancy", "header_fallback", "choice", "off", KIND_ENUM, AT_ENUM(tenancy.header_fallback), 0, 0, "off|validate|warn", false, \
		"whether X-Tenant-ID may name the tenant of a token without tenant claim: off, validate or warn") \
	X("tenancy", "base_domain", "text", "", KIND_TEXT, AT(tenancy.base_domain), 0, 0, "", false, \
		"domain under which SLUG.DOMAIN names a tenant, such as example.com; none: hosts name nobody") \
	X("tenancy", "context_key_file", "text", NULL, KIND_TEXT, AT(tenancy.context_key_file), 0, 0, "", false, \
		"secret file with the key that proves a context to the database: 32 to 64 bytes in hex") \
	X("tenancy", "gate_interval", "seconds", TEXT_OF(LIMIT_GATE_S), KIND_NUMBER, AT(tenancy.gate_interval), 1, 60, "", false, \
		"how often, while serving, one of the workers looks whether anything changed that the isolation gate looks at") \
	X("auth", "leeway", "seconds", TEXT_OF(LIMIT_LEEWAY_S), KIND_NUMBER, AT(auth.leeway), 0, 300, "", false, \
		"difference of clocks that is forgiven in exp, nbf and iat") \
	X("auth", "jwks_interval", "seconds", TEXT_OF(LIMIT_JWKS_S), KIND_NUMBER, AT(auth.jwks_interval), 1, 86400, "", false, \
		"how often the keys of an issuer with jwks_url or discovery are fetched") \
	X("auth", "jwks_pause", "seconds", TEXT_OF(LIMIT_JWKS_PAUSE_S), KIND_NUMBER, AT(auth.jwks_pause), 1, 3600, "", false, \
		"after a fetch, so long tokens with an unknown kid cause no other one of the same issuer's keys") \
	X("accounts", "issuer", "text", "", KIND_TEXT, AT(accounts.issuer), 0, 0, "", false, \
		"the iss claim of tokens that tenantd makes itself for people who sign up here, as a URL; none: nobody can") \
	X("accounts", "audience", "text", "tenantd", KIND_TEXT, AT(accounts.audience), 0, 0, "", false, \
		"the aud claim of these tokens") \
	X("accounts", "keys_dir", "text", "", KIND_TEXT, AT(accounts.keys_dir), 0, 0, "", false, \
		"directory with the keys that sign them, which tenantctl keys looks after") \
	X("accounts", "signup", "choice", "open", KIND_CHOICE, AT(accounts.signup), 0, 0, "open|confirmed|closed", false, \
		"whether anybody may sign up: open; confirmed, which means not before they followed a link in a mail; or closed") \
	X("accounts", "access_lifetime", "seconds", "600", KIND_NUMBER, AT(accounts.access_lifetime), 10, 86400, "", false, \
		"how long an access token is good") \
	X("accounts", "session_lifetime", "seconds", "2592000", KIND_NUMBER, AT(accounts.session_lifetime), 60, 34560000, "", false, \
		"how long a session can be refreshed until its user signs in again") \
	X("accounts", "hashing", "number", "0", KIND_NUMBER, AT(accounts.hashing), 0, LIMIT_WORKERS, "", false, \
		"passwords that all workers together compute at once; the next few wait, further ones are answered 429; 0: a quarter of the workers") \
	X("mail", "from", "text", "", KIND_TEXT, AT(mail.from), 0, 0, "", false, \
		"address that mail comes from, such as no-reply@example.com; none: no mail can be sent") \
	X("mail", "from_name", "text", "", KIND_TEXT, AT(mail.from_name), 0, 0, "", false, \
		"name shown with that address; none: the address alone") \
	X("mail", "sendmail", "text", "/usr/sbin/sendmail -i", KIND_TEXT, AT(mail.sendmail), 0, 0, "", false, \
		"program that takes a mail, and its first options, separated by spaces; -f FROM -- RECIPIENT follows") \
	X("mail", "spool", "text", "", KIND_TEXT, AT(mail.spool), 0, 0, "", false, \
		"folder in which each mail becomes an .eml file instead of being sent; none: mail is sent") \
	X("mail", "templates", "text", "", KIND_TEXT, AT(mail.templates), 0, 0, "", false, \
		"folder with the templates of every kind of mail; none: those that were installed") \
	X("mail", "attempts", "number", TEXT_OF(LIMIT_MAIL_ATTEMPTS), KIND_NUMBER, AT(mail.attempts), 1, 100, "", false, \
		"attempts after which a mail is given up") \
	X("mail", "keep", "seconds", TEXT_OF(LIMIT_MAIL_KEEP_S), KIND_NUMBER, AT(mail.keep), 0, 1000000000, "", false, \
		"how long the outbox remembers a mail that was sent or given up") \
	X("mail", "interval", "seconds", "0", KIND_NUMBER, AT(mail.interval), 0, 86400, "", false, \
		"how often the master has due mail sent; 0: never, tenantctl mail run does") \
	X("domains", "interval", "seconds", "0", KIND_NUMBER, AT(domains.interval), 0, 86400, "", false, \
		"how often the master looks up the DNS records that prove domains; 0: never, tenantctl domains check does") \
	X("domains", "resolver", "text", "", KIND_TEXT, AT(domains.resolver), 0, 0, "", false, \
		"name servers that are asked, as ADDRESS:PORT separated by commas; none: those of /etc/resolv.conf") \
	X("cors", "origins", "list", "", KIND_LIST, AT(cors.origins), 0, 0, "", false, \
		"origins whose pages may read the answers, such as https://app.example.com; none: no page of another origin") \
	X("limits", "body", "bytes", TEXT_OF(LIMIT_BODY), KIND_NUMBER, AT(limits.body), 1024, 64 * MEBIBYTE, "", false, \
		"largest request body, but for bytes that are uploaded") \
	X("limits", "media", "bytes", TEXT_OF(LIMIT_MEDIA), KIND_NUMBER, AT(limits.media), 1024, 64 * MEBIBYTE, "", false, \
		"largest upload to the content of a resource; it passes through, and is not held in memory") \
	X("limits", "bootstrap_per_address", "rate", "60/m", KIND_RATE, AT(limits.bootstrap_per_address), 0, 0, "", false, \
		"bootstraps from one address (of IPv6 one /64), as COUNT/UNIT, the unit one of s, m, h, d; off: no bound") \
	X("limits", "bootstrap_per_issuer", "rate", "1200/m", KIND_RATE, AT(limits.bootstrap_per_issuer), 0, 0, "", false, \
		"bootstraps of all users of one issuer; off: no bound") \
	X("limits", "signup_per_address", "rate", "30/h", KIND_RATE, AT(limits.signup_per_address), 0, 0, "", false, \
		"accounts made from one address") \
	X("limits", "login_per_address", "rate", "60/m", KIND_RATE, AT(limits.login_per_address), 0, 0, "", false, \
		"sign-ins tried from one address") \
	X("limits", "login_per_account", "rate", "10/m", KIND_RATE, AT(limits.login_per_account), 0, 0, "", false, \
		"sign-ins tried with one email, and changes of one account's password") \
	X("limits", "refresh_per_address", "rate", "600/m", KIND_RATE, AT(limits.refresh_per_address), 0, 0, "", false, \
		"refreshes from one address") \
	X("limits", "secret_per_address", "rate", "30/m", KIND_RATE, AT(limits.secret_per_address), 0, 0, "", false, \
		"secrets of mailed links tried from one address") \
	X("limits", "mail_per_address", "rate", "60/h", KIND_RATE, AT(limits.mail_per_address), 0, 0, "", false, \
		"mails asked for from one address") \
	X("limits", "mail_per_account", "rate", "5/h", KIND_RATE, AT(limits.mail_per_account), 0, 0, "", false, \
		"mails asked for to one account") \
	X("limits", "invitations_per_address", "rate", "60/m", KIND_RATE, AT(limits.invitations_per_address), 0, 0, "", false, \
		"invitations accepted, and as often declined, from one address, whether they exist or not; off: no bound") \
	X("limits", "invitations_per_account", "rate", "20/m", KIND_RATE, AT(limits.invitations_per_account), 0, 0, "", false, \
		"the same by one user; off: no bound") \
	X("limits", "domains_per_tenant", "rate", "60/h", KIND_RATE, AT(limits.domains_per_tenant), 0, 0, "", false, \
		"requests of one tenant that add a domain, and that ask for a check; off: no bound") \
	X("limits", "invitations_per_tenant", "rate", "120/h", KIND_RATE, AT(limits.invitations_per_tenant), 0, 0, "", false, \
		"requests of one tenant that send invitations, by each of the three routes; off: no bound") \
	X("limits", "join_requests_per_address", "rate", "60/m", KIND_RATE, AT(limits.join_requests_per_address), 0, 0, "", false, \
		"requests to join from one address; off: no bound") \
	X("limits", "join_requests_per_account", "rate", "20/h", KIND_RATE, AT(limits.join_requests_per_account), 0, 0, "", false, \
		"requests to join by one user; off: no bound") \
	X("limits", "request_deadline", "milliseconds", TEXT_OF(LIMIT_REQUEST_MS), KIND_NUMBER, AT(limits.request_deadline), 100, 600 * SECOND, "", false, \
		"age of a request at which its worker is ended") \
	X("limits", "peer_timeout", "milliseconds", TEXT_OF(LIMIT_PEER_MS), KIND_NUMBER, AT(limits.peer_timeout), 10, 60 * SECOND, "", false, \
		"longest wait for one read from or write to the web server") \
	X("limits", "statement_timeout", "milliseconds", TEXT_OF(LIMIT_STATEMENT_MS), KIND_NUMBER, AT(limits.statement_timeout), 10, 600 * SECOND, "", false, \
		"longest time of one database statement") \
	X("limits", "read_timeout", "milliseconds", TEXT_OF(LIMIT_READ_MS), KIND_NUMBER, AT(limits.read_timeout), 10, 600 * SECOND, "", false, \
		"longest time of one database statement of a request that only reads") \
	X("limits", "lock_timeout", "milliseconds", TEXT_OF(LIMIT_LOCK_MS), KIND_NUMBER, AT(limits.lock_timeout), 10, 600 * SECOND, "", false, \
		"longest wait for one database lock") \
	X("governance", "key_file", "text", "", KIND_TEXT, AT(governance.key_file), 0, 0, "", false, \
		"secret file with the key that signs receipts of what was erased and checkpoints of the audit, a private key in PEM; for tenantctl alone") \
	X("governance", "audit_days", "days", "0", KIND_NUMBER, AT(governance.audit_days), 0, LIMIT_AUDIT_DAYS, "", false, \
		"how long audit rows are kept that a checkpoint covers; 0: for ever. tenantctl retention set says otherwise for a tenant") \
	X("log", "target", "text", "stderr", KIND_TEXT, AT(log.target), 0, 0, "", false, \
		"stderr, syslog or the path of a file") \
	X("log", "level", "choice", "info", KIND_CHOICE, AT(log.level), 0, 0, "debug|info|warn|error", false, \
		"the least level that is written: debug, info, warn or error") \
	X(ISSUER_SECTION, "issuer", "text", NULL, KIND_TEXT, IN(issuer), 0, 0, "", false, \
		"the iss claim, compared byte for byte") \
	X(ISSUER_SECTION, "audience", "text", NULL, KIND_TEXT, IN(audience), 0, 0, "", false, \
		"must be the aud claim or one of it") \
	X(ISSUER_SECTION, "algorithms", "list", NULL, KIND_LIST, IN(algorithms), 0, 0, "", false, \
		"accepted signatures: any of ES256, RS256, EdDSA, HS256") \
	X(ISSUER_SECTION, "jwks_file", "text", "", KIND_TEXT, IN(jwks_file), 0, 0, "", false, \
		"file with the issuer's public keys as a JWK set; with jwks_url or discovery tenantd writes it") \
	X(ISSUER_SECTION, "jwks_url", "text", "", KIND_TEXT, IN(jwks_url), 0, 0, "", false, \
		"where the JWK set is fetched from: https, or http to this host; jwks_file keeps it") \
	X(ISSUER_SECTION, "discovery", "choice", "off", KIND_CHOICE, IN(discovery), 0, 0, "off|on", false, \
		"on: the JWK set is found at ISSUER/.well-known/openid-configuration and fetched; jwks_file keeps it") \
	X(ISSUER_SECTION, "pem_file", "text", "", KIND_TEXT, IN(pem_file), 0, 0, "", false, \
		"file with one public key or certificate in PEM") \
	X(ISSUER_SECTION, "hs256_secret_file", "text", "", KIND_TEXT, IN(hs256_secret_file), 0, 0, "", false, \
		"secret file with the bytes shared with the issuer for HS256; one newline at the end is dropped") \
	X(ISSUER_SECTION, "tenant_claim", "text", "app_metadata.tenant_id", KIND_TEXT, IN(tenant_claim), 0, 0, "", false, \
		"path of the claim that names the tenant") \
	X(ISSUER_SECTION, "env_claim", "text", "env", KIND_TEXT, IN(env_claim), 0, 0, "", false, \
		"path of the claim that names the environment") \
	X(ISSUER_SECTION, "email_claim", "text", "email", KIND_TEXT, IN(email_claim), 0, 0, "", false, \
		"path of the claim with the user's email") \
	X(ISSUER_SECTION, "email_verified_claim", "text", "email_verified", KIND_TEXT, IN(email_verified_claim), 0, 0, "", false, \
		"path of the claim that says whether the email is verified") \
	X(ISSUER_SECTION, "name_claim", "text", "name", KIND_TEXT, IN(name_claim), 0, 0, "", false, \
		"path of the claim with the user's name")

static const struct config_key keys[] = {
#define X(section, key, type, standard, kind, offset, least, most, choices, is_secret, help) \
	{ section, key, type, standard, help },
	KEY_TABLE(X)
#undef X
};

static const struct config_rule rules[] = {
#define X(section, key, type, standard, kind, offset, least, most, choices, is_secret, help) \
	{ kind, offset, least, most, choices, is_secret },
	KEY_TABLE(X)
#undef X
};
// clang-format on

const struct config_key *config_keys(size_t *count)
{
	*count = COUNT_OF(keys);
	return keys;
}

const struct config_rule *config_rule(size_t i)
{
	if (i >= COUNT_OF(rules))
		BUG("no config key %zu", i);
	return &rules[i];
}

bool config_is_issuer_key(size_t i)
{
	return str_eq(str_c(keys[i].section), STR(ISSUER_SECTION));
}

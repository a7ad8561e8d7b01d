/*
 * Every size has a named bound, and all bounds are in this file. Those that an operator may want to change
 * are the defaults of config keys (core/config.h); the others are fixed.
 */
#ifndef TENANTD_CORE_LIMITS_H
#define TENANTD_CORE_LIMITS_H

/* The defaults of config keys. Each is one plain number and no sum, since the table of keys
 * (src/core/config_table.c) prints it as text. */
#define LIMIT_BODY 1048576 /* [limits] body, bytes */
#define LIMIT_MEDIA 16777216 /* [limits] media, bytes of an upload, which is stored as it is */
#define LIMIT_LEEWAY_S 30 /* [auth] leeway, seconds of clock difference */
#define LIMIT_JWKS_S 900 /* [auth] jwks_interval, seconds between two fetches of an issuer's keys */
#define LIMIT_JWKS_PAUSE_S 60 /* [auth] jwks_pause: the least of them, when tokens have an unknown kid */
#define LIMIT_REQUEST_MS 10000 /* [limits] request_deadline: the watchdog ends the worker */
#define LIMIT_PEER_MS 2000 /* [limits] peer_timeout: one read from or write to the web server */
#define LIMIT_STATEMENT_MS 5000 /* [limits] statement_timeout */
#define LIMIT_READ_MS 2000 /* [limits] read_timeout: the same in a request that only reads */
#define LIMIT_LOCK_MS 2000 /* [limits] lock_timeout */
#define LIMIT_MAIL_ATTEMPTS 10 /* [mail] attempts; with the pauses between them about four hours */
#define LIMIT_MAIL_KEEP_S 2592000 /* [mail] keep: 30 days */
#define LIMIT_GATE_S 15 /* [tenancy] gate_interval, seconds: how soon an open wall is noticed while serving */

/* The most that [server] workers may be. The table prints this one, too. */
#define LIMIT_WORKERS 64

enum {
	/* requests */
	LIMIT_MEDIA_PIECE = 256 * 1024, /* bytes of an upload that a worker holds at a time */
	LIMIT_HEADERS = 64, /* header fields of one request */
	LIMIT_HEADER_VALUE = 8 * 1024, /* bytes of one header's value */
	/* The same for Authorization: more than the largest token, so that a token that is too large gets a 401. */
	LIMIT_AUTHORIZATION = 12 * 1024,
	LIMIT_PARAMS = 64 * 1024, /* bytes of all FastCGI parameters */
	LIMIT_URI = 8 * 1024, /* bytes of the raw request target */
	LIMIT_PATH_SEGMENTS = 16,
	LIMIT_QUERY_PAIRS = 64,
	LIMIT_JSON_DEPTH = 32,
	LIMIT_RESPONSE_HEADERS = 24,
	LIMIT_PREFLIGHT_S = 7200, /* seconds that a browser may keep the answer to a preflight */
	LIMIT_RESPONSE = 64 * 1024 * 1024, /* bytes of one answer */

	/* pages */
	LIMIT_PAGE = 1000, /* rows, the most a caller may ask for */
	LIMIT_ACTIVITY_DAYS = 90, /* over which activity is counted, the most a caller may ask for */
	LIMIT_PAGE_DEFAULT = 100, /* rows when the caller names no limit */

	/* filters by a pattern, which PostgreSQL matches against every text of a tenant (docs/data.md says the
	 * cost) */
	LIMIT_REGEXES = 3, /* match and imatch in one request */
	LIMIT_PATTERN = 256, /* bytes of one; of a regular expression also characters, with {…} written out */
	LIMIT_PATTERNS = 1024, /* bytes of all in one request */

	/* tokens */
	LIMIT_TOKEN = 8 * 1024, /* bytes of a compact JWS */
	LIMIT_ISSUERS = 16,
	LIMIT_KEYS = 32, /* keys of one issuer */
	LIMIT_KID = 255, /* bytes of a key's name, in a JWK and in a token's header */
	LIMIT_KEY_FILE = 256 * 1024, /* bytes of a JWKS, PEM or secret file */
	LIMIT_FETCH_MS = 10 * 1000, /* one HTTP request to an issuer, from its begin to the last byte */
	LIMIT_SEEN_TOKENS = 256 * 1024, /* tokens whose signature a pool remembers as good, 16 bytes each */

	/* texts of the domain, bytes of UTF-8 */
	LIMIT_ISSUER = 512,
	LIMIT_SUBJECT = 255,
	LIMIT_EMAIL = 254, /* RFC 5321 */
	LIMIT_NAME = 200,
	LIMIT_REASON = 500, /* why a system administrator did something */
	LIMIT_GRACE_DAYS = 3650, /* for which a closed tenant can be reopened */
	LIMIT_PASSWORD = 1000, /* characters */
	LIMIT_ORIGIN = 300, /* of a page: scheme, host name (253) and port */
	LIMIT_SLUG = 63, /* a DNS label: it may stand in a host name */

	/* mail */
	LIMIT_MAIL_TEMPLATE = 64 * 1024, /* bytes of one template */
	LIMIT_MAIL_PART = 256 * 1024, /* bytes of one part of a mail, before it is encoded */
	LIMIT_MAIL = 2 * 1024 * 1024, /* bytes of a whole mail */
	LIMIT_MAIL_SUBJECT = 200, /* bytes of UTF-8; a longer subject is cut */
	LIMIT_SENDMAIL_MS = 60 * 1000, /* longest time that sendmail may take for one mail */
	/* Seconds that a mail is lent to its sender. It is several times LIMIT_SENDMAIL_MS, so that a sender that is
	 * slow for other reasons does not meet another one with the same mail. */
	LIMIT_MAIL_LEASE_S = 300,

	/* domains */
	LIMIT_DNS_MS = 5 * 1000, /* one TXT record is looked up, with all tries */
	/* Seconds that a domain is lent to the one who checks it: longer than a run over those that it takes at once. */
	LIMIT_DOMAIN_LEASE_S = 120,

	/* time, milliseconds */
	LIMIT_CONNECT_MS = 3 * 1000, /* one attempt to reach the database */
	LIMIT_PROOF_S = 60, /* seconds a context proof is good for (also in the database) */

	/* fairness between tenants, milliseconds */
	LIMIT_SLOW_MS = 250, /* a request that takes longer counts against its tenant's share of the workers */
	LIMIT_HASHING_MS = 3 * 1000, /* so long a request waits for its turn to compute a password */
	LIMIT_STRICT_MS = 10 * 1000, /* so long a tenant that took more than its share is held to it strictly */

	/* files that tenantctl reads */
	LIMIT_BACKFILL_FILE = 64 * 1024 * 1024, /* bytes of an export or of a mapping */
	LIMIT_SEED_FILE = 1024 * 1024, /* bytes of a seed */
	LIMIT_CSV_COLUMNS = 256,
	LIMIT_AUDIT_LINE = 4 * 1024 * 1024, /* bytes of one line of an exported audit log */

	/* the audit log */
	LIMIT_AUDIT_DAYS = 36500, /* for which its rows are kept */
	LIMIT_CHECKPOINT_ROWS =
		5000, /* that one checkpoint covers; its line in an export is 103 bytes for each */

	/* memory */
	LIMIT_REQUEST_POOL = 64 * 1024, /* the request arena's first chunk */
};

#endif

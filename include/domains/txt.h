/*
 * Looks up TXT records (RFC 1035, section 3.3.14), by c-ares: the only door to it. Never call it in a worker or in the master: it
 * waits for a name server.
 */
#ifndef TENANTD_DOMAINS_TXT_H
#define TENANTD_DOMAINS_TXT_H

#include "core/arena.h"
#include "core/error.h"
#include "repo/domains.h"

struct txt_resolver;

/* Asks `servers`, "ADDRESS:PORT" separated by commas; empty: those of /etc/resolv.conf. NULL, with the reason in
 * err->operator, when that cannot be set up. txt_close frees it. */
MUST_CHECK struct txt_resolver *txt_open(struct arena *a, struct str servers, struct error *err);
void txt_close(struct txt_resolver *resolver);

/* Whether `name` has the record `value`; the strings of one record are joined. It takes LIMIT_DNS_MS at most, and ends early,
 * with DOMAIN_RECORD_UNKNOWN, when should_stop says so (NULL: never). Unless the record is there, `why` says what there is
 * instead, or how DNS failed; it is in the resolver's arena. */
enum domain_record txt_look_up(struct txt_resolver *resolver, struct str name, struct str value,
	bool (*should_stop)(void), struct str *why);

#endif

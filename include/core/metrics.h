/*
 * Counters of the pool, kept in memory that the master and the workers share (pool/scoreboard.h), so that any
 * worker can report all of them. Each worker has one slot and is the only one that writes it; a worker that
 * replaces another goes on counting in the same slot. No tenant, user or path is a label. All families are in
 * one table, and a test compares docs/metrics.md with it.
 */
#ifndef TENANTD_CORE_METRICS_H
#define TENANTD_CORE_METRICS_H

#include "core/buf.h"

enum { METRIC_ROUTES = 128, METRIC_CLASSES = 5, METRIC_BUCKETS = 12 };

/* X(enumerator, family, "label=\"value\"" or "", help) */
#define COUNTER_TABLE(X)                                                                                     \
	X(COUNT_TENANTS_CREATED, "tenantd_tenants_created_total", "", "Tenants made by bootstrap")               \
	X(COUNT_TENANTS_REUSED, "tenantd_tenants_reused_total", "",                                              \
		"Bootstraps answered with a tenant that stood")                                                      \
	X(COUNT_BOOTSTRAP_REFUSED, "tenantd_bootstrap_errors_total", "reason=\"refused\"",                       \
		"Bootstraps that failed, by reason")                                                                 \
	X(COUNT_BOOTSTRAP_INVALID, "tenantd_bootstrap_errors_total", "reason=\"invalid\"", "")                   \
	X(COUNT_BOOTSTRAP_UNAVAILABLE, "tenantd_bootstrap_errors_total", "reason=\"unavailable\"", "")           \
	X(COUNT_HEADER_ALONE, "tenantd_header_fallback_total", "use=\"alone\"",                                  \
		"Requests that named their tenant by header")                                                        \
	X(COUNT_HEADER_BESIDE, "tenantd_header_fallback_total", "use=\"beside_claim\"", "")                      \
	X(COUNT_AUTH_MISSING, "tenantd_auth_failures_total", "reason=\"missing\"", "Tokens refused, by reason")  \
	X(COUNT_AUTH_MALFORMED, "tenantd_auth_failures_total", "reason=\"malformed\"", "")                       \
	X(COUNT_AUTH_ISSUER, "tenantd_auth_failures_total", "reason=\"issuer\"", "")                             \
	X(COUNT_AUTH_KEY, "tenantd_auth_failures_total", "reason=\"key\"", "")                                   \
	X(COUNT_AUTH_SIGNATURE, "tenantd_auth_failures_total", "reason=\"signature\"", "")                       \
	X(COUNT_AUTH_EXPIRED, "tenantd_auth_failures_total", "reason=\"expired\"", "")                           \
	X(COUNT_AUTH_CLAIMS, "tenantd_auth_failures_total", "reason=\"claims\"", "")                             \
	X(COUNT_DB_CONNECTS, "tenantd_database_connects_total", "", "Connections made to the database")          \
	X(COUNT_DB_FAILURES, "tenantd_database_connect_failures_total", "", "Attempts to connect that failed")   \
	X(COUNT_DB_UNCLEAN, "tenantd_database_unclean_total", "",                                                \
		"Connections closed for not being idle after a request")                                             \
	X(COUNT_GATE_FAILURES, "tenantd_isolation_gate_failures_total", "",                                      \
		"Times the isolation gate kept a worker from serving")                                               \
	X(COUNT_SHARE_REFUSED, "tenantd_tenant_share_refused_total", "",                                         \
		"Requests refused because their tenant had its share of the workers")                                \
	X(COUNT_LIMIT_REFUSED, "tenantd_limit_refused_total", "",                                                \
		"Requests refused because a limit of their route was reached")                                       \
	X(COUNT_FCGI_DROPPED, "tenantd_fastcgi_dropped_total", "",                                               \
		"Peers dropped before a whole request was read")

enum counter {
#define X(name, family, label, help) name,
	COUNTER_TABLE(X)
#undef X
		COUNTER_COUNT
};

struct metrics_slot {
	uint64_t counters[COUNTER_COUNT];
	/* requests by route index (the route table's order), status class 1xx..5xx, duration bucket */
	uint64_t requests[METRIC_ROUTES][METRIC_CLASSES][METRIC_BUCKETS + 1];
	uint64_t duration_us[METRIC_ROUTES][METRIC_CLASSES];
};

/* The slot this process writes; before it is set (tests, tenantctl) a private one is used. */
void metrics_use(struct metrics_slot *slot);
void metrics_count(enum counter c);
/* route is an index into the route table; status an HTTP status; duration in microseconds. */
void metrics_request(size_t route, int status, int64_t duration_us);
/* What was counted here so far (for tests). */
uint64_t metrics_value(enum counter c);

/* Appends the Prometheus text format (version 0.0.4) of the sum over `slots`; route_name(i) gives the
 * template of the i-th route, for i < routes. */
void metrics_print(struct buf *out, const struct metrics_slot *slots, size_t slot_count, size_t stride,
	size_t routes, const char *(*route_name)(size_t));

#endif

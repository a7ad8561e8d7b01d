/*
 * Writes one JSON line per request and per event, to stderr, syslog or a file. No token, password or cookie
 * is ever written: the caller names each field, and a field whose name is on the redaction list
 * (authorization, cookie, password, token, secret, …) is written as "[redacted]" whatever it holds.
 */
#ifndef TENANTD_CORE_LOG_H
#define TENANTD_CORE_LOG_H

#include "core/error.h"

enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARN, LOG_LEVEL_ERROR };

struct log_field {
	const char *name; /* a plain word; like the name of an event it is not escaped */
	struct str text; /* written as a JSON string, unless is_number */
	int64_t number;
	bool is_number;
};

#define LOG_STR(n, s) ((struct log_field){ .name = (n), .text = (s) })
#define LOG_C(n, c) ((struct log_field){ .name = (n), .text = str_c(c) })
#define LOG_INT(n, i) ((struct log_field){ .name = (n), .number = (int64_t)(i), .is_number = true })

/* `target` is "stderr", "syslog" or the path of a file, which is appended to and made with mode 0640. Calling
 * log_open again reopens it after rotation. Lines below `level` are dropped. To be called before forking. */
MUST_CHECK bool log_open(const char *target, enum log_level level, struct error *err);
MUST_CHECK bool log_level_parse(struct str s, enum log_level *out);
/* One line, one write: {"time":…,"level":…,"event":…,"pid":…, fields…}. Lines longer than 8 KiB are cut
 * at a field. Never fails for the caller. Fields whose text is empty are left out. */
void log_event(enum log_level level, const char *event, const struct log_field *fields, size_t count);
#define LOG(level, event, ...)                                                                               \
	log_event(LOG_LEVEL_##level, event, (const struct log_field[]){ __VA_ARGS__ },                           \
		sizeof((const struct log_field[]){ __VA_ARGS__ }) / sizeof(struct log_field))

#endif

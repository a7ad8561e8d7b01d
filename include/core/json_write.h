/*
 * Writes JSON into a buffer. Commas need no call: one is written before each value that follows another.
 * `name` is the member's name, which is escaped like every text. It is NULL inside an array, for the
 * outermost value, and after json_write_name. Reading JSON is in core/json.h.
 */
#ifndef TENANTD_CORE_JSON_WRITE_H
#define TENANTD_CORE_JSON_WRITE_H

#include "core/buf.h"

/* Writes only a member's name: for a name that is not a C string, or a value that the caller adds itself. */
void json_write_name(struct buf *b, struct str name);
/* `bracket` is one of { and [ for json_write_open, of } and ] for json_write_close. */
void json_write_open(struct buf *b, const char *name, char bracket);
void json_write_close(struct buf *b, char bracket);
void json_write_text(struct buf *b, const char *name, struct str value);
void json_write_c(struct buf *b, const char *name, const char *value);
void json_write_flag(struct buf *b, const char *name, bool value);
void json_write_int(struct buf *b, const char *name, int64_t value);
/* `json` is added as it is. */
void json_write_raw(struct buf *b, const char *name, const char *json);
/* Puts the next element on a line of its own, unless it is the first one. */
void json_write_line(struct buf *b);

#endif

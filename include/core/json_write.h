/*
 * Writes JSON into a buffer. Commas come by themselves: one is written before a value that follows another. `name` is
 * the member's name, escaped like every text; it is NULL inside an array, for the outermost value, and behind
 * json_write_name. What json-c reads is core/json.h.
 */
#ifndef TENANTD_CORE_JSON_WRITE_H
#define TENANTD_CORE_JSON_WRITE_H

#include "core/buf.h"

/* A member's name that is no C string, or whose value the caller adds to the buffer. */
void json_write_name(struct buf *b, struct str name);
/* `bracket` is one of { and [ for json_write_open, of } and ] for json_write_close. */
void json_write_open(struct buf *b, const char *name, char bracket);
void json_write_close(struct buf *b, char bracket);
void json_write_text(struct buf *b, const char *name, struct str value);
void json_write_c(struct buf *b, const char *name, const char *value);
void json_write_flag(struct buf *b, const char *name, bool value);
void json_write_int(struct buf *b, const char *name, int64_t value);
/* JSON that is written out already. */
void json_write_raw(struct buf *b, const char *name, const char *json);
/* The next element goes to a line of its own, unless it is the first one. */
void json_write_line(struct buf *b);

#endif

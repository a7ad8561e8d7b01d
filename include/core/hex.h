/* Bytes as hexadecimal digits, and the value of a digit. */
#ifndef TENANTD_CORE_HEX_H
#define TENANTD_CORE_HEX_H

#include "core/arena.h"

/* Writes the 2 * len lower-case digits of `in`, without a NUL after them. */
void hex_into(char *to, const void *in, size_t len);
/* The same in the arena, terminated. */
struct str hex_encode(struct arena *a, const void *in, size_t len);
/* Reads exactly `len` bytes from 2 * len digits; false for any other text. */
MUST_CHECK bool hex_decode(struct str text, void *out, size_t len);
/* 0 to 15 for a digit of either case, else -1. */
int hex_value(char c);

#endif

/*
 * Memory has two lifetimes: one arena lives as long as the process (config, keys), another one serves the
 * request and is wiped and reset after each. Only this file uses talloc. What a function returns "in the
 * arena" lives until arena_reset or arena_free; nobody frees it singly. Allocation never fails: when there is
 * no memory left, the process ends (core/base.h).
 */
#ifndef TENANTD_CORE_ARENA_H
#define TENANTD_CORE_ARENA_H

#include "core/str.h"

struct arena;

/* Makes an arena whose first `pool` bytes cost one malloc. arena_free ends it. */
struct arena *arena_new(size_t pool);
void arena_free(struct arena *a);
/* Overwrites every byte that was handed out with zero, releases what was adopted (the last first), and makes
 * the arena empty again. Its pool is kept. */
void arena_reset(struct arena *a);
/* Bytes handed out since the last reset (for tests and bounds). */
size_t arena_used(const struct arena *a);

/* The bytes are zero and aligned for any type. */
void *arena_alloc(struct arena *a, size_t size);
#define ARENA_NEW(a, type) ((type *)arena_alloc((a), sizeof(type)))
#define ARENA_ARRAY(a, type, n) ((type *)arena_array((a), sizeof(type), (n)))
/* Allocates n * size bytes; an overflow of the product ends the process. */
void *arena_array(struct arena *a, size_t size, size_t n);

/* Gives an allocation of `a` more room, which is zero. The last allocation grows in place. Any other is
 * copied; its old bytes stay until the reset, unless it had a block of its own, which is wiped and freed
 * at once. */
void *arena_grow(struct arena *a, void *old, size_t old_size, size_t new_size);

/* Copies, terminated by a NUL that len does not count. */
struct str arena_str(struct arena *a, struct str s);
char *arena_cstr(struct arena *a, struct str s);
struct str arena_printf(struct arena *a, const char *fmt, ...) PRINTF(2, 3);

/* Takes over a foreign object (PGresult, json_object, gnutls key …): release(object) runs when the arena is
 * reset or freed. Returns `object`. */
void *arena_adopt(struct arena *a, void *object, void (*release)(void *));

#endif

/*
 * The two lifetimes: an arena for the process (config, keys) and one for the request, wiped and
 * reset after each. The only door to talloc. What a function returns "in the arena" lives until
 * arena_reset or arena_free; nobody frees it singly. Allocation never fails: without memory the
 * process ends (core/base.h).
 */
#ifndef TENANTD_CORE_ARENA_H
#define TENANTD_CORE_ARENA_H

#include "core/str.h"

struct arena;

/* A new arena whose first `pool` bytes cost one malloc. Ended by arena_free. */
struct arena *arena_new(size_t pool);
void arena_free(struct arena *a);
/* Overwrites every byte handed out with zero, runs the destructors of what was adopted (last first),
 * and makes the arena empty again, its pool kept. */
void arena_reset(struct arena *a);
/* Bytes handed out since the last reset (for tests and bounds). */
size_t arena_used(const struct arena *a);

/* Zeroed, aligned for any type. */
void *arena_alloc(struct arena *a, size_t size);
#define ARENA_NEW(a, type) ((type *)arena_alloc((a), sizeof(type)))
#define ARENA_ARRAY(a, type, n) ((type *)arena_array((a), sizeof(type), (n)))
/* n * size with the overflow checked. */
void *arena_array(struct arena *a, size_t size, size_t n);

/* More room for an allocation of `a`: in place when it is the last one, else a zeroed copy whose old
 * bytes stay until the reset (those of a block of its own are wiped and freed at once). */
void *arena_grow(struct arena *a, void *old, size_t old_size, size_t new_size);

/* Copies, terminated by a NUL that len does not count. */
struct str arena_str(struct arena *a, struct str s);
char *arena_cstr(struct arena *a, struct str s);
struct str arena_printf(struct arena *a, const char *fmt, ...) PRINTF(2, 3);

/* A foreign object (PGresult, json_object, gnutls key …) that dies with the arena: release(object)
 * runs at reset. Returns `object`. */
void *arena_adopt(struct arena *a, void *object, void (*release)(void *));

#endif

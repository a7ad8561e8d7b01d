/*
 * Only this file uses talloc. An arena takes whole blocks from talloc (first the pool, then more as needed)
 * and cuts them up itself: one talloc chunk per allocation would cost a header of 96 bytes, and each reset
 * would have to walk over all of them. Reset wipes what was handed out, so that nothing of one request
 * reaches the next one. Must never hand out memory that was not wiped, and never return NULL.
 */
#include "core/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <talloc.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_POISON 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define ARENA_POISON 1
#endif

/* Under AddressSanitizer, bytes that were not handed out are poisoned, and a gap follows each allocation,
 * so that an access one byte too far is reported as it would be with malloc. */
#ifdef ARENA_POISON
#include <sanitizer/asan_interface.h>
enum { GAP = 16 };
#define HIDE(at, size) ASAN_POISON_MEMORY_REGION(at, size)
#define SHOW(at, size) ASAN_UNPOISON_MEMORY_REGION(at, size)
#else
enum { GAP = 0 };
#define HIDE(at, size) ((void)(at), (void)(size))
#define SHOW(at, size) ((void)(at), (void)(size))
#endif

enum { ALIGN = _Alignof(max_align_t) };

struct block {
	struct block *older;
	size_t room;
	size_t used;
	size_t cleared; /* how many bytes, counted from the first, were cleared since the block was made */
	_Alignas(max_align_t) char bytes[];
};

struct adopted {
	struct adopted *older;
	void *object;
	void (*release)(void *);
};

struct arena {
	struct block *pool; /* the first block, kept over a reset */
	struct block *newest; /* where the next bytes come from */
	struct adopted *adopted;
	size_t used;
	size_t pool_size;
};

static struct block *block_new(struct arena *a, size_t room)
{
	if (room > SIZE_MAX / 2)
		out_of_memory();
	struct block *b = talloc_size(a, sizeof(struct block) + room);
	if (!b)
		out_of_memory();
	*b = (struct block){ .room = room };
	HIDE(b->bytes, room);
	return b;
}

/* Hands out the next bytes. Bytes that were never handed out before are cleared only now, so that a pool
 * is not touched further than it is used. Bytes that were handed out before are zero since the last wipe. */
static void block_take(struct block *b, size_t need)
{
	b->used += need;
	if (b->used <= b->cleared)
		return;
	SHOW(b->bytes + b->cleared, b->used - b->cleared);
	memset(b->bytes + b->cleared, 0, b->used - b->cleared);
	HIDE(b->bytes + b->cleared, b->used - b->cleared);
	b->cleared = b->used;
}

static void block_wipe(struct block *b)
{
	SHOW(b->bytes, b->used);
	explicit_bzero(b->bytes, b->used);
	b->used = 0;
}

static void block_free(struct block *b)
{
	block_wipe(b);
	SHOW(b->bytes, b->room);
	talloc_free(b);
}

struct arena *arena_new(size_t pool)
{
	struct arena *a = talloc_zero(NULL, struct arena);
	if (!a)
		out_of_memory();
	a->pool_size = pool < 256 ? 256 : pool;
	a->pool = a->newest = block_new(a, a->pool_size);
	return a;
}

static void run_destructors(struct arena *a)
{
	while (a->adopted) {
		struct adopted *last = a->adopted;
		a->adopted = last->older;
		last->release(last->object);
	}
}

void arena_reset(struct arena *a)
{
	run_destructors(a);
	while (a->newest != a->pool) {
		struct block *b = a->newest;
		a->newest = b->older;
		block_free(b);
	}
	size_t used = a->pool->used;
	block_wipe(a->pool);
	HIDE(a->pool->bytes, used);
	a->used = 0;
}

void arena_free(struct arena *a)
{
	if (!a)
		return;
	arena_reset(a);
	block_free(a->pool);
	talloc_free(a);
}

size_t arena_used(const struct arena *a)
{
	return a->used;
}

static size_t footprint(size_t size)
{
	if (size > SIZE_MAX / 4)
		out_of_memory();
	return (size + GAP + ALIGN - 1) / ALIGN * ALIGN;
}

void *arena_alloc(struct arena *a, size_t size)
{
	size_t need = footprint(size > 0 ? size : 1);
	struct block *b = a->newest;
	if (b->room - b->used < need) {
		/* A large allocation gets a block of its own size; otherwise the new block is as large as the
		 * pool. */
		b = block_new(a, need > a->pool_size / 2 ? need : a->pool_size);
		b->older = a->newest;
		a->newest = b;
	}
	char *at = b->bytes + b->used;
	block_take(b, need);
	a->used += size;
	SHOW(at, size);
	return at;
}

void *arena_array(struct arena *a, size_t size, size_t n)
{
	size_t bytes;
	if (__builtin_mul_overflow(size, n, &bytes))
		out_of_memory();
	return arena_alloc(a, bytes);
}

/* The block that holds `old` alone, with the pointer that leads to it; NULL when it shares its block. */
static struct block **alone_in_block(struct arena *a, const char *old, size_t old_size)
{
	for (struct block **at = &a->newest; *at != a->pool; at = &(*at)->older)
		if ((*at)->bytes == old)
			return (*at)->used == footprint(old_size) ? at : NULL;
	return NULL;
}

void *arena_grow(struct arena *a, void *old, size_t old_size, size_t new_size)
{
	if (!old || old_size == 0)
		return arena_alloc(a, new_size);
	if (new_size <= old_size)
		return old;
	struct block *b = a->newest;
	char *at = old;
	size_t was = footprint(old_size), need = footprint(new_size);
	if (at + was == b->bytes + b->used && b->room - b->used >= need - was) {
		block_take(b, need - was);
		a->used += new_size - old_size;
		SHOW(at, new_size);
		return at;
	}
	struct block **own = alone_in_block(a, at, old_size);
	struct block *outgrown = own ? *own : NULL;
	if (own)
		*own = outgrown->older;
	void *moved = memcpy(arena_alloc(a, new_size), old, old_size);
	if (outgrown) {
		block_free(outgrown);
		a->used -= old_size;
	}
	return moved;
}

char *arena_cstr(struct arena *a, struct str s)
{
	char *copy = arena_alloc(a, s.len + 1);
	memcpy(copy, s.at, s.len);
	return copy;
}

struct str arena_str(struct arena *a, struct str s)
{
	return (struct str){ arena_cstr(a, s), s.len };
}

struct str arena_printf(struct arena *a, const char *fmt, ...)
{
	char text[256]; /* most are short: one formatting */
	va_list args;
	va_start(args, fmt);
	int len = vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (len < 0)
		BUG("format '%s' failed", fmt);
	if ((size_t)len < sizeof(text)) {
		struct str copy = arena_str(a, (struct str){ text, (size_t)len });
		explicit_bzero(text, (size_t)len);
		return copy;
	}
	char *longer = arena_alloc(a, (size_t)len + 1);
	va_start(args, fmt);
	vsnprintf(longer, (size_t)len + 1, fmt, args);
	va_end(args);
	explicit_bzero(text, sizeof(text));
	return (struct str){ longer, (size_t)len };
}

void *arena_adopt(struct arena *a, void *object, void (*release)(void *))
{
	if (!object)
		return NULL;
	struct adopted *node = ARENA_NEW(a, struct adopted);
	*node = (struct adopted){ .older = a->adopted, .object = object, .release = release };
	a->adopted = node;
	return object;
}

/* The memory of verified tokens: sets of eight entries, where the first half of the MAC chooses the set. An entry that
 * was only partly written must never count. */
#include "crypto/seen.h"

#include "core/limits.h"

#include <stdatomic.h>
#include <sys/mman.h>

enum { WAYS = 8, SETS = LIMIT_SEEN_TOKENS / WAYS };

/* It is read and written in two halves. Each half is atomic, but the two may belong to different tokens for a moment. */
struct entry {
	_Atomic uint64_t high, low; /* both 0: free */
};

struct seen {
	struct entry sets[SETS][WAYS];
};

struct mark {
	uint64_t high, low;
};

static struct mark mark_of(const uint8_t *secret, const uint8_t digest[SHA256_SIZE])
{
	uint8_t mac[SHA256_SIZE];
	struct mark mark;
	digest_hmac(str_of((const char *)secret, SHA256_SIZE), str_of((const char *)digest, SHA256_SIZE), mac);
	memcpy(&mark.high, mac, sizeof(mark.high));
	memcpy(&mark.low, mac + sizeof(mark.high), sizeof(mark.low));
	return mark;
}

struct seen *seen_new(void)
{
	struct seen *seen =
		mmap(NULL, sizeof(struct seen), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (seen == MAP_FAILED)
		out_of_memory();
	return seen;
}

void seen_free(struct seen *seen)
{
	munmap(seen, sizeof(*seen));
}

bool seen_has(const struct seen *seen, const uint8_t *secret, const uint8_t digest[SHA256_SIZE])
{
	const struct mark mark = mark_of(secret, digest);
	const struct entry *set = seen->sets[mark.high % SETS];
	for (size_t i = 0; i < WAYS; i++)
		if (atomic_load_explicit(&set[i].high, memory_order_relaxed) == mark.high &&
			atomic_load_explicit(&set[i].low, memory_order_relaxed) == mark.low)
			return true;
	return false;
}

void seen_add(struct seen *seen, const uint8_t *secret, const uint8_t digest[SHA256_SIZE])
{
	const struct mark mark = mark_of(secret, digest);
	struct entry *set = seen->sets[mark.high % SETS];
	/* A free entry, or else one that the MAC chooses, which is as good as random. */
	size_t at = mark.low % WAYS;
	for (size_t i = 0; i < WAYS; i++)
		if (atomic_load_explicit(&set[i].high, memory_order_relaxed) == 0)
			at = i;
	atomic_store_explicit(&set[at].high, mark.high, memory_order_relaxed);
	atomic_store_explicit(&set[at].low, mark.low, memory_order_relaxed);
}

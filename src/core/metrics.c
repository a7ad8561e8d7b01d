/*
 * Counts in a slot that only this process writes and any process may read, with relaxed stores and no locks.
 * Prints the sum over all slots. Must never take a label from a request.
 */
#include "core/metrics.h"

#include <assert.h>

static const struct {
	const char *family, *label, *help;
} counters[] = {
#define X(name, family, label, help) { family, label, help },
	COUNTER_TABLE(X)
#undef X
};
static_assert(COUNT_OF(counters) == COUNTER_COUNT, "every counter has its row");

/* Upper bounds of the duration buckets, as printed and in microseconds. */
static const struct {
	const char *text;
	int64_t us;
} buckets[] = {
	{ "0.0005", 500 },
	{ "0.001", 1000 },
	{ "0.0025", 2500 },
	{ "0.005", 5000 },
	{ "0.01", 10000 },
	{ "0.025", 25000 },
	{ "0.05", 50000 },
	{ "0.1", 100000 },
	{ "0.25", 250000 },
	{ "0.5", 500000 },
	{ "1", 1000000 },
	{ "2.5", 2500000 },
};
static_assert(COUNT_OF(buckets) == METRIC_BUCKETS, "every bucket has its bound");

#define HISTOGRAM "tenantd_http_request_duration_seconds"

static struct metrics_slot private_slot;
static struct metrics_slot *mine = &private_slot;

void metrics_use(struct metrics_slot *slot)
{
	mine = slot ? slot : &private_slot;
}

/* A slot has one writer, so that only each load and each store needs to be atomic, not the addition. */
static void add(uint64_t *to, uint64_t n)
{
	__atomic_store_n(to, __atomic_load_n(to, __ATOMIC_RELAXED) + n, __ATOMIC_RELAXED);
}

static uint64_t get(const uint64_t *from)
{
	return __atomic_load_n(from, __ATOMIC_RELAXED);
}

void metrics_count(enum counter c)
{
	if ((unsigned)c >= COUNTER_COUNT)
		BUG("no counter %d", (int)c);
	add(&mine->counters[c], 1);
}

void metrics_request(size_t route, int status, int64_t duration_us)
{
	if (route >= METRIC_ROUTES || status < 100 || status > 599)
		BUG("no metric for route %zu with status %d", route, status);
	if (duration_us < 0)
		duration_us = 0;
	size_t class = (size_t)status / 100 - 1, bucket = 0;
	while (bucket < METRIC_BUCKETS && duration_us > buckets[bucket].us)
		bucket++;
	add(&mine->requests[route][class][bucket], 1);
	add(&mine->duration_us[route][class], (uint64_t)duration_us);
}

uint64_t metrics_value(enum counter c)
{
	if ((unsigned)c >= COUNTER_COUNT)
		BUG("no counter %d", (int)c);
	return get(&mine->counters[c]);
}

struct all {
	const struct metrics_slot *first;
	size_t count, stride;
};

static const struct metrics_slot *slot_at(const struct all *all, size_t i)
{
	return (const void *)((const char *)all->first + i * all->stride);
}

static void print_counters(struct buf *out, const struct all *all)
{
	const char *family = "";
	for (size_t c = 0; c < COUNTER_COUNT; c++) {
		if (strcmp(family, counters[c].family) != 0) {
			family = counters[c].family;
			buf_printf(out, "# HELP %s %s\n# TYPE %s counter\n", family, counters[c].help, family);
		}
		uint64_t sum = 0;
		for (size_t i = 0; i < all->count; i++)
			sum += get(&slot_at(all, i)->counters[c]);
		if (counters[c].label[0] != '\0')
			buf_printf(out, "%s{%s} %llu\n", family, counters[c].label, (unsigned long long)sum);
		else
			buf_printf(out, "%s %llu\n", family, (unsigned long long)sum);
	}
}

/* How many routes there are, and their names. */
struct named {
	size_t count;
	const char *(*name)(size_t);
};

/* The first route with the same name as this one. Routes that differ only in their method share a path, and a
 * series may be printed only once. */
static size_t first_of_name(const struct named *routes, size_t route)
{
	size_t i = 0;
	while (strcmp(routes->name(i), routes->name(route)) != 0)
		i++;
	return i;
}

/* Prints one route's name and status class. Each bucket includes all faster ones, as the format demands. */
static void print_histogram(
	struct buf *out, const struct all *all, const struct named *routes, size_t first, size_t class)
{
	uint64_t sums[METRIC_BUCKETS + 1] = { 0 }, total = 0, us = 0;
	const char *name = routes->name(first);
	for (size_t route = first; route < routes->count; route++) {
		if (strcmp(routes->name(route), name) != 0)
			continue;
		for (size_t i = 0; i < all->count; i++) {
			const struct metrics_slot *slot = slot_at(all, i);
			for (size_t b = 0; b <= METRIC_BUCKETS; b++)
				sums[b] += get(&slot->requests[route][class][b]);
			us += get(&slot->duration_us[route][class]);
		}
	}
	for (size_t b = 0; b <= METRIC_BUCKETS; b++)
		total += sums[b];
	if (total == 0)
		return;
	uint64_t so_far = 0;
	for (size_t b = 0; b <= METRIC_BUCKETS; b++) {
		so_far += sums[b];
		buf_printf(out, HISTOGRAM "_bucket{route=\"%s\",class=\"%zuxx\",le=\"%s\"} %llu\n", name, class + 1,
			b < METRIC_BUCKETS ? buckets[b].text : "+Inf", (unsigned long long)so_far);
	}
	buf_printf(out, HISTOGRAM "_sum{route=\"%s\",class=\"%zuxx\"} %llu.%06llu\n", name, class + 1,
		(unsigned long long)(us / 1000000), (unsigned long long)(us % 1000000));
	buf_printf(out, HISTOGRAM "_count{route=\"%s\",class=\"%zuxx\"} %llu\n", name, class + 1,
		(unsigned long long)total);
}

void metrics_print(struct buf *out, const struct metrics_slot *slots, size_t slot_count, size_t stride,
	size_t routes, const char *(*route_name)(size_t))
{
	const struct all all = { slots, slot_count, stride };
	print_counters(out, &all);
	buf_add(out,
		STR("# HELP " HISTOGRAM " Time from a request's acceptance to its answer\n"
			"# TYPE " HISTOGRAM " histogram\n"));
	const struct named named = { routes < METRIC_ROUTES ? routes : METRIC_ROUTES, route_name };
	for (size_t route = 0; route < named.count; route++)
		for (size_t class = 0; first_of_name(&named, route) == route && class < METRIC_CLASSES; class ++)
			print_histogram(out, &all, &named, route, class);
}

/* The scoreboard as text: the counters of all workers and those of the pool. It only reads. */
#include "pool/scoreboard_print.h"

#include "app/routes.h"

void scoreboard_print(const struct scoreboard *board, struct buf *out)
{
	size_t states[WORKER_STATE_COUNT] = { 0 };
	uint64_t respawns = 0;
	size_t used = atomic_load(&board->slots_used);
	/* METRIC_ROUTES is the most routes there can be; the last one stands for requests without a route. */
	metrics_print(out, &board->slots[0].metrics, used, sizeof(board->slots[0]), METRIC_ROUTES, route_path);
	for (size_t i = 0; i < used; i++) {
		states[atomic_load(&board->slots[i].state)]++;
		respawns += atomic_load(&board->slots[i].respawns);
	}
	buf_add_c(out, "# HELP tenantd_workers Workers by state\n# TYPE tenantd_workers gauge\n");
	for (int s = WORKER_STARTING; s < WORKER_STATE_COUNT; s++)
		buf_printf(
			out, "tenantd_workers{state=\"%s\"} %zu\n", worker_state_name((enum worker_state)s), states[s]);
	const struct {
		const char *name, *help;
		uint64_t value;
	} counters[] = {
		{ "tenantd_worker_respawns_total", "Workers started in place of one that ended", respawns },
		{ "tenantd_watchdog_kills_total",
			"Workers killed because a request passed its deadline, or because they did not look for work for as long",
			atomic_load(&board->watchdog_kills) },
		{ "tenantd_reloads_total", "New configurations accepted on SIGHUP", atomic_load(&board->reloads) },
		{ "tenantd_reloads_refused_total",
			"Configurations or keys refused on SIGHUP: the old ones stay in force",
			atomic_load(&board->reloads_refused) },
	};
	buf_printf(out,
		"# HELP tenantd_key_fetches_total Fetches of issuers' keys\n# TYPE tenantd_key_fetches_total counter\n"
		"tenantd_key_fetches_total{result=\"same\"} %llu\ntenantd_key_fetches_total{result=\"new\"} %llu\n"
		"tenantd_key_fetches_total{result=\"failed\"} %llu\n",
		(unsigned long long)atomic_load(&board->key_fetches_same),
		(unsigned long long)atomic_load(&board->key_fetches_new),
		(unsigned long long)atomic_load(&board->key_fetches_failed));
	buf_printf(out,
		"# HELP tenantd_reload_refused 1 while the configuration on disk is not in force, because it was refused\n"
		"# TYPE tenantd_reload_refused gauge\ntenantd_reload_refused %d\n",
		(int)atomic_load(&board->is_reload_refused));
	buf_printf(out,
		"# HELP tenantd_workers_overdue Workers that stay because their successors do not serve\n"
		"# TYPE tenantd_workers_overdue gauge\ntenantd_workers_overdue %zu\n",
		atomic_load(&board->overdue));
	for (size_t i = 0; i < COUNT_OF(counters); i++)
		buf_printf(out, "# HELP %s %s\n# TYPE %s counter\n%s %llu\n", counters[i].name, counters[i].help,
			counters[i].name, counters[i].name, (unsigned long long)counters[i].value);
}

/*
 * Fairness between tenants (T133): the slow requests of one tenant never occupy more workers than its share, however many
 * clients send them, and its quick requests are never refused. FAIRNESS_SHARE in the environment sets [server]
 * tenant_share, for example to see how long others wait without such a bound.
 */
#include "core/clock.h"
#include "data_world.h"

#include <stdatomic.h>

enum { GREEDY = 8, BURST = 32, ASKING_S = 6, WORST_MS = 1000 /* a fifth of the statement timeout */ };

#define NAP "/v1/data/things/nap"
#define LIST "/v1/data/things?limit=1"

static atomic_int refused, served, failed;
static atomic_bool enough;
static int64_t worst_ms;

static void count(const struct http_reply *r)
{
	bool is_refusal = r->status == 429;
	if (is_refusal && header_is(r, "Retry-After", "1") && http_is(r, 429, "too_many_requests"))
		refused++;
	else if (r->status == 200)
		served++;
	else
		failed++;
}

static void nap_on(void)
{
	while (!enough) {
		struct http_reply r = HTTP("POST", NAP, .token = w.token, .body = "{}");
		count(&r);
		http_forget();
	}
}

/* Begins when the greedy tenant has had workers, perhaps more than its share, and goes on until it had them several
 * times. */
static void ask_as_another(void)
{
	UNTIL(SOON_S, served > 1);
	for (int64_t end = clock_mono_us() + ASKING_S * 1000000; clock_mono_us() < end;) {
		int64_t began = clock_mono_us();
		struct http_reply r = HTTP("GET", LIST, .token = w.other);
		int64_t ms = (clock_mono_us() - began) / 1000;
		CU_ASSERT(http_is(&r, 200, ""));
		worst_ms = ms > worst_ms ? ms : worst_ms;
		http_forget();
		poll(NULL, 0, 20);
	}
	enough = true;
}

static void be_one_of_many(size_t number, void *arg)
{
	(void)arg;
	if (number == 0)
		ask_as_another();
	else
		nap_on();
}

static void a_greedy_tenant_leaves_a_worker_to_others(void) /* T133 */
{
	begin();
	int64_t before = http_metric("tenantd_tenant_share_refused_total");
	in_parallel(1 + GREEDY, be_one_of_many, NULL);
	fprintf(stderr, "  the other tenant waited %lld ms at most; %d slow requests were served, %d refused\n",
		(long long)worst_ms, served, refused);
	CU_ASSERT(worst_ms < WORST_MS);
	CU_ASSERT(refused > 0 && served > 0);
	CU_ASSERT_EQUAL(failed, 0);
	CU_ASSERT_EQUAL(http_metric("tenantd_tenant_share_refused_total") - before, refused);
	http_forget();
}

static void ask_quickly(size_t number, void *arg)
{
	(void)number;
	(void)arg;
	struct http_reply r = HTTP("GET", LIST, .token = w.token);
	count(&r);
	http_forget();
}

static void a_burst_of_quick_requests_is_answered_whole(void) /* T133 */
{
	begin();
	served = refused = failed = 0;
	in_parallel(BURST, ask_quickly, NULL);
	CU_ASSERT_EQUAL(served, BURST);
	CU_ASSERT_EQUAL(refused, 0);
	CU_ASSERT_EQUAL(failed, 0);
	http_forget();
}

int main(void)
{
	static const struct unit_test tests[] = {
		TEST(a_greedy_tenant_leaves_a_worker_to_others),
		TEST(a_burst_of_quick_requests_is_answered_whole),
	};
	stack_set("server", "tenant_share", getenv("FAIRNESS_SHARE"));
	data_up("CREATE FUNCTION app.nap(json) RETURNS json LANGUAGE sql SET search_path = pg_catalog, pg_temp"
			" AS $$ SELECT to_json(pg_sleep(1.5)::text) $$;"
			"SELECT tenantd.register_action('things', 'nap', 'app.nap(json)', on_collection => true)");
	return unit_main("fairness", tests, COUNT_OF(tests));
}

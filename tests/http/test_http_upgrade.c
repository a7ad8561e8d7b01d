/*
 * An upgrade of the functions while the pool serves: `tenantctl migrate up` replaces them in place, and whoever asks
 * meanwhile gets the old answer or the new one, and never a refusal. The functions of another interface stop the pool until the
 * program of that interface is started, which are the steps of docs/operations.md.
 */
#include "core/clock.h"
#include "data_world.h"

#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

enum { WORKERS = 3, BEFORE = 1, AFTER = 1, ODD_SHOWN = 5 };

#define ME "/v1/auth/me"
#define BOOTSTRAP "/v1/auth/bootstrap"

/* What the callers send without a pause, each in a thread of its own. */
static const struct call {
	const char *method, *target, *body;
	int status;
	bool is_newcomer; /* somebody else each time, who gets a tenant */
} calls[] = {
	{ "GET", "/v1/tenant", NULL, 200, false }, { "POST", BOOTSTRAP, NULL, 200, false },
	{ "GET", ME, NULL, 200, false }, { "POST", BOOTSTRAP, NULL, 200, true },
	{ "GET", THINGS "?limit=1", NULL, 200, false }, { "POST", THINGS, "{\"name\":\"thing\"}", 201, false },
	{ "POST", THINGS "/nap", "{}", 200, false }, /* takes longer than others wait for a lock */
};

enum phase { PHASE_BEFORE, PHASE_DURING, PHASE_AFTER, PHASES };

/* One upgrade beside requests. */
static struct {
	const char *directory; /* the migrations of the next release */
	const char *release; /* what /v1/auth/me says of itself when its functions are there */
	const char *tokens[COUNT_OF(calls)];
	_Atomic(enum phase) phase;
	atomic_bool stop;
	atomic_size_t good[COUNT_OF(calls)][PHASES], odd, refused;
	bool is_interrupted; /* by a restart: 503 is an answer, too, and 500 of the web server */
	int result; /* of tenantctl */
	bool is_proven; /* by every worker, after it */
	size_t complaints; /* in the log, until it was over */
} upgrade;

static void note_odd(const struct call *call, enum phase phase, const struct http_reply *r)
{
	if (atomic_fetch_add(&upgrade.odd, 1) < ODD_SHOWN)
		fprintf(stderr, "  %s %s in phase %d: %d %.*s\n", call->method, call->target, (int)phase, r->status,
			STR_ARG(r->body));
}

static void keep_asking(size_t number)
{
	const struct call *call = &calls[number];
	for (int i = 0; !upgrade.stop; i++) {
		enum phase phase = upgrade.phase;
		const char *bearer = upgrade.tokens[number];
		if (call->is_newcomer)
			bearer = token(text_of("newcomer-%s-%d", upgrade.release, i), NULL, "dev");
		struct http_reply r = HTTP(call->method, call->target, .token = bearer, .body = call->body);
		if (r.status == call->status)
			upgrade.good[number][phase]++;
		else if (upgrade.is_interrupted && (r.status == 503 || r.status == 500))
			upgrade.refused++;
		else
			note_odd(call, phase, &r);
		http_forget();
	}
}

/* True when each caller was answered so often in this phase. */
static bool all_were_answered(enum phase phase, size_t times)
{
	for (size_t i = 0; i < COUNT_OF(calls); i++)
		if (upgrade.good[i][phase] < times)
			return false;
	return true;
}

static bool says_release(void)
{
	struct http_reply r = HTTP("GET", ME, .token = upgrade.tokens[0]);
	return r.status == 200 && strcmp(http_text(&r, "release"), upgrade.release) == 0;
}

static int tenantctl_up(void)
{
	const char *tenantd = stack_program();
	const char *config = text_of("%s/tenantd.ini", stack_dir());
	char *argv[] = { (char *)text_of("%.*sctl", (int)strlen(tenantd) - 1, tenantd), (char *)"migrate",
		(char *)"up", (char *)"--config", (char *)config, (char *)"--directory", (char *)upgrade.directory,
		NULL };
	return cluster_run(stack_cluster(), argv);
}

static size_t complaints(void)
{
	return stack_log("isolation.open", NULL) + stack_log("worker.refuses", NULL);
}

/* How many workers passed the gate again since the mark in the log. */
static size_t proven_workers(void)
{
	size_t count = 0;
	for (int slot = 0; slot < 2 * WORKERS; slot++)
		count += stack_log("isolation.proven", text_of("\"slot\":%d}", slot)) > 0;
	return count;
}

/* One more change that the gate sees, after those of the upgrade: whoever passes the gate for it has seen both. */
static bool is_proven_by_all(void)
{
	upgrade.complaints += complaints();
	stack_log_mark();
	cluster_sql(stack_cluster(), "stack", text_of("CREATE TABLE public.seen_%s ()", upgrade.release));
	UNTIL(SOON_S, proven_workers() >= WORKERS || upgrade.odd > 0);
	return proven_workers() >= WORKERS;
}

/* The operator, who waits for the callers before and after; and ends their asking, whatever happened. */
static void bring_forward(void)
{
	UNTIL(SOON_S, all_were_answered(PHASE_BEFORE, BEFORE) || upgrade.odd > 0);
	upgrade.phase = PHASE_DURING;
	upgrade.result = tenantctl_up();
	upgrade.phase = PHASE_AFTER;
	upgrade.is_proven = is_proven_by_all();
	size_t seen[COUNT_OF(calls)];
	for (size_t i = 0; i < COUNT_OF(calls); i++)
		seen[i] = upgrade.good[i][PHASE_AFTER];
	for (size_t i = 0; i < COUNT_OF(calls); i++)
		UNTIL(SOON_S, upgrade.good[i][PHASE_AFTER] >= seen[i] + AFTER || upgrade.odd > 0);
	upgrade.stop = true;
}

static void be_one_of_them(size_t number, void *unused)
{
	(void)unused;
	if (number == COUNT_OF(calls))
		bring_forward();
	else
		keep_asking(number);
}

static size_t answered_in(enum phase phase)
{
	size_t sum = 0;
	for (size_t i = 0; i < COUNT_OF(calls); i++)
		sum += upgrade.good[i][phase];
	return sum;
}

/* A copy of the files of the schema, as the release before had them, whose me() names its release; `more` is a command that
 * changes more in the copy. */
static void make_release(const char *release, const char *more)
{
	static char before[PATH_MAX];
	memset(&upgrade, 0, sizeof(upgrade));
	const char *at = text_of("%s/release-%s", stack_dir(), release);
	if (!before[0])
		snprintf(before, sizeof(before), "%s", cluster_sources());
	const char *command = text_of(
		"mkdir '%s' && cp -r '%s/migrations' '%s/functions' '%s/' && cd '%s/functions' && "
		"sed -i \"s/ 'release', '[a-z]*',//; s/^    'env', c.env,$/    'env', c.env, 'release', '%s',/\" identity.sql && grep -q \"'release'\" identity.sql && %s",
		at, before, before, at, at, release, more);
	CU_ASSERT_EQUAL_FATAL(system(command), 0);
	snprintf(before, sizeof(before), "%s", at);
	upgrade.directory = text_of("%s/migrations", at);
	upgrade.release = release;
}

static void prepare_callers(void)
{
	begin();
	for (size_t i = 0; i < COUNT_OF(calls); i++)
		upgrade.tokens[i] = i % 2 ? w.other : w.token;
	const char *slow = someone("slow");
	upgrade.tokens[COUNT_OF(calls) - 1] = token(slow, active_tenant_of(slow), "dev");
	CU_ASSERT_FALSE(says_release());
	stack_log_mark();
}

static void upgrade_beside_requests(void)
{
	prepare_callers();
	in_parallel(COUNT_OF(calls) + 1, be_one_of_them, NULL);
	fprintf(stderr, "  release %s: %zu requests before, %zu during and %zu after\n", upgrade.release,
		answered_in(PHASE_BEFORE), answered_in(PHASE_DURING), answered_in(PHASE_AFTER));
	CU_ASSERT_EQUAL(upgrade.result, 0);
	CU_ASSERT_EQUAL(upgrade.odd, 0);
	CU_ASSERT(all_were_answered(PHASE_BEFORE, BEFORE));
	CU_ASSERT(answered_in(PHASE_DURING) > 0);
	CU_ASSERT(all_were_answered(PHASE_AFTER, AFTER));
	CU_ASSERT(upgrade.is_proven);
	CU_ASSERT_EQUAL(upgrade.complaints + complaints(), 0);
	CU_ASSERT(says_release());
	http_forget();
}

static void a_changed_function_is_changed_in_place_without_a_failed_request(void)
{
	make_release("one", "true");
	upgrade_beside_requests();
}

/* As with a release that touches everything: the walls are built anew, too, under the feet of those who ask. */
static void all_functions_and_walls_are_made_anew_without_a_failed_request(void)
{
	make_release("all", "for f in *.sql; do echo '-- Of another release.' >>$f; done");
	upgrade_beside_requests();
}

/* From this release to one with another table and another column, with the workers of this one. */
static void a_new_migration_is_run_without_a_failed_request(void)
{
	make_release("table",
		"n=$(ls ../migrations | tail -n 1 | cut -c 1-4) && printf '%s\\n' 'ALTER TABLE tenantd.tenants ADD COLUMN next text;'"
		" 'ALTER TABLE tenantd.users ADD COLUMN next text;' >../migrations/$(printf %04d $((1$n - 9999)))_next.sql");
	upgrade_beside_requests();
	CU_ASSERT_EQUAL(
		ask_number("SELECT count(*) FROM information_schema.columns WHERE column_name = 'next'"), 2);
}

/* The old workers stop by themselves, and the new ones, which would not serve the old database, are started. */
static void replace_the_program(void)
{
	UNTIL(SOON_S, all_were_answered(PHASE_BEFORE, BEFORE) || upgrade.odd > 0);
	upgrade.phase = PHASE_DURING;
	upgrade.result = tenantctl_up();
	UNTIL(SOON_S, stack_log("worker.refuses", "install the tenantd") > 0);
	CU_ASSERT(stack_log("worker.refuses", "install the tenantd") > 0);
	int64_t begun = clock_mono_us();
	CU_ASSERT_EQUAL(stack_pool_stop(SIGTERM), 0);
	setenv("TENANTD_PROGRAM", TEST_BUILD_DIR "/tenantd_next", 1);
	stack_pool_launch();
	UNTIL(SOON_S, says_release());
	fprintf(stderr, "  the restart took %lld ms\n", (long long)(clock_mono_us() - begun) / 1000);
	upgrade.phase = PHASE_AFTER;
	UNTIL(SOON_S, all_were_answered(PHASE_AFTER, AFTER) || upgrade.odd > 0);
	upgrade.stop = true;
}

static void ask_on(size_t number, void *unused)
{
	(void)unused;
	keep_asking(number);
}

static void *all_ask(void *unused)
{
	in_parallel(COUNT_OF(calls), ask_on, unused);
	return NULL;
}

static void the_steps_to_another_interface_interrupt_nobody_for_good(void)
{
	make_release("two",
		"sed -i '/FUNCTION tenantd.interface/{n;s/SELECT 1/SELECT 2/}' context.sql && grep -q 'SELECT 2' context.sql");
	upgrade.is_interrupted = true;
	prepare_callers();
	pthread_t callers;
	CU_ASSERT_FATAL(pthread_create(&callers, NULL, all_ask, NULL) == 0);
	replace_the_program(); /* by this thread: what it starts ends with it */
	pthread_join(callers, NULL);
	fprintf(stderr, "  release two: %zu requests were not served\n", upgrade.refused);
	CU_ASSERT_EQUAL(upgrade.result, 0);
	CU_ASSERT_EQUAL(upgrade.odd, 0);
	CU_ASSERT(all_were_answered(PHASE_AFTER, AFTER));
	bool is_new = false;
	UNTIL(SOON_S, (is_new = says_release()));
	CU_ASSERT(is_new);
	CU_ASSERT_EQUAL(stack_log("isolation.open", NULL), 0);
	http_forget();
}

static void set_interface(int number)
{
	sql("SET ROLE tenantd_owner; CREATE OR REPLACE FUNCTION tenantd.interface() RETURNS integer"
		" LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT %d $$;"
		" SELECT tenantd.expect_objects(); RESET ROLE",
		number);
}

static void a_worker_of_another_interface_does_not_serve(void)
{
	const char *bearer = token(someone("interface"), NULL, "dev");
	struct http_reply r = HTTP("GET", ME, .token = bearer);
	CU_ASSERT(http_is(&r, 200, ""));
	stack_log_mark();
	set_interface(2);
	bool is_refused = false;
	UNTIL(SOON_S, (is_refused = all_workers_answer(bearer, ME, 503)));
	CU_ASSERT(is_refused);
	r = HTTP("GET", ME, .token = bearer);
	CU_ASSERT(http_is(&r, 503, "unavailable"));
	CU_ASSERT_PTR_NULL(strstr(r.body.at, "interface"));
	r = HTTP("GET", "/readyz");
	CU_ASSERT(http_is(&r, 503, "unavailable"));
	CU_ASSERT(stack_log("worker.refuses",
				  "the database has interface 2 and this tenantd has 1: install the tenantd") > 0);
	CU_ASSERT_EQUAL(stack_log("isolation.open", NULL), 0);
	/* Nor does one that starts with it. */
	stack_log_mark();
	CU_ASSERT_EQUAL(stack_pool_stop(SIGTERM), 0);
	set_interface(0);
	stack_pool_launch();
	UNTIL(SOON_S,
		stack_log("worker.refuses",
			"the database has interface 0 and this tenantd has 1: run tenantctl migrate up") > 0);
	CU_ASSERT(stack_log("worker.refuses",
				  "the database has interface 0 and this tenantd has 1: run tenantctl migrate up") > 0);
	set_interface(1);
	bool is_whole = false;
	UNTIL(SOON_S, (is_whole = stack_is_whole()));
	CU_ASSERT(is_whole);
	r = HTTP("GET", ME, .token = bearer);
	CU_ASSERT(http_is(&r, 200, ""));
	http_forget();
}

int main(void)
{
	static const struct unit_test tests[] = {
		TEST(a_changed_function_is_changed_in_place_without_a_failed_request),
		TEST(all_functions_and_walls_are_made_anew_without_a_failed_request),
		TEST(a_new_migration_is_run_without_a_failed_request),
		TEST(a_worker_of_another_interface_does_not_serve),
		TEST(the_steps_to_another_interface_interrupt_nobody_for_good), /* the last: there is no way back */
	};
	static char admin[160];
	stack_set("tenancy", "gate_interval", "1");
	stack_set("server", "workers", "3");
	/* On a busy machine whoever asks may be slow, and the nap more so: what is counted here is refusals. */
	stack_set("server", "tenant_share", "3");
	stack_set("limits", "statement_timeout", "30000");
	stack_set("limits", "read_timeout", "30000");
	stack_set("limits", "request_deadline", "60000");
	data_up("CREATE FUNCTION app.nap(json) RETURNS json LANGUAGE sql SET search_path = pg_catalog, pg_temp"
			" AS $$ SELECT to_json(pg_sleep(3.5)::text) $$;"
			"SELECT tenantd.register_action('things', 'nap', 'app.nap(json)', on_collection => true)");
	snprintf(
		admin, sizeof(admin), "%s", arena_cstr(http_arena(), stack_url(http_arena(), "tenantd_migrator")));
	stack_set("database", "admin_url", admin);
	stack_write_config();
	return unit_main("upgrade", tests, COUNT_OF(tests));
}

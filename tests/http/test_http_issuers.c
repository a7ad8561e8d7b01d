/*
 * An issuer whose keys are fetched: from its discovery to a request that is answered, while it rotates its keys, is away,
 * and while tokens with unknown keys come in. No request ever waits for the issuer.
 */
#include "support/http.h"
#include "support/origin.h"
#include "support/stack.h"
#include "support/unit.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

enum { PAUSE_S = 3, STORM = 400 };

#define DISCOVERY "/.well-known/openid-configuration"

static struct arena *life;
static char iss[64];
static char dir[64], file[96]; /* where the set is kept */
static struct str pems[4]; /* private keys, the issuer's one after the other */
static struct str jwks[4];

static const char *kid_of(size_t key)
{
	return text_of("far%zu", key);
}

/* A token of the issuer, signed with this key. */
static const char *signed_with(size_t key)
{
	const char *header = text_of("{\"alg\":\"ES256\",\"typ\":\"JWT\",\"kid\":\"%s\"}", kid_of(key));
	return arena_cstr(http_arena(),
		craft(http_arena(), "ES256", pems[key], str_c(header), CLAIMS_NOW(iss, { NULL, NULL })));
}

static int status_of(size_t key)
{
	return HTTP("GET", "/v1/auth/me", .token = signed_with(key), .env = "dev").status;
}

/* True when so many answers in a row are this one that every worker has probably given one. */
static bool all_answer(size_t key, int status)
{
	for (int i = 0; i < 8; i++)
		if (status_of(key) != status)
			return false;
	return true;
}

/* The issuer publishes the keys from number `from` up to and without `to`. */
static void publish(size_t from, size_t to)
{
	struct provider p = { .arena = life };
	origin_says(
		"/keys", "200 OK", "Content-Type: application/json\r\n", provider_jwks(&p, jwks + from, to - from));
}

static void make_keys(void)
{
	struct error err = ERROR_INIT;
	for (size_t i = 0; i < COUNT_OF(pems); i++)
		if (!token_key_new(life, STR("ES256"), arena_printf(life, "far%zu", i), &pems[i], &jwks[i], &err))
			exit(EXIT_FAILURE);
}

/* ---- while keys rotate, good tokens are used all the time ---- */

static struct {
	atomic_bool stop;
	atomic_int key; /* tokens of this key are good now */
	atomic_size_t asked, failed;
	atomic_int refused_with; /* the status of the last that failed */
} load;

static void one_client(size_t number, void *arg)
{
	(void)number, (void)arg;
	while (!load.stop) {
		/* Behind mod_fcgid a request may wait until its key is no longer good. */
		int key = load.key;
		int status = status_of((size_t)key);
		if (status != 200 && key == load.key) {
			atomic_fetch_add(&load.failed, 1);
			load.refused_with = status;
		}
		atomic_fetch_add(&load.asked, 1);
		http_forget();
	}
}

static void *all_clients(void *arg)
{
	in_parallel(4, one_client, arg);
	return NULL;
}

/* T112: a key that is new is taken as soon as its first token came, and one that is gone is refused. */
static void keys_rotate_under_load_and_no_request_fails(void)
{
	pthread_t clients;
	bool came = false;
	pid_t before[STACK_WORKERS];
	UNTIL(SOON_S, (came = all_answer(0, 200)));
	CU_ASSERT_FATAL(came);
	size_t count = stack_workers(before, COUNT_OF(before));
	load.key = 0;
	CU_ASSERT_FATAL(pthread_create(&clients, NULL, all_clients, NULL) == 0);
	publish(0, 2);
	UNTIL(SOON_S, (came = status_of(1) == 200));
	CU_ASSERT(came);
	/* A worker that does not know the new key may serve beside those that do, and be busy whenever one asks. */
	CU_ASSERT(stack_workers_end(before, count));
	UNTIL(SOON_S, (came = all_answer(1, 200)));
	CU_ASSERT(came);
	load.key = 1;
	publish(1, 2);
	stack_log_mark();
	/* The old key goes with the next fetch that anything causes. */
	UNTIL(SOON_S, (came = status_of(2) == 401 && all_answer(0, 401)));
	CU_ASSERT(came);
	size_t asked = load.asked;
	UNTIL(SOON_S, load.asked > asked + 50);
	load.stop = true;
	pthread_join(clients, NULL);
	CU_ASSERT_EQUAL(load.failed, 0);
	fprintf(stderr, "  %zu requests, %zu of them failed, the last with %d\n", load.asked, load.failed,
		load.refused_with);
}

/* T8 */
static void unknown_keys_cause_no_storm_of_fetches(void)
{
	size_t before = origin_asked("/keys");
	int64_t begun = clock_mono_us();
	for (int i = 0; i < STORM; i++)
		CU_ASSERT_EQUAL(status_of(2 + (size_t)i % 2), 401);
	int64_t most = 2 + (clock_mono_us() - begun) / (PAUSE_S * INT64_C(1000000));
	CU_ASSERT((int64_t)(origin_asked("/keys") - before) <= most);
	bool came = false;
	/* The one that was asked for comes. */
	UNTIL(SOON_S,
		(came = status_of(2) == 401 && origin_asked("/keys") > before &&
				http_metric("tenantd_key_fetches_total{result=\"same\"}") >= 1));
	CU_ASSERT(came);
	CU_ASSERT(http_metric("tenantd_key_fetches_total{result=\"new\"}") >= 2);
}

static void the_last_good_set_survives_an_outage_and_a_restart(void)
{
	bool came = false;
	origin_dies();
	stack_log_mark();
	UNTIL(SOON_S, (came = status_of(2) == 401 && stack_log("keys.not_fetched", "cannot be fetched") > 0));
	CU_ASSERT(came);
	CU_ASSERT(all_answer(1, 200));
	CU_ASSERT_EQUAL(stack_pool_stop(SIGTERM), 0);
	stack_pool_launch();
	stack_pool_wait();
	CU_ASSERT(all_answer(1, 200));
	CU_ASSERT(http_metric("tenantd_key_fetches_total{result=\"failed\"}") >= 1);
}

static void a_bad_set_never_replaces_a_good_one(void)
{
	bool came = false;
	stack_log_mark();
	origin_says("/keys", "200 OK", "", STR("{\"keys\":[]}"));
	UNTIL(SOON_S, (came = status_of(2) == 401 && stack_log("keys.not_fetched", "no key for algorithm") > 0));
	CU_ASSERT(came);
	CU_ASSERT(all_answer(1, 200));
	CU_ASSERT_EQUAL(stack_log("master.renewed", NULL), 0);
}

static void an_issuer_that_is_away_at_the_first_start_keeps_nobody_out(void)
{
	bool came = false;
	CU_ASSERT_EQUAL(stack_pool_stop(SIGTERM), 0);
	CU_ASSERT_EQUAL(unlink(file), 0);
	origin_dies();
	stack_log_mark();
	stack_pool_launch();
	stack_pool_wait();
	CU_ASSERT(stack_log("keys.awaited", "far") > 0);
	CU_ASSERT(all_answer(1, 401));
	CU_ASSERT_EQUAL(HTTP("GET", "/v1/auth/me", .token = token("ann", NULL, "dev")).status, 200);
	publish(1, 2);
	UNTIL(SOON_S, (came = all_answer(1, 200)));
	CU_ASSERT(came);
}

int main(void)
{
	static const struct unit_test tests[] = {
		TEST(keys_rotate_under_load_and_no_request_fails),
		TEST(unknown_keys_cause_no_storm_of_fetches),
		TEST(the_last_good_set_survives_an_outage_and_a_restart),
		TEST(a_bad_set_never_replaces_a_good_one),
		TEST(an_issuer_that_is_away_at_the_first_start_keeps_nobody_out),
	};
	life = arena_new(65536);
	snprintf(iss, sizeof(iss), "http://127.0.0.1:%d", origin_begin());
	files_begin(dir, sizeof(dir), "far");
	stack_lend(dir);
	snprintf(file, sizeof(file), "%s/far.jwks.json", dir);
	make_keys();
	stack_set("issuer.far", "issuer", iss);
	stack_set("issuer.far", "audience", "tenantd");
	stack_set("issuer.far", "algorithms", "ES256");
	stack_set("issuer.far", "discovery", "on");
	stack_set("issuer.far", "jwks_file", file);
	stack_set("auth", "jwks_pause", "3");
	origin_says(DISCOVERY, "200 OK", "",
		arena_printf(life, "{\"issuer\":\"%s\",\"jwks_uri\":\"%s/keys\"}", iss, iss));
	publish(0, 1);
	stack_up();
	int status = unit_main("issuers", tests, COUNT_OF(tests));
	files_end(dir);
	return status;
}

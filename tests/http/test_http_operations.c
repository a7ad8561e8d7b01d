/*
 * The steps of docs/operations.md that an operator takes while everybody works: the context key, the keys of tenantd's own
 * issuer and of others, and a password of the database are changed under a load that must not notice, and a backup is
 * restored into another cluster, which serves.
 */
#include "soak_load.h"
#include "support/http.h"
#include "support/stack.h"
#include "support/unit.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

enum { MOVED = 100, WORKERS = 3 };

#define PASSWORD "a fine long phrase"

/* ---- the operator ---- */

/* Runs tenantctl with the stack's configuration; its words are parted by single spaces. */
static int tenantctl(const char *words)
{
	char *argv[16] = { (char *)text_of("%.*sctl", (int)strlen(stack_program()) - 1, stack_program()) };
	size_t n = 1;
	for (char *rest = (char *)text_of("%s", words), *word;
		 n < COUNT_OF(argv) - 3 && (word = strtok_r(NULL, " ", &rest));)
		argv[n++] = word;
	argv[n++] = (char *)"--config";
	argv[n++] = (char *)text_of("%s/tenantd.ini", stack_dir());
	return cluster_run(stack_cluster(), argv);
}

/* SIGHUP, and every worker is another one afterwards. stack_reload() would wait for a pool at rest, which it is not. */
static void reload(void)
{
	pid_t before[WORKERS];
	size_t count = stack_workers(before, WORKERS);
	CU_ASSERT_EQUAL(count, WORKERS);
	stack_write_config();
	kill(stack_master(), SIGHUP);
	CU_ASSERT_FATAL(stack_workers_end(before, count));
}

/* ---- the load ---- */

static const struct soak_plan plan = { .tenants = 12, .connections = 24, .at_once = 6, .window = 3 };

static void wait_for_requests(void)
{
	size_t seen = soak_tally().requests;
	UNTIL(SOON_S, soak_tally().requests >= seen + MOVED);
	CU_ASSERT(soak_tally().requests >= seen + MOVED);
}

/* ---- keys ---- */

static void the_context_key_is_changed_under_load(void)
{
	static char path[96];
	snprintf(path, sizeof(path), "%s/context.key.2", stack_dir());
	soak_begin(&plan);
	const char *old = ask("SELECT id FROM tenantd.context_keys");
	wait_for_requests();
	CU_ASSERT_EQUAL(tenantctl(text_of("context-key new %s", path)), 0);
	stack_set("tenancy", "context_key_file", path);
	stack_write_config();
	CU_ASSERT_EQUAL(tenantctl("context-key add"), 0);
	CU_ASSERT_EQUAL(ask_number("SELECT count(*) FROM tenantd.context_keys"), 2);
	wait_for_requests();
	reload();
	wait_for_requests();
	CU_ASSERT_EQUAL(tenantctl(text_of("context-key drop %s", old)), 0);
	wait_for_requests();
	CU_ASSERT_STRING_NOT_EQUAL(ask("SELECT string_agg(id, ' ') FROM tenantd.context_keys"), old);
	soak_end();
	struct soak_tally t = soak_tally();
	CU_ASSERT_EQUAL(t.failed, 0);
	CU_ASSERT(t.requests > 0);
	stack_pool_wait();
	CU_ASSERT(all_workers_answer(NULL, "/readyz", 200));
}

/* The server asks the workers' role for a password from now on. */
static void demand_passwords(void)
{
	char path[96];
	snprintf(path, sizeof(path), "%s/data/pg_hba.conf", stack_cluster()->dir);
	FILE *f = fopen(path, "we"); /* keeps its owner */
	CU_ASSERT_FATAL(f && fputs("local all tenantd_app scram-sha-256\nlocal all all trust\n", f) > 0);
	CU_ASSERT_FATAL(fclose(f) == 0);
	sql("SELECT pg_reload_conf()");
}

static void use_password(const char *password, char *url, size_t size)
{
	snprintf(url, size, "%s password=%s", stack_url(http_arena(), "tenantd_app").at, password);
	stack_set("database", "url", url);
}

static void a_database_password_is_changed_under_load(void)
{
	static char first_url[160], second_url[160];
	sql("ALTER ROLE tenantd_app PASSWORD 'one'");
	use_password("one", first_url, sizeof(first_url));
	demand_passwords();
	soak_begin(&plan);
	wait_for_requests();
	reload(); /* whoever connects gives the password */
	wait_for_requests();
	sql("ALTER ROLE tenantd_app PASSWORD 'two'");
	wait_for_requests();
	use_password("two", second_url, sizeof(second_url));
	reload();
	wait_for_requests();
	soak_end();
	CU_ASSERT_EQUAL(soak_tally().failed, 0);
	/* It was asked for: the old one lets nobody in, and the workers go on. */
	stack_log_mark();
	use_password("one", first_url, sizeof(first_url));
	stack_write_config();
	kill(stack_master(), SIGHUP);
	UNTIL(SOON_S, stack_log("worker.refuses", "password authentication failed") > 0);
	CU_ASSERT(stack_log("worker.refuses", "password authentication failed") > 0);
	CU_ASSERT_EQUAL(HTTP("GET", "/readyz").status, 200);
	use_password("two", second_url, sizeof(second_url));
	stack_reload();
}

static struct {
	_Atomic(const char *) bearer;
	atomic_bool stop;
	atomic_size_t good, bad;
} asking;

static void *keep_asking(void *unused)
{
	(void)unused;
	while (!asking.stop) {
		bool is_good = HTTP("GET", "/v1/auth/me", .token = asking.bearer).status == 200;
		(void)atomic_fetch_add(is_good ? &asking.good : &asking.bad, 1);
		http_forget();
	}
	http_leave_thread();
	return NULL;
}

static void be_asked(void)
{
	size_t seen = asking.good;
	UNTIL(SOON_S, asking.good >= seen + MOVED || asking.bad > 0);
}

static const char *bearer_of(const char *email)
{
	struct http_reply r = HTTP("POST", "/v1/auth/login", .env = "dev",
		.body = text_of("{\"email\":\"%s\",\"password\":\"" PASSWORD "\"}", email));
	CU_ASSERT_FATAL(http_is(&r, 200, ""));
	return http_text(&r, "access_token");
}

static const char *first, *second;

static void change_issuer_key(void)
{
	const char *email = "rotation@example.com";
	be_asked();
	CU_ASSERT_EQUAL(tenantctl("keys new --kid second"), 0);
	reload();
	be_asked();
	CU_ASSERT_EQUAL(tenantctl("keys activate second"), 0);
	reload();
	be_asked(); /* by the token of the first key, which is good until it expires */
	second = bearer_of(email);
	asking.bearer = second;
	CU_ASSERT(all_workers_answer(first, "/v1/auth/me", 200));
	CU_ASSERT_EQUAL(tenantctl("keys retire first"), 0);
	reload();
	be_asked();
	asking.stop = true;
}

static void the_own_issuers_key_is_changed_under_load(void)
{
	struct http_reply r = HTTP("POST", "/v1/auth/signup", .env = "dev",
		.body = "{\"email\":\"rotation@example.com\",\"password\":\"" PASSWORD "\",\"name\":\"Rota\"}");
	CU_ASSERT_FATAL(http_is(&r, 201, ""));
	first = http_text(&r, "access_token");
	asking.bearer = first;
	pthread_t aside;
	CU_ASSERT_FATAL(pthread_create(&aside, NULL, keep_asking, NULL) == 0);
	change_issuer_key();
	pthread_join(aside, NULL);
	CU_ASSERT_EQUAL(asking.bad, 0);
	CU_ASSERT(asking.good > 4 * MOVED);
	CU_ASSERT(all_workers_answer(second, "/v1/auth/me", 200));
	CU_ASSERT(all_workers_answer(first, "/v1/auth/me", 401));
}

/* A token of the main issuer by this key. */
static const char *signed_by(struct str key, const char *header)
{
	struct str claims = CLAIMS_NOW(ISS_MAIN, { "sub", "\"by-a-file\"" }, { "env", "\"dev\"" });
	return arena_cstr(http_arena(), craft(http_arena(), "ES256", key, str_c(header), claims));
}

static void put_set(const struct str *keys, size_t count)
{
	struct provider *p = stack_provider();
	(void)provider_file(p, "jwks.json", provider_jwks(p, keys, count));
	reload();
	wait_for_requests();
}

static int status_of(const char *bearer)
{
	return HTTP("POST", "/v1/auth/bootstrap", .token = bearer).status;
}

static void the_keys_of_an_issuer_in_a_file_are_changed_under_load(void)
{
	struct provider *p = stack_provider();
	struct error err = ERROR_INIT;
	struct str pem, jwk;
	CU_ASSERT_FATAL(token_key_new(p->arena, STR("ES256"), STR("es2"), &pem, &jwk, &err));
	soak_begin(&plan);
	wait_for_requests();
	const char *old = signed_by(p->es, HEADER_ES);
	const char *new = signed_by(pem, "{\"alg\":\"ES256\",\"typ\":\"JWT\",\"kid\":\"es2\"}");
	CU_ASSERT_EQUAL(status_of(new), 401);
	put_set((const struct str[]){ p->jwk_es, p->jwk_rs, p->jwk_ed, jwk }, 4);
	CU_ASSERT_EQUAL(status_of(old), 200);
	CU_ASSERT_EQUAL(status_of(new), 200);
	soak_end();
	CU_ASSERT_EQUAL(soak_tally().failed, 0);
	/* Its tokens have expired, so to speak: the old one goes. */
	(void)provider_file(
		p, "jwks.json", provider_jwks(p, (const struct str[]){ p->jwk_rs, p->jwk_ed, jwk }, 3));
	stack_reload();
	CU_ASSERT_EQUAL(status_of(old), 401);
	CU_ASSERT_EQUAL(status_of(new), 200);
	(void)provider_file(
		p, "jwks.json", provider_jwks(p, (const struct str[]){ p->jwk_es, p->jwk_rs, p->jwk_ed }, 3));
	stack_reload();
}

static void a_shared_secret_has_no_time_in_between(void)
{
	struct provider *p = stack_provider();
	struct str other = STR("another-secret-of-more-than-32-bytes");
	struct str claims = CLAIMS_NOW(ISS_SHARED, { "sub", "\"shared\"" }, { "env", "\"dev\"" });
	struct str header = STR("{\"alg\":\"HS256\",\"typ\":\"JWT\"}");
	const char *old = arena_cstr(http_arena(), craft(http_arena(), "HS256", p->secret, header, claims));
	const char *new = arena_cstr(http_arena(), craft(http_arena(), "HS256", other, header, claims));
	CU_ASSERT_EQUAL(status_of(old), 200);
	CU_ASSERT_EQUAL(status_of(new), 401);
	(void)provider_file(p, "secret", other);
	stack_reload();
	CU_ASSERT_EQUAL(status_of(old), 401);
	CU_ASSERT_EQUAL(status_of(new), 200);
}

/* ---- backup ---- */

static int pg(struct cluster *c, const char *program, const char *const *arguments)
{
	char *argv[16] = { (char *)text_of("%s%s%s", c->bin, c->bin[0] ? "/" : "", program), (char *)"-h", c->dir,
		(char *)"-U", (char *)"postgres" };
	for (size_t n = 5; n < COUNT_OF(argv) - 1 && *arguments; n++)
		argv[n] = (char *)*arguments++;
	return cluster_run(c, argv);
}

static void a_backup_serves_in_another_cluster(void)
{
	struct cluster other;
	const char *dump = text_of("%s/tenantd.dump", stack_dir());
	const char *owner = someone("backed-up"), *tenant = active_tenant_of(owner);
	const char *bearer = token(owner, tenant, "dev");
	struct http_reply before = HTTP("GET", "/v1/tenant", .token = bearer);
	CU_ASSERT(http_is(&before, 200, ""));
	CU_ASSERT_EQUAL(
		pg(stack_cluster(), "pg_dump", (const char *const[]){ "-Fc", "-f", dump, "stack", NULL }), 0);
	struct http_reply r =
		HTTP("PATCH", "/v1/tenant", .token = bearer, .body = "{\"name\":\"After the backup\"}");
	CU_ASSERT(http_is(&r, 200, ""));

	cluster_open(&other);
	cluster_database(&other, "restored");
	CU_ASSERT_EQUAL(
		pg(&other, "pg_restore", (const char *const[]){ "--exit-on-error", "-d", "restored", dump, NULL }),
		0);
	CU_ASSERT(cluster_try_file(&other, "restored", "postgres", text_of("%s/roles.sql", cluster_sources())));
	static char url[160], admin[160];
	snprintf(url, sizeof(url), "%s", cluster_url(&other, http_arena(), "restored", "tenantd_app").at);
	snprintf(
		admin, sizeof(admin), "%s", cluster_url(&other, http_arena(), "restored", "tenantd_migrator").at);
	stack_set("database", "url", url);
	stack_set("database", "admin_url", admin);
	stack_write_config();
	CU_ASSERT_EQUAL(tenantctl(text_of("migrate verify --directory %s/migrations", cluster_sources())), 0);
	CU_ASSERT_EQUAL(tenantctl("isolation-check"), 0);
	cluster_sql(&other, "restored", "DELETE FROM tenantd.mail_outbox"); /* a copy sends no mail twice */
	stack_reload();
	CU_ASSERT(stack_is_ready());
	struct http_reply after = HTTP("GET", "/v1/tenant", .token = bearer);
	CU_ASSERT(http_is(&after, 200, ""));
	CU_ASSERT(str_eq(before.body, after.body));
	r = HTTP("PATCH", "/v1/tenant", .token = bearer, .body = "{\"name\":\"Restored\"}");
	CU_ASSERT(http_is(&r, 200, ""));
	r = HTTP("GET", "/v1/audit?limit=1", .token = bearer);
	CU_ASSERT(http_is(&r, 200, "") && body_has(&r, "tenant.updated"));
	CU_ASSERT_EQUAL(stack_pool_stop(SIGTERM), 0);
	cluster_close(&other);
}

int main(void)
{
	static const struct unit_test tests[] = {
		TEST(the_context_key_is_changed_under_load),
		TEST(a_database_password_is_changed_under_load),
		TEST(the_own_issuers_key_is_changed_under_load),
		TEST(the_keys_of_an_issuer_in_a_file_are_changed_under_load),
		TEST(a_shared_secret_has_no_time_in_between),
		TEST(a_backup_serves_in_another_cluster),
	};
	static char admin[160];
	stack_set("server", "workers", "3");
	stack_set("server", "tenant_share", "3");
	stack_up();
	snprintf(admin, sizeof(admin), "%s", stack_url(http_arena(), "tenantd_migrator").at);
	stack_set("database", "admin_url", admin);
	stack_write_config();
	return unit_main("operations", tests, COUNT_OF(tests));
}

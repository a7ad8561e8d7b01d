/* tenantctl as an operator calls it: the program is run against a database of its own. */
#include "core/buf.h"
#include "core/json.h"
#include "core/log.h"
#include "crypto/token.h"
#include "db/pipeline.h"
#include "support/cluster.h"
#include "support/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct cluster cluster;
static struct arena *arena;
static char config_file[96];

/* What the last call left behind. */
static int status;
static struct str out; /* stdout and stderr */

static void capture(int fd)
{
	struct buf b;
	buf_init(&b, arena, 1024 * 1024);
	char some[4096];
	ssize_t n;
	while ((n = read(fd, some, sizeof(some))) > 0 || (n < 0 && errno == EINTR))
		buf_add(&b, str_of(some, n > 0 ? (size_t)n : 0));
	out = buf_str(&b);
}

/* tenantctl with these words, NULL at the end. */
static int ctl(const char *first, ...)
{
	char *argv[48] = { (char *)"tenantctl", (char *)first };
	size_t count = 2;
	va_list args;
	va_start(args, first);
	while (count < COUNT_OF(argv) - 1 && (argv[count] = va_arg(args, char *)))
		count++;
	va_end(args);
	int ends[2];
	if (pipe(ends) != 0)
		exit(EXIT_FAILURE);
	pid_t pid = fork();
	if (pid == 0) {
		const char *program = getenv("TENANTCTL");
		setenv("TENANTD_CONFIG", config_file, 1);
		if (dup2(ends[1], 1) < 0 || dup2(ends[1], 2) < 0 || close(ends[0]) != 0)
			_exit(126);
		execv(program ? program : "./tenantctl", argv);
		_exit(127);
	}
	close(ends[1]);
	capture(ends[0]);
	close(ends[0]);
	int how = 0;
	waitpid(pid, &how, 0);
	status = WIFEXITED(how) ? WEXITSTATUS(how) : -1;
	return status;
}

static bool said(const char *text)
{
	return strstr(out.at, text) != NULL;
}

#define MIGRATIONS "--directory", TEST_DATABASE_DIR "/migrations"

static const char *file(const char *name)
{
	return arena_printf(arena, "%s/%s", cluster.dir, name).at;
}

static void put(const char *path, struct str text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, text.at, text.len) != (ssize_t)text.len || close(fd) != 0)
		exit(EXIT_FAILURE);
}

static void migrate_up_makes_the_schema_and_installs_the_key(void)
{
	CU_ASSERT_EQUAL(ctl("migrate", "verify", MIGRATIONS, NULL), 1);
	CU_ASSERT(said("0001_tenancy: pending"));
	CU_ASSERT_EQUAL(ctl("migrate", "up", MIGRATIONS, NULL), 0);
	CU_ASSERT(said("functions applied") && said("context key"));
	CU_ASSERT_EQUAL(ctl("migrate", "up", MIGRATIONS, NULL), 0);
	CU_ASSERT(said("0 of "));
	CU_ASSERT_EQUAL(ctl("migrate", "verify", MIGRATIONS, NULL), 0);
	CU_ASSERT(said("as they stand on disk"));
	CU_ASSERT_EQUAL(ctl("migrate", "status", MIGRATIONS, NULL), 0);
	CU_ASSERT(said("0002_walls") && said("functions/context") && said("applied"));
	CU_ASSERT_EQUAL(ctl("migrate", "status", MIGRATIONS, "--json", NULL), 0);
	struct error err = ERROR_INIT;
	const struct json *list = json_get(json_parse(arena, str_trim(out), &err), STR("migrations"));
	CU_ASSERT(json_count(list) >= 3);
	struct str state;
	CU_ASSERT(json_string(json_get(json_at(list, 0, NULL), STR("state")), &state));
	CU_ASSERT(str_eq(state, STR("applied")));
	CU_ASSERT_EQUAL(ctl("migrate", "up", "--directory", "/nonexistent", NULL), 1);
	CU_ASSERT(said("cannot read migrations '/nonexistent'"));
}

static void a_set_is_migrated_by_its_name(void)
{
#define AREAS "--set", "areas", "--directory", TEST_DATABASE_DIR "/areas"
	CU_ASSERT_EQUAL(ctl("migrate", "verify", AREAS, NULL), 1);
	CU_ASSERT(said("0001_budgets: pending"));
	CU_ASSERT_EQUAL(ctl("migrate", "up", AREAS, NULL), 0);
	CU_ASSERT(said("functions applied") && !said("context key"));
	CU_ASSERT_EQUAL(ctl("migrate", "verify", AREAS, NULL), 0);
	CU_ASSERT_EQUAL(ctl("migrate", "verify", MIGRATIONS, NULL), 0);
	CU_ASSERT_EQUAL(ctl("migrate", "status", "--set", "own", NULL), 1);
	CU_ASSERT(said("the set 'own' is not shipped, say --directory"));
	CU_ASSERT_EQUAL(ctl("migrate", "status", "--set", "no good", NULL), 1);
	CU_ASSERT(said("is no name for a set"));
}

static void resources_show_who_may_do_what(void)
{
	cluster_sql(&cluster, "ctl",
		"SET ROLE tenantd_owner; CREATE SCHEMA listed; CREATE TABLE listed.things (id uuid PRIMARY KEY);"
		" SELECT tenantd.register_resource('listed.things', append_only => true);"
		" CREATE VIEW listed.seen WITH (security_invoker = true) AS SELECT * FROM listed.things;"
		" SELECT tenantd.register_resource('listed.seen')");
	CU_ASSERT_EQUAL(ctl("resources", NULL), 0);
	CU_ASSERT(said("\nseen ") && said("listed.seen ") &&
		said("never         never         never         active  view"));
	CU_ASSERT(said("member        member        never         never         active  append-only"));
	CU_ASSERT_EQUAL(ctl("resources", "--json", NULL), 0);
	CU_ASSERT(said("\"table\" : \"listed.seen\"") && said("\"read_only\" : true"));
}

static void context_keys_come_and_go_by_their_ids(void)
{
	CU_ASSERT_EQUAL(ctl("context-key", "list", NULL), 0);
	struct str id = arena_str(arena, str_of(out.at, 16));
	CU_ASSERT_EQUAL(str_find(id, ' '), 16);
	CU_ASSERT_EQUAL(ctl("context-key", "list", "--json", NULL), 0);
	struct error err = ERROR_INIT;
	CU_ASSERT_EQUAL(json_count(json_parse(arena, str_trim(out), &err)), 1);
	CU_ASSERT_EQUAL(ctl("context-key", "drop", id.at, NULL), 0);
	CU_ASSERT_EQUAL(ctl("context-key", "drop", id.at, NULL), 1);
	CU_ASSERT(said("no context key"));
	CU_ASSERT_EQUAL(ctl("context-key", "list", NULL), 0);
	CU_ASSERT(str_is_empty(out));
	CU_ASSERT_EQUAL(ctl("context-key", "add", NULL), 0);
	CU_ASSERT(said(id.at));
}

/* T116 */
static void a_new_context_key_is_the_owners_alone(void)
{
	const char *path = file("new-key");
	struct stat s;
	CU_ASSERT_EQUAL(ctl("context-key", "new", path, NULL), 0);
	CU_ASSERT(str_is_empty(out));
	CU_ASSERT(stat(path, &s) == 0 && (s.st_mode & 0777) == 0600 && s.st_size == 65);
	CU_ASSERT_EQUAL(ctl("context-key", "new", path, NULL), 1); /* never over one that is in use */
	CU_ASSERT(chmod(file("context.key"), 0644) == 0);
	CU_ASSERT_EQUAL(ctl("context-key", "add", NULL), 1);
	CU_ASSERT(said("others can read it"));
	CU_ASSERT(chmod(file("context.key"), 0600) == 0);
}

static void a_tenant_is_listed_suspended_and_reactivated(void)
{
	cluster_sql(&cluster, "ctl",
		"BEGIN;"
		"INSERT INTO tenantd.users (id, issuer, subject) VALUES"
		" ('11111111-1111-4111-8111-111111111111', 'i', 's');"
		"INSERT INTO tenantd.tenants (id, env, slug, name) VALUES"
		" ('22222222-2222-4222-8222-222222222222', 'dev', 'acme', 'Acme\033[31m'),"
		" ('33333333-3333-4333-8333-333333333333', 'prod', 'other', 'Other');"
		"INSERT INTO tenantd.tenant_members (tenant_id, env, user_id, role, status) VALUES"
		" ('22222222-2222-4222-8222-222222222222', 'dev', '11111111-1111-4111-8111-111111111111', 'owner', "
		"'active'),"
		" ('33333333-3333-4333-8333-333333333333', 'prod', '11111111-1111-4111-8111-111111111111', 'owner', "
		"'active');"
		"COMMIT");
	CU_ASSERT_EQUAL(ctl("tenant", "list", NULL), 0);
	CU_ASSERT(said("acme") && said("other") && said("Acme?[31m"));
	CU_ASSERT_EQUAL(ctl("tenant", "list", "--env", "production", NULL), 0);
	CU_ASSERT(!said("acme") && said("other"));
	CU_ASSERT_EQUAL(ctl("tenant", "list", "--search", "ACM", "--json", NULL), 0);
	struct error err = ERROR_INIT;
	CU_ASSERT_EQUAL(json_count(json_parse(arena, str_trim(out), &err)), 1);
	CU_ASSERT_EQUAL(ctl("tenant", "list", "--limit", "2", NULL), 0);
	CU_ASSERT(said("acme") && said("other") && !said("more"));
	CU_ASSERT_EQUAL(ctl("tenant", "list", "--limit", "1", NULL), 0);
	CU_ASSERT(said("acme") && !said("other") && said("1 more: --after 22222222-2222-4222-8222-222222222222"));
	CU_ASSERT_EQUAL(ctl("tenant", "list", "--after", "22222222-2222-4222-8222-222222222222", NULL), 0);
	CU_ASSERT(!said("acme") && said("other") && !said("more"));

	CU_ASSERT_EQUAL(ctl("tenant", "suspend", "acme", "--env", "dev", NULL), 0);
	CU_ASSERT(said("tenant 'acme' (22222222-2222-4222-8222-222222222222) is suspended"));
	CU_ASSERT_EQUAL(ctl("tenant", "suspend", "acme", "--env=dev", NULL), 1);
	CU_ASSERT(said("cannot suspend a tenant that is suspended"));
	CU_ASSERT_EQUAL(
		ctl("tenant", "reactivate", "22222222-2222-4222-8222-222222222222", "--env", "dev", NULL), 0);
	CU_ASSERT(said("is onboarding"));
	CU_ASSERT_EQUAL(
		ctl("tenant", "suspend", "22222222-2222-4222-8222-222222222222", NULL), 0); /* an id says it all */
	CU_ASSERT_EQUAL(ctl("tenant", "reactivate", "acme", NULL), 1); /* a slug does not */
	CU_ASSERT(said("tenant not found"));
	CU_ASSERT_EQUAL(ctl("tenant", "reactivate", "acme", "--env", "dev", NULL), 0);
	CU_ASSERT_EQUAL(ctl("tenant", "suspend", "acme", "--env", "prod", NULL), 1); /* another env's */
	CU_ASSERT(said("tenant not found"));
	CU_ASSERT_EQUAL(ctl("tenant", "suspend", "acme", "--env", "moon", NULL), 2);
}

static void an_operators_act_is_audited_with_a_label(void)
{
	struct db_options options = {
		.url = cluster_url(&cluster, arena, "ctl", "postgres"), .application_name = "test", .connect_ms = 5000
	};
	struct db *db = db_new(&options);
	struct error err = ERROR_INIT;
	struct rows rows;
	CU_ASSERT_FATAL(db_connect(db, &err));
	CU_ASSERT_FATAL(db_script(db, arena,
		STR("SELECT actor_label, route FROM tenantd.audit_events WHERE actor_kind = 'operator' ORDER BY at"),
		&rows, &err));
	CU_ASSERT_EQUAL_FATAL(rows.count, 4);
	CU_ASSERT_FALSE(str_is_empty(rows_value(&rows, 0, 0, NULL)));
	CU_ASSERT(str_eq(rows_value(&rows, 0, 1, NULL), STR("tenantctl tenant suspend")));
	CU_ASSERT(str_eq(rows_value(&rows, 1, 1, NULL), STR("tenantctl tenant reactivate")));
	db_free(db);
}

#define ACME "22222222-2222-4222-8222-222222222222"

static void a_tenant_is_closed_and_reopened_as_it_was(void)
{
	CU_ASSERT_EQUAL(ctl("tenant", "close", ACME, "--grace", "a week", NULL), 2);
	CU_ASSERT_EQUAL(ctl("tenant", "close", ACME, "--grace", "0", "--reason", "they asked for it", NULL), 0);
	CU_ASSERT(said("is closed"));
	CU_ASSERT_EQUAL(ctl("tenant", "reactivate", ACME, NULL), 1);
	CU_ASSERT(said("cannot reactivate a tenant that is closed"));
	CU_ASSERT_EQUAL(ctl("tenant", "reopen", ACME, NULL), 1);
	CU_ASSERT(said("the tenant could be reopened until 2"));
	cluster_sql(
		&cluster, "ctl", "UPDATE tenantd.tenants SET reopen_until = now() + '1 day' WHERE id = '" ACME "'");
	CU_ASSERT_EQUAL(ctl("tenant", "reopen", ACME, "--reason", "a mistake", NULL), 0);
	CU_ASSERT(said("is onboarding"));
}

/* The first administrator of a system has never signed in. */
static void a_system_administrator_is_made_shown_and_unmade(void)
{
	struct error err = ERROR_INIT;
	CU_ASSERT_EQUAL(ctl("user", "grant-system-admin", "nobody@example.com", NULL), 1);
	CU_ASSERT(said("must sign in once first"));
	CU_ASSERT_EQUAL(ctl("user", "grant-system-admin", "https://id.example", NULL), 1);
	CU_ASSERT(said("there is no such user"));
	CU_ASSERT_EQUAL(ctl("user", "revoke-system-admin", "https://id.example", "root", NULL), 1);
	CU_ASSERT_EQUAL(
		ctl("user", "grant-system-admin", "https://id.example", "root", "--reason", "the first", NULL), 0);
	CU_ASSERT(said("is a system administrator now"));
	CU_ASSERT_EQUAL(ctl("user", "grant-system-admin", "https://id.example", "root", NULL), 0);
	CU_ASSERT(said("is a system administrator as before"));
	CU_ASSERT_EQUAL(ctl("user", "grant-system-admin", "11111111-1111-4111-8111-111111111111", NULL), 0);
	CU_ASSERT_EQUAL(ctl("user", "revoke-system-admin", "i", "s", NULL), 0);
	CU_ASSERT(said("is no system administrator any more"));
	CU_ASSERT_EQUAL(ctl("user", "list", "--admins", NULL), 0);
	CU_ASSERT(said("https://id.example root") && !said(" i s"));
	CU_ASSERT_EQUAL(ctl("user", "list", "--json", NULL), 0);
	CU_ASSERT_EQUAL(json_count(json_parse(arena, str_trim(out), &err)), 2);
	CU_ASSERT_EQUAL(ctl("user", "list", "--limit", "1", NULL), 0);
	CU_ASSERT(said("1 more: --after "));
	CU_ASSERT_EQUAL(ctl("user", "show", "i", "s", NULL), 0);
	CU_ASSERT(said("dev acme (" ACME "): owner, active; the tenant is onboarding") && said("prod other"));
	CU_ASSERT_EQUAL(ctl("user", "show", "11111111-1111-4111-8111-111111111111", "--json", NULL), 0);
	CU_ASSERT_EQUAL(json_count(json_get(json_parse(arena, str_trim(out), &err), STR("memberships"))), 2);
	CU_ASSERT_EQUAL(ctl("user", "show", "i", "t", NULL), 1);
	CU_ASSERT(said("there is no such user"));
}

static void access_at_a_time_is_told(void)
{
	CU_ASSERT_EQUAL(
		ctl("audit", "access", "--tenant", "acme", "--env", "dev", "--at", "2020-01-01T00:00:00Z", NULL), 0);
	CU_ASSERT(said("nobody was a member then"));
	CU_ASSERT_EQUAL(ctl("audit", "access", "--tenant", "acme", "--env", "dev", "--at", "2099-01-01T00:00:00Z",
						"--json", NULL),
		0);
	CU_ASSERT(said("\"user_id\":\"11111111-1111-4111-8111-111111111111\"") && said("\"role\":\"owner\""));
	CU_ASSERT_EQUAL(ctl("audit", "access", "--tenant", "22222222-2222-4222-8222-222222222222", "--at",
						"2099-01-01T00:00:00Z", NULL),
		0);
	CU_ASSERT(said("the tenant was onboarding") && said("owner"));
	CU_ASSERT_EQUAL(ctl("audit", "access", "--tenant", "acme", "--at", "2099-01-01T00:00:00Z", NULL), 1);
	CU_ASSERT(said("tenant not found"));
	CU_ASSERT_EQUAL(ctl("audit", "access", "--tenant", "acme", "--env", "dev", "--at", "yesterday", NULL), 2);
	CU_ASSERT_EQUAL(ctl("audit", "access", "--tenant", "acme", NULL), 2);
}

static void the_cut_over_is_refused_until_it_is_forced_with_a_reason(void)
{
	struct db_options options = {
		.url = cluster_url(&cluster, arena, "ctl", "postgres"), .application_name = "test", .connect_ms = 5000
	};
	struct db *db = db_new(&options);
	struct error err = ERROR_INIT;
	CU_ASSERT_EQUAL(ctl("cutover", NULL), 0);
	CU_ASSERT(said("header_fallback may be off"));
	CU_ASSERT_FATAL(db_connect(db, &err));
	CU_ASSERT_FATAL(db_script(db, arena,
		STR("INSERT INTO tenantd.header_uses (env, issuer, client, is_alone, day) VALUES "
			"('dev', 'https://id.example', 'shop', true, current_date), ('dev', 'https://id.example', 'shop', true, "
			"current_date - 1), ('prod', 'https://id.example', '', false, current_date)"),
		NULL, &err));
	db_free(db);
	CU_ASSERT_EQUAL(ctl("cutover", NULL), 0);
	CU_ASSERT(said("https://id.example shop") && said("https://id.example (not said)"));
	CU_ASSERT(said("header_fallback may not be off: 1 of these"));
	CU_ASSERT_EQUAL(ctl("cutover", "--env", "prod", NULL), 0);
	CU_ASSERT(said("header_fallback may be off") && !said("shop"));
	CU_ASSERT_EQUAL(ctl("cutover", "--json", NULL), 0);
	CU_ASSERT(
		said("\"client\":\"shop\",\"use\":\"alone\"") && said("\"days\":2,\"minutes\":2,\"stops\":true"));
	CU_ASSERT_EQUAL(ctl("cutover", "force", NULL), 2);
	CU_ASSERT_EQUAL(ctl("cutover", "force", "--reason", "", NULL), 2);
	CU_ASSERT_EQUAL(ctl("cutover", "force", "--env", "prod", "--reason", "another env", NULL), 0);
	CU_ASSERT_EQUAL(ctl("cutover", NULL), 0);
	CU_ASSERT(said("header_fallback may not be off"));
	CU_ASSERT_EQUAL(ctl("cutover", "force", "--reason", "the shop closed", NULL), 0);
	CU_ASSERT(said("dev: header_fallback may be off") && said("staging: ") && said("prod: "));
	CU_ASSERT_EQUAL(ctl("cutover", NULL), 0);
	CU_ASSERT(said("header_fallback may be off"));
}

/* A keystore with one issuer whose keys are those of a JWKS that tenantctl wrote. */
static struct keystore *trust(const char *jwks)
{
	static struct config config;
	struct error err = ERROR_INIT;
	static struct str algs[3];
	algs[0] = STR("ES256"), algs[1] = STR("RS256"), algs[2] = STR("EdDSA");
	config.issuer_count = 1;
	config.issuers[0] = (struct issuer_config){ .name = STR("main"),
		.issuer = STR("https://id.example"),
		.audience = STR("api"),
		.algorithms = { algs, 3 },
		.jwks_file = str_c(jwks),
		.pem_file = STR(""),
		.hs256_secret_file = STR(""),
		.tenant_claim = STR("app_metadata.tenant_id"),
		.env_claim = STR("env"),
		.email_claim = STR("email"),
		.email_verified_claim = STR("email_verified"),
		.name_claim = STR("name") };
	struct keystore *store = keystore_load(arena, &config, &err);
	if (!store)
		fprintf(stderr, "keystore: %s\n", err.operator);
	return store;
}

static void a_token_of_a_new_key_verifies(void)
{
	static const char *const algs[] = { "ES256", "RS256", "EdDSA" };
	const char *jwks = file("jwks.json");
	for (size_t i = 0; i < COUNT_OF(algs); i++) {
		const char *key = file(algs[i]);
		CU_ASSERT_EQUAL(
			ctl("keys", "new", "--alg", algs[i], "--private", key, "--jwk", jwks, "--kid", algs[i], NULL), 0);
		struct stat s;
		CU_ASSERT(stat(key, &s) == 0 && (s.st_mode & 0777) == 0600);
		CU_ASSERT_FALSE(said("PRIVATE"));
	}
	struct keystore *store = trust(jwks);
	CU_ASSERT_PTR_NOT_NULL_FATAL(store);
	for (size_t i = 0; i < COUNT_OF(algs); i++) {
		CU_ASSERT_EQUAL(
			ctl("token", "--key", file(algs[i]), "--alg", algs[i], "--kid", algs[i], "--issuer",
				"https://id.example", "--audience", "api", "--sub", "someone", "--email", "a@b.example",
				"--name", "Some \"One\"", "--env", "dev", "--tenant", "22222222-2222-4222-8222-222222222222",
				"--claim", "n=5", "--claim", "t=x=y", NULL),
			0);
		struct token_claims claims;
		struct error err = ERROR_INIT;
		struct str token = str_trim(out);
		CU_ASSERT(token_verify(store, arena, token, 0, &claims, &err));
		CU_ASSERT(str_eq(claims.who.subject, STR("someone")));
		CU_ASSERT(str_eq(claims.who.name, STR("Some \"One\"")));
		CU_ASSERT(claims.who.email_verified);
		CU_ASSERT(str_eq(claims.tenant, STR("22222222-2222-4222-8222-222222222222")));
		CU_ASSERT(str_eq(claims.env, STR("dev")));
	}
}

#define TOKEN                                                                                                \
	"token", "--key", file("ES256"), "--alg", "ES256", "--issuer", "i", "--audience", "a", "--sub", "s"

static void keys_and_tokens_that_would_not_serve_are_refused(void)
{
	const char *jwks = file("jwks.json"), *key = file("ES256");
	CU_ASSERT_EQUAL(ctl("keys", "new", "--alg", "ES256", "--private", key, "--jwk", jwks, NULL), 1);
	CU_ASSERT_EQUAL(
		ctl("keys", "new", "--alg", "ES256", "--private", file("x"), "--jwk", jwks, "--kid", "ES256", NULL),
		1);
	CU_ASSERT(said("has a key 'ES256' already"));
	CU_ASSERT_NOT_EQUAL(access(file("x"), F_OK), 0);
	CU_ASSERT_EQUAL(ctl("keys", "new", "--alg", "none", "--private", file("x"), "--jwk", jwks, NULL), 1);
	CU_ASSERT_EQUAL(ctl(TOKEN, "--claim", "sub=other", NULL), 2); /* twice */
	CU_ASSERT_EQUAL(ctl(TOKEN, "--claim", "sub", NULL), 2);
	CU_ASSERT_EQUAL(ctl(TOKEN, "--ttl", "soon", NULL), 2);
	CU_ASSERT(chmod(key, 0644) == 0);
	CU_ASSERT_EQUAL(ctl(TOKEN, NULL), 1);
	CU_ASSERT(said("others can read it"));
	CU_ASSERT(chmod(key, 0600) == 0);
	CU_ASSERT_EQUAL(ctl(TOKEN, "--ttl", "-60", NULL), 0);
}

static void what_is_called_wrongly_exits_with_2_and_says_how(void)
{
	CU_ASSERT_EQUAL(ctl("tenant", NULL), 2);
	CU_ASSERT_EQUAL(ctl("nonsense", NULL), 2);
	CU_ASSERT(said("see tenantctl --help"));
	CU_ASSERT_EQUAL(ctl("keys", "new", "--alg", "ES256", "--jwk", "x", NULL), 2);
	CU_ASSERT(said("'--private' is missing") && said("usage: tenantctl keys new [--alg A] [--private FILE]"));
	CU_ASSERT_EQUAL(ctl("tenant", "suspend", "--env", "dev", NULL), 2);
	CU_ASSERT(said("ID_OR_SLUG is missing"));
	CU_ASSERT_EQUAL(ctl("tenant", "list", "--evn", "dev", NULL), 2);
	CU_ASSERT(said("unknown option '--evn'"));
	CU_ASSERT_EQUAL(ctl("tenant", "list", "--env", NULL), 2);
	CU_ASSERT_EQUAL(ctl("tenant", "list", "--json=1", NULL), 2);
	CU_ASSERT_EQUAL(ctl("tenant", "list", "--env", "dev", "--env", "prod", NULL), 2);
	CU_ASSERT_EQUAL(ctl("tenant", "list", "acme", NULL), 2);
	CU_ASSERT_EQUAL(ctl("tenant", "list", "--limit", "0", NULL), 2);
	CU_ASSERT(said("--limit wants a number of tenants"));
	CU_ASSERT_EQUAL(ctl("tenant", "list", "--after", "acme", NULL), 2);
	CU_ASSERT_EQUAL(ctl("tenant", "list", "--config", "/nonexistent", NULL), 1);
	CU_ASSERT(said("/nonexistent"));
}

static void help_is_printed_for_all_or_for_a_group(void)
{
	CU_ASSERT_EQUAL(ctl("--help", NULL), 0);
	CU_ASSERT(said("tenantctl migrate up") && said("tenantctl token"));
	CU_ASSERT_EQUAL(ctl("migrate", "--help", NULL), 0);
	CU_ASSERT(said("tenantctl migrate verify") && !said("tenantctl token"));
	CU_ASSERT_EQUAL(ctl("--version", NULL), 0);
	CU_ASSERT(said("tenantctl "));
}

static const struct unit_test tests[] = {
	TEST(migrate_up_makes_the_schema_and_installs_the_key),
	TEST(a_set_is_migrated_by_its_name),
	TEST(resources_show_who_may_do_what),
	TEST(context_keys_come_and_go_by_their_ids),
	TEST(a_new_context_key_is_the_owners_alone),
	TEST(a_tenant_is_listed_suspended_and_reactivated),
	TEST(an_operators_act_is_audited_with_a_label),
	TEST(a_tenant_is_closed_and_reopened_as_it_was),
	TEST(a_system_administrator_is_made_shown_and_unmade),
	TEST(access_at_a_time_is_told),
	TEST(the_cut_over_is_refused_until_it_is_forced_with_a_reason),
	TEST(a_token_of_a_new_key_verifies),
	TEST(keys_and_tokens_that_would_not_serve_are_refused),
	TEST(what_is_called_wrongly_exits_with_2_and_says_how),
	TEST(help_is_printed_for_all_or_for_a_group),
};

static void write_config(void)
{
	snprintf(config_file, sizeof(config_file), "%s", file("tenantd.ini"));
	if (ctl("context-key", "new", file("context.key"), NULL) != 0)
		exit(EXIT_FAILURE);
	put(file("secret"), STR("0123456789012345678901234567890123456789\n"));
	put(config_file,
		arena_printf(arena,
			"[server]\nlisten = unix:%s/tenantd.sock\n"
			"[database]\nurl = %s\nadmin_url = %s\n"
			"[tenancy]\nallowed_envs = dev, prod\ncontext_key_file = %s/context.key\n"
			"[issuer.main]\nissuer = https://id.example\naudience = api\nalgorithms = HS256\n"
			"hs256_secret_file = %s/secret\n",
			cluster.dir, cluster_url(&cluster, arena, "ctl", "tenantd_app").at,
			cluster_url(&cluster, arena, "ctl", "tenantd_migrator").at, cluster.dir, cluster.dir));
}

int main(void)
{
	struct error err = ERROR_INIT;
	if (!log_open("/dev/null", LOG_LEVEL_INFO, &err))
		return EXIT_FAILURE;
	cluster_open(&cluster);
	cluster_database(&cluster, "ctl");
	arena = arena_new(256 * 1024);
	write_config();
	int result = unit_main("db_tenantctl", tests, COUNT_OF(tests));
	arena_free(arena);
	cluster_close(&cluster);
	return result;
}

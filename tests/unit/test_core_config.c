/* The configuration file, the environment that overrides it, what is refused and under which name; and that the docs
 * agree with the table of keys. */
#include "support/files.h"
#include "test_core.h"

#include "core/config.h"

#include <sys/stat.h>
#include <unistd.h>

static char scratch[64], file[96], key_file[96];
static struct arena *arena;
static struct config config;
static struct error err;

static void begin(void)
{
	files_begin(scratch, sizeof(scratch), "core");
	snprintf(file, sizeof(file), "%s/tenantd.ini", scratch);
	snprintf(key_file, sizeof(key_file), "%s/key", scratch);
	files_write(key_file, "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n", 0600);
	arena = arena_new(4096);
}

static void end(void)
{
	files_end(scratch);
	arena_free(arena);
}

static const char complete[] = "# a comment\n"
							   "[database]\n"
							   "url = postgresql://app:pa;ss@/db ; the app role\n"
							   "[tenancy]\n"
							   "allowed_envs = Dev, production\n"
							   "context_key_file = %s\n"
							   "[issuer.supa_base1]\n"
							   "issuer = https://idp.example/\n"
							   "audience = app\n"
							   "algorithms = ES256\n"
							   "jwks_file = /nonexistent/jwks.json\n";

/* Loads `complete`, then `more` behind it, from a file of this mode. */
static bool load_with_mode(const char *more, mode_t mode)
{
	char text[4096];
	size_t len = (size_t)snprintf(text, sizeof(text), complete, key_file);
	snprintf(text + len, sizeof(text) - len, "%s", more);
	files_write(file, text, mode);
	arena_reset(arena);
	err = (struct error)ERROR_INIT;
	return config_load(&config, arena, file, &err);
}

static bool load(const char *more)
{
	return load_with_mode(more, 0600);
}

/* True when the load fails and the operator's text holds `word`. */
static bool refuses(const char *more, const char *word)
{
	if (load(more))
		return false;
	if (strstr(err.operator, word) && err.detail[0] == '\0')
		return true;
	fprintf(stderr, "expected '%s' in: %s\n", word, err.operator);
	return false;
}

static void a_complete_file_loads_with_defaults(void)
{
	begin();
	CU_ASSERT_FATAL(load(""));
	CU_ASSERT(str_eq(config.database.url, STR("postgresql://app:pa;ss@/db")));
	CU_ASSERT(config.tenancy.env_allowed[ENV_DEV] && config.tenancy.env_allowed[ENV_PROD]);
	CU_ASSERT_FALSE(config.tenancy.env_allowed[ENV_STAGING] || config.tenancy.env_allowed[ENV_NONE]);
	CU_ASSERT_EQUAL(config.tenancy.header_fallback, FALLBACK_OFF);
	CU_ASSERT(config.server.workers >= 1 && config.server.workers <= LIMIT_WORKERS);
	CU_ASSERT_EQUAL(config.server.metrics_allow.count, 2);
	CU_ASSERT(str_eq(config.log.level, STR("info")));
	CU_ASSERT_EQUAL(config.limits.body, LIMIT_BODY);
	CU_ASSERT_EQUAL(config.limits.request_deadline, LIMIT_REQUEST_MS);
	CU_ASSERT_EQUAL(config.limits.peer_timeout, LIMIT_PEER_MS);
	CU_ASSERT_EQUAL(config.limits.statement_timeout, LIMIT_STATEMENT_MS);
	CU_ASSERT_EQUAL(config.limits.read_timeout, LIMIT_READ_MS);
	CU_ASSERT_EQUAL(config.limits.lock_timeout, LIMIT_LOCK_MS);
	CU_ASSERT_EQUAL(config.limits.media, LIMIT_MEDIA);
	CU_ASSERT_EQUAL(config.tenancy.gate_interval, LIMIT_GATE_S);
	CU_ASSERT_EQUAL(config.auth.leeway, LIMIT_LEEWAY_S);
	CU_ASSERT_EQUAL(config.issuer_count, 1);
	CU_ASSERT(str_eq(config.issuers[0].name, STR("supa_base1")));
	CU_ASSERT(str_eq(config.issuers[0].tenant_claim, STR("app_metadata.tenant_id")));
	CU_ASSERT(config.issuers[0].algorithms.count == 1);
	CU_ASSERT(load("[tenancy]\n header_fallback = warn\n[server]\nworkers=3\n[log]\nlevel: debug\n"));
	CU_ASSERT_EQUAL(config.tenancy.header_fallback, FALLBACK_WARN);
	CU_ASSERT_EQUAL(config.server.workers, 3);
	CU_ASSERT(str_eq(config.log.level, STR("debug")));
	end();
}

static void what_is_mistyped_is_refused_by_name(void)
{
	begin();
	CU_ASSERT(refuses("[server]\nworker = 3\n", "unknown key [server] worker"));
	CU_ASSERT(refuses("[serve]\nworkers = 3\n", "unknown section [serve]"));
	CU_ASSERT(refuses("[serve]\n", "unknown section [serve]"));
	CU_ASSERT(refuses("[server\nworkers = 3\n", "a section is [NAME]"));
	CU_ASSERT(refuses("[server] workers = 3\n", "a section is [NAME]"));
	CU_ASSERT(refuses("[server]\nworkers\n", "tenantd.ini:13: the line is not KEY = VALUE"));
	CU_ASSERT(refuses("[server]\nworkers = 3\nworkers = 3\n", "[server] workers is set twice"));
	CU_ASSERT(
		refuses("[server]\nworkers = 3\n[log]\n[server]\nworkers = 3\n", "[server] workers is set twice"));
	CU_ASSERT(refuses("[server]\nuser = www\n  -data\n", "tenantd.ini:14: the line is not KEY = VALUE"));
	CU_ASSERT(refuses("[issuer.UP]\nissuer = x\n", "[issuer.UP]"));
	CU_ASSERT(refuses("[issuer.]\nissuer = x\n", "a name is"));
	CU_ASSERT(refuses("[issuer.x]\njwks = x\n", "unknown key [issuer.x] jwks"));
	CU_ASSERT(refuses("[server]\nuser = a\x01\n", "[server] user is not plain UTF-8"));
	CU_ASSERT(refuses("[server]\nuser = \xff\n", "[server] user is not plain UTF-8"));
	char line[400];
	snprintf(line, sizeof(line), "[server]\nuser = %0300d\n", 1);
	CU_ASSERT(refuses(line, "longer than"));
	end();
}

static void malformed_values_are_refused_by_name(void)
{
	begin();
	static const struct {
		const char *more, *word;
	} cases[] = {
		{ "[server]\nworkers = 0\n", "[server] workers: '0' is not a number from 1 to 64" },
		{ "[server]\nworkers = 65\n", "[server] workers" },
		{ "[server]\nworkers = 3x\n", "[server] workers" },
		{ "[server]\nworkers =\n", "[server] workers" },
		{ "[server]\nlisten = /run/x\n", "[server] listen" },
		{ "[server]\nlisten = tcp:127.0.0.1\n", "[server] listen" },
		{ "[server]\nlisten = tcp::9000x\n", "[server] listen" },
		{ "[server]\nsocket_mode = 0680\n", "[server] socket_mode" },
		{ "[server]\nmetrics_allow = 10.0.0.0/33\n", "[server] metrics_allow: '10.0.0.0/33'" },
		{ "[server]\ntrusted_proxies = proxy.example\n", "[server] trusted_proxies" },
		{ "[server]\npublic_url = app.example.com\n", "[server] public_url" },
		{ "[server]\npublic_url = https://\n", "[server] public_url" },
		{ "[server]\npublic_url = https:///x\n", "[server] public_url" },
		{ "[server]\npublic_url = https://app.example.com/\n", "[server] public_url" },
		{ "[server]\npublic_url = https://app.example.com/?a\n", "[server] public_url" },
		{ "[server]\npublic_url = javascript:alert(1)\n", "[server] public_url" },
		{ "[server]\npublic_url = https://a.example\"onclick=\"x\n", "[server] public_url" },
		{ "[mail]\nfrom = Example <a@b.example>\n", "[mail] from" },
		{ "[mail]\nsendmail = sendmail -i\n", "[mail] sendmail" },
		{ "[mail]\nsendmail =\n", "[mail] sendmail" },
		{ "[mail]\nspool = mail\n", "[mail] spool" },
		{ "[mail]\nattempts = 0\n", "[mail] attempts" },
		{ "[mail]\ninterval = 1\n", "[mail] interval needs [database] errands_url" },
		{ "[domains]\ninterval = 1\n", "[domains] interval needs [database] errands_url" },
		{ "[tenancy]\nheader_fallback = yes\n", "'yes' is not one of off|validate|warn" },
		{ "[tenancy]\nbase_domain = Example.com\n", "[tenancy] base_domain" },
		{ "[cors]\norigins = *\n", "[cors] origins: '*' would let every page" },
		{ "[cors]\norigins = https://a.example, app.example.com\n", "[cors] origins: 'app.example.com'" },
		{ "[cors]\norigins = https://app.example.com/\n", "is not an origin" },
		{ "[cors]\norigins = https://App.example.com\n", "is not an origin" },
		{ "[cors]\norigins = https://app.example.com:443\n", "is not an origin" },
		{ "[cors]\norigins = http://app.example.com:080\n", "is not an origin" },
		{ "[cors]\norigins = http://app.example.com:80\n", "is not an origin" },
		{ "[cors]\norigins = http://app.example.com:\n", "is not an origin" },
		{ "[cors]\norigins = http://app.example.com:65536\n", "is not an origin" },
		{ "[cors]\norigins = https://me@app.example.com\n", "is not an origin" },
		{ "[cors]\norigins = https://*.example.com\n", "is not an origin" },
		{ "[cors]\norigins = https://[::1\n", "is not an origin" },
		{ "[cors]\norigins = https://[]\n", "is not an origin" },
		{ "[cors]\norigins = https://\n", "is not an origin" },
		{ "[cors]\norigins = ://app.example.com\n", "is not an origin" },
		{ "[cors]\norigins = null\n", "is not an origin" },
		{ "[log]\nlevel = loud\n", "[log] level" },
		{ "[limits]\nbody = 1M\n", "[limits] body" },
		{ "[issuer.b]\nissuer = x\naudience = y\nalgorithms = none\njwks_file = z\n", "'none' is not ES256" },
		{ "[issuer.b]\nissuer = x\naudience = y\nalgorithms = es256\njwks_file = z\n",
			"'es256' is not ES256" },
		{ "[issuer.b]\nissuer = x\naudience = y\nalgorithms = ES256\n", "[issuer.b] has no key" },
		{ "[issuer.b]\nissuer = x\naudience = y\nalgorithms = HS256\njwks_file = z\n", "[issuer.b]" },
		{ "[issuer.b]\nissuer = x\naudience = y\nalgorithms = ES256,HS256\njwks_file = z\n",
			"hs256_secret_file" },
		{ "[issuer.b]\nissuer = x\naudience = y\nalgorithms = HS256\nhs256_secret_file = /nonexistent\n",
			"[issuer.b] hs256_secret_file: cannot look at" },
		{ "[issuer.b]\nissuer = x\naudience = y\nalgorithms = HS256\npem_file = z\nhs256_secret_file = z\n",
			"jwks_file or pem_file go together" },
		{ "[issuer.b]\nissuer = https://idp.example/\naudience = y\nalgorithms = ES256\njwks_file = z\n",
			"name the same issuer" },
		{ "[issuer.b]\nissuer = https://b\naudience = y\nalgorithms = ES256\ndiscovery = on\n",
			"needs jwks_file" },
		{ "[issuer.b]\nissuer = https://b\naudience = y\nalgorithms = ES256\ndiscovery = on\njwks_file = z\n"
		  "jwks_url = https://b/keys\n",
			"has jwks_url and discovery" },
		{ "[issuer.b]\nissuer = http://b.example\naudience = y\nalgorithms = ES256\ndiscovery = on\njwks_file = z\n",
			"issuer: 'http://b.example' is not an https:// URL" },
		{ "[issuer.b]\nissuer = b\naudience = y\nalgorithms = ES256\njwks_url = http://b/keys\njwks_file = z\n",
			"jwks_url: 'http://b/keys' is not an https:// URL" },
		{ "[issuer.b]\nissuer = b\naudience = y\nalgorithms = ES256\njwks_url = https://b/keys\n"
		  "jwks_file = /nonexistent/jwks.json\n",
			"have the same jwks_file" },
		{ "[issuer.b]\nissuer = b\naudience = y\nalgorithms = HS256\njwks_url = https://b/keys\njwks_file = z\n"
		  "hs256_secret_file = z\n",
			"jwks_file or pem_file go together" },
		{ "[issuer.b]\naudience = y\n", "missing [issuer.b] issuer (or TENANTD_ISSUER_B_ISSUER)" },
		{ "[issuer.b]\nissuer = x\naudience = y\nalgorithms = ,\n",
			"missing [issuer.b] algorithms (or TENANTD_ISSUER_B_ALGORITHMS)" },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		CU_ASSERT(refuses(cases[i].more, cases[i].word));
	CU_ASSERT(load("[server]\nlisten = tcp:[::1]:9000\nmetrics_allow = 10.0.0.0/8, fd00::/8\n"));
	CU_ASSERT(load("[server]\npublic_url = https://app.example.com:8443/base\n"
				   "[mail]\nfrom = no-reply@example.com\n"));
	CU_ASSERT(load("[cors]\norigins = https://app.example.com, http://localhost:5173, http://[::1]:3000, "
				   "capacitor://localhost, https://xn--bcher-kva.example:8443\n"));
	end();
}

static void missing_keys_are_named_with_their_variable(void)
{
	static const struct {
		const char *text, *word;
	} cases[] = {
		{ "", "missing [database] url (or TENANTD_DATABASE_URL)" },
		{ "[database]\nurl = x\n", "missing [tenancy] allowed_envs (or TENANTD_TENANCY_ALLOWED_ENVS)" },
		{ "[database]\nurl = x\n[tenancy]\nallowed_envs = , \n", "missing [tenancy] allowed_envs" },
		{ "[database]\nurl = x\n[tenancy]\nallowed_envs = dev\n",
			"missing [tenancy] context_key_file (or TENANTD_TENANCY_CONTEXT_KEY_FILE)" },
		{ "[database]\nurl = x\n[tenancy]\nallowed_envs = dev\ncontext_key_file = /dev/null\n",
			"missing [issuer.NAME] issuer" },
	};
	begin();
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		files_write(file, cases[i].text, 0600);
		err = (struct error)ERROR_INIT;
		CU_ASSERT_FALSE(config_load(&config, arena, file, &err));
		CU_ASSERT_PTR_NOT_NULL(strstr(err.operator, cases[i].word));
	}
	CU_ASSERT_FALSE(config_load(&config, arena, "/nonexistent/x.ini", &err));
	CU_ASSERT_PTR_NOT_NULL(strstr(err.operator, "/nonexistent/x.ini"));
	end();
}

static void the_environment_overrides_the_file(void)
{
	begin();
	setenv("TENANTD_SERVER_WORKERS", "7", 1);
	setenv("TENANTD_ISSUER_SUPA_BASE1_AUDIENCE", "other=1", 1);
	setenv("TENANTD_ISSUER_KEY_CLOAK_ISSUER", "https://kc.example/", 1);
	setenv("TENANTD_ISSUER_KEY_CLOAK_AUDIENCE", "kc", 1);
	setenv("TENANTD_ISSUER_KEY_CLOAK_ALGORITHMS", "EdDSA, RS256", 1);
	setenv("TENANTD_ISSUER_KEY_CLOAK_PEM_FILE", "/x.pem", 1);
	setenv("TENANTD_ISSUER_KEY_CLOAK_EMAIL_VERIFIED_CLAIM", "ok", 1);
	setenv("TENANTD_TESTS_OWN", "x", 1); /* no section of ours */
	CU_ASSERT_FATAL(load("[server]\nworkers = 3\n"));
	CU_ASSERT_EQUAL(config.server.workers, 7);
	CU_ASSERT(str_eq(config.issuers[0].audience, STR("other=1")));
	CU_ASSERT_EQUAL(config.issuer_count, 2);
	CU_ASSERT(str_eq(config.issuers[1].name, STR("key_cloak")));
	CU_ASSERT(str_eq(config.issuers[1].email_verified_claim, STR("ok")));
	CU_ASSERT_EQUAL(config.issuers[1].algorithms.count, 2);
	setenv("TENANTD_SERVER_WORKER", "7", 1);
	CU_ASSERT(refuses("", "TENANTD_SERVER_WORKER: unknown key"));
	unsetenv("TENANTD_SERVER_WORKER");
	setenv("TENANTD_SERVER_WORKERS", "many", 1);
	CU_ASSERT(refuses("", "TENANTD_SERVER_WORKERS: 'many'"));
	unsetenv("TENANTD_SERVER_WORKERS");
	setenv("TENANTD_ISSUER_KEY_CLOAK_JWKS", "x", 1);
	CU_ASSERT(refuses("", "TENANTD_ISSUER_KEY_CLOAK_JWKS: unknown key"));
	unsetenv("TENANTD_ISSUER_KEY_CLOAK_JWKS");
	setenv("TENANTD_ISSUER_low_ISSUER", "x", 1);
	CU_ASSERT(refuses("", "a name is"));
	unsetenv("TENANTD_ISSUER_low_ISSUER");
	static const char *const names[] = { "ISSUER", "AUDIENCE", "ALGORITHMS", "PEM_FILE",
		"EMAIL_VERIFIED_CLAIM" };
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		char name[80];
		snprintf(name, sizeof(name), "TENANTD_ISSUER_KEY_CLOAK_%s", names[i]);
		unsetenv(name);
	}
	unsetenv("TENANTD_ISSUER_SUPA_BASE1_AUDIENCE");
	unsetenv("TENANTD_TESTS_OWN");
	CU_ASSERT(load(""));
	end();
}

static void more_issuers_than_there_is_room_for_are_refused(void)
{
	char more[4096] = "";
	begin();
	for (int i = 0; i < LIMIT_ISSUERS; i++)
		snprintf(more + strlen(more), sizeof(more) - strlen(more), "[issuer.i%d]\nissuer = %d\n", i, i);
	CU_ASSERT(refuses(more, "more than 16 issuers"));
	end();
}

/* T116 */
static void secrets_that_others_can_read_are_refused(void)
{
	begin();
	CU_ASSERT(load_with_mode("", 0600));
	CU_ASSERT(load_with_mode("", 0640)); /* our own group */
	CU_ASSERT_FALSE(load_with_mode("", 0644));
	CU_ASSERT_PTR_NOT_NULL(strstr(err.operator, file));
	CU_ASSERT_PTR_NULL(strstr(err.operator, "pa;ss"));
	CU_ASSERT_FALSE(load_with_mode("", 0602));
	CU_ASSERT_EQUAL(chmod(key_file, 0604), 0);
	CU_ASSERT(refuses("", "[tenancy] context_key_file"));
	CU_ASSERT_EQUAL(chmod(key_file, 0600), 0);
	if (geteuid() == 0) { /* only root can give a file away */
		CU_ASSERT_EQUAL(chown(key_file, 0, 54321), 0);
		CU_ASSERT(load(""));
		CU_ASSERT_EQUAL(chmod(key_file, 0640), 0);
		CU_ASSERT(refuses("", "[tenancy] context_key_file"));
	}
	end();
}

static void a_file_without_secrets_may_be_read_by_all(void)
{
	char text[1024];
	begin();
	snprintf(text, sizeof(text),
		"[tenancy]\nallowed_envs = dev\ncontext_key_file = %s\n[issuer.a]\nissuer = x\naudience = y\n"
		"algorithms = ES256\npem_file = z\n",
		key_file);
	files_write(file, text, 0644);
	setenv("TENANTD_DATABASE_URL", "postgresql://app:secret@/db", 1);
	CU_ASSERT(config_load(&config, arena, file, &err));
	unsetenv("TENANTD_DATABASE_URL");
	end();
}

/* T116: whoever writes the list of keys, or the file that names it, writes tokens. */
static void files_that_others_can_write_are_refused(void)
{
	struct str out;
	begin();
	CU_ASSERT_EQUAL(chmod(key_file, 0646), 0);
	CU_ASSERT_FALSE(config_read_file(arena, "jwks_file", str_c(key_file), 65, false, &out, &err));
	CU_ASSERT_PTR_NOT_NULL(strstr(err.operator, "can be written by others"));
	CU_ASSERT_EQUAL(chmod(key_file, 0664), 0);
	CU_ASSERT(config_read_file(arena, "jwks_file", str_c(key_file), 65, false, &out, &err));
	end();
}

static void named_files_are_bounded_and_regular(void)
{
	struct str out;
	begin();
	err = (struct error)ERROR_INIT;
	CU_ASSERT(config_read_file(arena, "k", str_c(key_file), 65, true, &out, &err));
	CU_ASSERT(out.len == 65 && out.at[64] == '\n' && out.at[65] == '\0');
	CU_ASSERT_FALSE(config_read_file(arena, "the_key", str_c(key_file), 64, true, &out, &err));
	CU_ASSERT_PTR_NOT_NULL(strstr(err.operator, "the_key: "));
	CU_ASSERT_FALSE(config_read_file(arena, "k", str_c(scratch), 64, false, &out, &err));
	CU_ASSERT_FALSE(config_read_file(arena, "k", STR("/dev/zero"), 64, false, &out, &err));
	CU_ASSERT_FALSE(config_read_file(arena, "k", STR("/nonexistent"), 64, false, &out, &err));
	CU_ASSERT_EQUAL(chmod(key_file, 0644), 0);
	CU_ASSERT_FALSE(config_read_file(arena, "k", str_c(key_file), 65, true, &out, &err));
	CU_ASSERT(config_read_file(arena, "k", str_c(key_file), 65, false, &out, &err));
	end();
}

/* The row of docs/configuration.md for a key. */
static void row_of(const struct config_key *k, char *row, size_t size)
{
	char standard[128];
	snprintf(standard, sizeof(standard),
		!k->standard                 ? "required"
			: k->standard[0] == '\0' ? "none"
									 : "`%s`",
		k->standard);
	snprintf(row, size, "| `%s` | %s | %s | %s |\n", k->key, k->type, standard, k->help);
}

static void docs_list_every_key_and_no_other(void)
{
	size_t count, rows = 0;
	const struct config_key *keys = config_keys(&count);
	char *docs = read_source("docs/configuration.md"), *at = docs;
	for (size_t i = 0; i < count; i++) {
		char text[512];
		if (i == 0 || strcmp(keys[i].section, keys[i - 1].section) != 0) {
			bool of_issuer = strcmp(keys[i].section, "issuer.*") == 0;
			snprintf(text, sizeof(text), "\n## [%s]\n", of_issuer ? "issuer.NAME" : keys[i].section);
			at = strstr(docs, text);
			CU_ASSERT_PTR_NOT_NULL_FATAL(at);
		}
		row_of(&keys[i], text, sizeof(text));
		char *found = strstr(at, text); /* in the table's order */
		if (!found) {
			CU_FAIL("a key is not in docs/configuration.md, or elsewhere");
			fprintf(stderr, "docs/configuration.md lacks: %s", text);
		} else {
			at = found;
		}
	}
	for (at = docs; (at = strstr(at, "\n| `")); at++)
		rows++;
	CU_ASSERT_EQUAL(rows, count);
	free(docs);
}

static void reads_have_a_time_of_their_own(void)
{
	begin();
	CU_ASSERT(load("[limits]\nstatement_timeout = 9000\nread_timeout = 750\n"));
	CU_ASSERT_EQUAL(config.limits.read_timeout, 750);
	CU_ASSERT_EQUAL(config.limits.statement_timeout, 9000);
	CU_ASSERT(refuses("[limits]\nread_timeout = 0\n", "[limits] read_timeout"));
	CU_ASSERT(refuses("[limits]\nread_timeout = 2s\n", "[limits] read_timeout"));
	end();
}

static void choices_become_the_enum_of_their_key(void)
{
	static const struct {
		const char *text;
		enum header_fallback stored;
	} choices[] = { { "off", FALLBACK_OFF }, { "validate", FALLBACK_VALIDATE }, { "warn", FALLBACK_WARN } };
	char more[64];
	begin();
	for (size_t i = 0; i < COUNT_OF(choices); i++) {
		snprintf(more, sizeof(more), "[tenancy]\nheader_fallback = %s\n", choices[i].text);
		CU_ASSERT_FATAL(load(more));
		CU_ASSERT_EQUAL(config.tenancy.header_fallback, choices[i].stored);
	}
	CU_ASSERT(refuses("[tenancy]\nheader_fallback = of\n", "'of' is not one of off|validate|warn"));
	CU_ASSERT(refuses("[tenancy]\nheader_fallback =\n", "'' is not one of off|validate|warn"));
	CU_ASSERT(refuses("[tenancy]\nheader_fallback = off|validate\n", "is not one of off|validate|warn"));
	end();
}

static void the_first_env_that_is_served_stands_for_all(void)
{
	for (int served = ENV_DEV; served < ENV_COUNT; served++) {
		struct config c = { 0 };
		for (int e = served; e < ENV_COUNT; e++)
			c.tenancy.env_allowed[e] = true;
		CU_ASSERT_EQUAL((int)config_any_env(&c), served);
	}
}

static const struct unit_test tests[] = {
	TEST(a_complete_file_loads_with_defaults),
	TEST(what_is_mistyped_is_refused_by_name),
	TEST(malformed_values_are_refused_by_name),
	TEST(missing_keys_are_named_with_their_variable),
	TEST(reads_have_a_time_of_their_own),
	TEST(choices_become_the_enum_of_their_key),
	TEST(the_first_env_that_is_served_stands_for_all),
	TEST(the_environment_overrides_the_file),
	TEST(more_issuers_than_there_is_room_for_are_refused),
	TEST(secrets_that_others_can_read_are_refused),
	TEST(a_file_without_secrets_may_be_read_by_all),
	TEST(files_that_others_can_write_are_refused),
	TEST(named_files_are_bounded_and_regular),
	TEST(docs_list_every_key_and_no_other),
};
const struct core_tests core_config = { tests, COUNT_OF(tests) };

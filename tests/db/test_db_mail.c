/* Sending mail as an operator does: tenantctl against a database of its own and programs that stand in for sendmail. */
#include "core/log.h"
#include "core/str.h"
#include "db/pipeline.h"
#include "support/cluster.h"
#include "support/files.h"
#include "support/unit.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define SECRET "the-s3cret"

static struct cluster cluster;
static struct arena *arena;
static struct db *db; /* as the superuser */
static char scratch[64];

static const char *file(const char *name)
{
	return arena_printf(arena, "%s/%s", scratch, name).at;
}

static bool is_there(const char *name)
{
	return access(file(name), F_OK) == 0;
}

/* What a file holds; "" when there is none. */
static const char *text_of(const char *name)
{
	static char text[256 * 1024];
	FILE *f = fopen(file(name), "re");
	size_t len = f ? fread(text, 1, sizeof(text) - 1, f) : 0;
	if (f)
		fclose(f);
	text[len] = '\0';
	return text;
}

/* The one value that a statement answers. */
static struct str sql(const char *statement)
{
	struct error err = ERROR_INIT;
	struct rows rows;
	if (!db_script(db, arena, str_c(statement), &rows, &err)) {
		fprintf(stderr, "%s: %s\n", statement, err.operator);
		exit(EXIT_FAILURE);
	}
	return rows.count > 0 ? rows_value(&rows, 0, 0, NULL) : STR("");
}

#define SAYS(statement, wanted)                                                                              \
	do {                                                                                                     \
		struct str got_ = sql(statement);                                                                    \
		CU_ASSERT(str_eq(got_, str_c(wanted)));                                                              \
		if (!str_eq(got_, str_c(wanted)))                                                                    \
			fprintf(stderr, "%s:%d: '%.*s'\n", __FILE__, __LINE__, STR_ARG(got_));                           \
	} while (0)

/* Starts tenantctl with these words, "" for none; what it says goes to the file `said`. */
static pid_t start(const char *first, const char *second, const char *third, const char *fourth)
{
	fflush(NULL);
	pid_t pid = fork();
	if (pid != 0)
		return pid;
	const char *program = getenv("TENANTCTL");
	char *argv[] = { (char *)"tenantctl", (char *)first, (char *)second, third[0] ? (char *)third : NULL,
		fourth[0] ? (char *)fourth : NULL, NULL };
	setenv("TENANTD_CONFIG", file("tenantd.ini"), 1);
	int said = open(file("said"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (dup2(said, 1) < 0 || dup2(said, 2) < 0)
		_exit(126);
	execv(program ? program : "./tenantctl", argv);
	_exit(127);
}

static int end_of(pid_t pid)
{
	int how = 0;
	waitpid(pid, &how, 0);
	return WIFEXITED(how) ? WEXITSTATUS(how) : -1;
}

static int run(void)
{
	return end_of(start("mail", "run", "", ""));
}

static void configure(const char *mail)
{
	files_write(file("tenantd.ini"),
		arena_printf(arena,
			"[server]\npublic_url = https://app.example.com\n"
			"[database]\nurl = %s\nadmin_url = %s\nerrands_url = %s\n"
			"[tenancy]\nallowed_envs = dev, prod\ncontext_key_file = %s\n"
			"[issuer.main]\nissuer = https://id.example\naudience = api\nalgorithms = HS256\n"
			"hs256_secret_file = %s\n"
			"[mail]\nfrom = no-reply@example.com\ntemplates = " TOP_SRCDIR "/share/mail/en\nattempts = 3\n%s",
			cluster_url(&cluster, arena, "mail", "tenantd_app").at,
			cluster_url(&cluster, arena, "mail", "tenantd_migrator").at,
			cluster_url(&cluster, arena, "mail", "tenantd_errands").at, file("key"), file("key"), mail)
			.at,
		0600);
}

/* A new outbox, and this script in place of sendmail, which runs in the scratch folder; $to is the recipient. */
static void begin(const char *script)
{
	sql("DELETE FROM tenantd.mail_outbox");
	(void)unlink(file("sent")), (void)unlink(file("said"));
	files_write(file("sendmail"),
		arena_printf(arena, "#!/bin/sh\ncd '%s' || exit 99\nfor to; do :; done\n%s\n", scratch, script).at,
		0700);
	configure(arena_printf(arena, "sendmail = %s\n", file("sendmail")).at);
}

static void queue(const char *env, const char *recipient)
{
	sql(arena_printf(arena,
		"SELECT tenantd.mail_queue('password_reset', '%s', NULL, '%s', '{\"token\":\"" SECRET
		"\",\"expires_at\":\"2026-12-01T00:00:00Z\"}')",
		env, recipient)
			.at);
}

#define OUTBOX                                                                                                      \
	"SELECT string_agg(concat_ws(' ', split_part(recipient, '@', 1), state, attempts, params IS NULL, error), ', '" \
	" ORDER BY recipient) FROM tenantd.mail_outbox"

static void mail_is_sent_and_its_secret_is_gone(void) /* T116 */
{
	begin("cat >>sent");
	queue("prod", "ann@example.com");
	CU_ASSERT_EQUAL(run(), 0);
	CU_ASSERT(strstr(text_of("said"), "1 sent, 0 to be tried again, 0 given up") != NULL);
	CU_ASSERT(
		strstr(text_of("sent"), "https://app.example.com/console/reset?env=prod#token=" SECRET) != NULL);
	CU_ASSERT(strstr(text_of("sent"), "\nTo: <ann@example.com>\n") != NULL);
	SAYS(OUTBOX, "ann sent 1 t");
	CU_ASSERT_EQUAL(run(), 0);
	CU_ASSERT(strstr(text_of("said"), "0 sent") != NULL);
}

static void exit_status_decides_what_becomes_of_a_mail(void)
{
	begin("case $to in temp@*) exit 75 ;; nouser@*) exit 67 ;; dataerr@*) exit 65 ;; odd@*) exit 1 ;; esac");
	queue("prod", "temp@example.com");
	queue("prod", "nouser@example.com");
	queue("dev", "dataerr@example.com");
	queue("dev", "odd@example.com");
	queue("prod", "no address");
	CU_ASSERT_EQUAL(run(), 0);
	CU_ASSERT(strstr(text_of("said"), "0 sent, 2 to be tried again, 3 given up") != NULL);
	SAYS(OUTBOX,
		"dataerr dead 1 t sendmail exited with 65, no address dead 1 t the recipient is an address that no"
		" mail server takes, nouser dead 1 t sendmail exited with 67, odd queued 1 f sendmail exited with"
		" 1, temp queued 1 f sendmail exited with 75");
	for (int i = 0; i < 4; i++) {
		sql("UPDATE tenantd.mail_outbox SET due_at = now() WHERE state = 'queued'");
		CU_ASSERT_EQUAL(run(), 0);
	}
	SAYS(
		"SELECT string_agg(DISTINCT concat_ws(' ', state, attempts), ', ') FROM tenantd.mail_outbox WHERE error"
		" IN ('sendmail exited with 1', 'sendmail exited with 75')",
		"dead 3");
	CU_ASSERT(strstr(text_of("said"), "mail.given_up") != NULL);
	CU_ASSERT_PTR_NULL(strstr(text_of("said"), SECRET));
	CU_ASSERT_PTR_NULL(strstr(text_of("said"), "temp@"));
}

static void mail_of_an_env_that_is_not_served_stays(void)
{
	begin("echo \"$to\" >>sent");
	queue("staging", "sam@example.com");
	CU_ASSERT_EQUAL(run(), 0);
	SAYS(OUTBOX, "sam queued 0 f");
	CU_ASSERT_FALSE(is_there("sent"));
}

static void run_that_cannot_send_takes_no_mail(void)
{
	begin("cat >>sent");
	queue("prod", "ann@example.com");
	CU_ASSERT_EQUAL(unlink(file("sendmail")), 0);
	CU_ASSERT_EQUAL(run(), 1);
	CU_ASSERT(strstr(text_of("said"), "[mail] sendmail: cannot run") != NULL);
	configure("spool = /nonexistent\n");
	CU_ASSERT_EQUAL(run(), 1);
	configure(arena_printf(arena, "interval = 0\nspool = %s\n", scratch).at);
	setenv("TENANTD_MAIL_TEMPLATES", "/nonexistent", 1);
	CU_ASSERT_EQUAL(run(), 1);
	unsetenv("TENANTD_MAIL_TEMPLATES");
	setenv("TENANTD_SERVER_PUBLIC_URL", "", 1);
	CU_ASSERT_EQUAL(run(), 1);
	unsetenv("TENANTD_SERVER_PUBLIC_URL");
	SAYS(OUTBOX, "ann queued 0 f");
	CU_ASSERT_EQUAL(run(), 0);
	SAYS(OUTBOX, "ann sent 1 t");
}

static void runs_at_once_send_each_mail_once(void)
{
	enum { RUNS = 6, MAILS = 120 };
	pid_t pids[RUNS];
	begin("echo \"$to\" >>sent");
	sql("INSERT INTO tenantd.mail_outbox (env, kind, recipient, params) SELECT 'prod', 'join_rejected', 'a' || i ||"
		" '@example.com', '{\"tenant_name\": \"n\"}' FROM generate_series(1, 120) i");
	for (size_t i = 0; i < RUNS; i++)
		pids[i] = start("mail", "run", "", "");
	for (size_t i = 0; i < RUNS; i++)
		CU_ASSERT_EQUAL(end_of(pids[i]), 0);
	size_t lines = 0;
	bool seen[MAILS + 1] = { false };
	struct str rest = str_c(text_of("sent")), line;
	while (!str_is_empty(rest)) {
		int64_t number = 0;
		rest = str_split(rest, '\n', &line);
		line.len = str_find(line, '@');
		CU_ASSERT_FATAL(str_to_int64(str_skip(line, 1), &number) && number >= 1 && number <= MAILS);
		CU_ASSERT_FALSE(seen[number]);
		seen[number] = true;
		lines++;
	}
	CU_ASSERT_EQUAL(lines, MAILS);
	SAYS("SELECT string_agg(DISTINCT concat_ws(' ', state, attempts), ', ') FROM tenantd.mail_outbox",
		"sent 1");
}

/* The last line that begins so. */
static struct str last_line(const char *beginning)
{
	struct str rest = str_c(text_of("sent")), line, last = STR("");
	while (!str_is_empty(rest)) {
		rest = str_split(rest, '\n', &line);
		if (str_starts(line, str_c(beginning)))
			last = arena_str(arena, line);
	}
	return last;
}

static void killed_run_costs_a_second_copy_and_no_mail(void)
{
	begin("cat >>sent; [ -e again ] || { : >waits; read line <gate; }");
	CU_ASSERT_EQUAL_FATAL(mkfifo(file("gate"), 0600), 0);
	queue("prod", "ann@example.com");
	pid_t pid = start("mail", "run", "", "");
	UNTIL(30, is_there("waits"));
	CU_ASSERT_FATAL(is_there("waits"));
	struct str id = last_line("Message-ID: ");
	kill(pid, SIGKILL);
	CU_ASSERT_EQUAL(end_of(pid), -1);
	files_write(file("gate"), "go\n", 0600); /* the program ends by itself */
	SAYS(OUTBOX, "ann queued 1 f");
	files_write(file("again"), "", 0600);
	CU_ASSERT_EQUAL(run(), 0);
	SAYS(OUTBOX, "ann queued 1 f"); /* the lease is not over */
	sql("UPDATE tenantd.mail_outbox SET due_at = now()");
	CU_ASSERT_EQUAL(run(), 0);
	SAYS(OUTBOX, "ann sent 2 t");
	CU_ASSERT(id.len > 20 && str_eq(last_line("Message-ID: "), id));
}

static void list_shows_the_outbox_without_what_mails_say(void) /* T116 */
{
	begin("exit 67");
	queue("prod", "gone@example.com");
	CU_ASSERT_EQUAL(run(), 0);
	queue("dev", "waits@example.com");
	CU_ASSERT_EQUAL(end_of(start("mail", "list", "", "")), 0);
	CU_ASSERT(strstr(text_of("said"), "waits@example.com") != NULL);
	CU_ASSERT(strstr(text_of("said"), "gone@example.com  sendmail exited with 67") != NULL);
	CU_ASSERT_EQUAL(end_of(start("mail", "list", "--json", "--limit=9")), 0);
	CU_ASSERT(strstr(text_of("said"), "\"error\":\"sendmail exited with 67\"") != NULL);
	CU_ASSERT_PTR_NULL(strstr(text_of("said"), SECRET));
	(void)unlink(file("said"));
	CU_ASSERT_EQUAL(end_of(start("mail", "list", "--state=queued", "")), 0);
	CU_ASSERT(strstr(text_of("said"), "waits@") != NULL && !strstr(text_of("said"), "gone@"));
	(void)unlink(file("said"));
	CU_ASSERT_EQUAL(end_of(start("mail", "list", "--env=prod", "")), 0);
	CU_ASSERT(strstr(text_of("said"), "gone@") != NULL && !strstr(text_of("said"), "waits@"));
	CU_ASSERT_EQUAL(end_of(start("mail", "list", "--state=lost", "")), 2);
	CU_ASSERT_EQUAL(end_of(start("mail", "run", "--limit", "0")), 2);
	queue("prod", "one@example.com");
	CU_ASSERT_EQUAL(end_of(start("mail", "run", "--limit", "1")), 0);
	SAYS("SELECT count(*)::text FROM tenantd.mail_outbox WHERE state = 'queued'", "1");
}

static void what_ended_long_ago_is_forgotten(void)
{
	begin("exit 0");
	queue("prod", "old@example.com");
	CU_ASSERT_EQUAL(run(), 0);
	sql("UPDATE tenantd.mail_outbox SET ended_at = now() - interval '31 days'");
	queue("prod", "new@example.com");
	CU_ASSERT_EQUAL(run(), 0);
	SAYS(OUTBOX, "new sent 1 t");
}

static pid_t start_tenantd(void)
{
	fflush(NULL);
	pid_t pid = fork();
	if (pid != 0)
		return pid;
	execl("./tenantd", "tenantd", "--config", file("tenantd.ini"), NULL);
	_exit(127);
}

/* The only process here that connects to the database as the migrator is the child of the master. */
static void master_has_mail_sent_by_its_timer(void)
{
	begin("exit 0");
	configure(
		arena_printf(arena, "interval = 1\nspool = %s\n[server]\nlisten = unix:%s\n[log]\ntarget = %s\n",
			scratch, file("socket"), file("log"))
			.at);
	queue("prod", "ann@example.com");
	pid_t pid = start_tenantd();
	UNTIL(30, str_starts(sql(OUTBOX), STR("ann sent")));
	SAYS(OUTBOX, "ann sent 1 t");
	struct str id = sql("SELECT id FROM tenantd.mail_outbox");
	const char *name = arena_printf(arena, "password_reset-%.*s.eml", STR_ARG(id)).at;
	CU_ASSERT(strstr(text_of(name), "#token=" SECRET) != NULL);
	queue("prod", "bob@example.com");
	UNTIL(30, strstr(sql(OUTBOX).at, "bob sent"));
	SAYS(OUTBOX, "ann sent 1 t, bob sent 1 t");
	kill(pid, SIGTERM);
	CU_ASSERT_EQUAL(end_of(pid), 0);
	CU_ASSERT(strstr(text_of("log"), "\"mail.sent\"") != NULL);
	CU_ASSERT_PTR_NULL(strstr(text_of("log"), SECRET));
	CU_ASSERT_PTR_NULL(strstr(text_of("log"), "ann@example.com"));
}

static const struct unit_test tests[] = {
	TEST(mail_is_sent_and_its_secret_is_gone),
	TEST(exit_status_decides_what_becomes_of_a_mail),
	TEST(mail_of_an_env_that_is_not_served_stays),
	TEST(run_that_cannot_send_takes_no_mail),
	TEST(runs_at_once_send_each_mail_once),
	TEST(killed_run_costs_a_second_copy_and_no_mail),
	TEST(list_shows_the_outbox_without_what_mails_say),
	TEST(what_ended_long_ago_is_forgotten),
	TEST(master_has_mail_sent_by_its_timer),
};

int main(void)
{
	struct error err = ERROR_INIT;
	if (!log_open("/dev/null", LOG_LEVEL_INFO, &err))
		return EXIT_FAILURE;
	cluster_open(&cluster);
	cluster_migrated(&cluster, "mail");
	files_begin(scratch, sizeof(scratch), "mail");
	arena = arena_new(256 * 1024);
	files_write(file("key"), "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n", 0600);
	struct db_options options = { .url = cluster_url(&cluster, arena, "mail", "postgres"),
		.application_name = "test",
		.connect_ms = 5000 };
	db = db_new(&options);
	int result = EXIT_FAILURE;
	if (db_connect(db, &err))
		result = unit_main("db_mail", tests, COUNT_OF(tests));
	db_free(db);
	arena_free(arena);
	files_end(scratch);
	cluster_close(&cluster);
	return result;
}

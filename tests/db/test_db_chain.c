/* The audit log as evidence: what was exported, and what the database has, is verified by tenantctl; whatever somebody did to it who
 * has every right but the key is found, and named. T113 throughout. */
#include "core/buf.h"
#include "support/ctl.h"
#include "support/files.h"

#include <stdlib.h>

#define TENANT "a0000000-0000-4000-8000-000000000001"
#define ROWS "SELECT count(*)::text FROM tenantd.audit_events WHERE tenant_id = '" TENANT "'"

enum { LINES = 64 };

static char keys[64]; /* a folder for the keys, whose paths the configuration names */
static char *lines[LINES];
static size_t line_count;

#define FORMAT(...) arena_printf(ctl_arena(), __VA_ARGS__).at

/* Some changes of the tenant, each with its audit row, and a checkpoint. */
static void work(void)
{
	static int n;
	for (int i = 0; i < 3; i++)
		ctl_sql(
			arena_printf(ctl_arena(), "UPDATE tenantd.tenants SET name = 'n%d' WHERE id = '" TENANT "'", n++)
				.at);
	CU_ASSERT_EQUAL(ctl("audit checkpoint"), 0);
}

/* Exports the log of the tenant and reads its lines: what log it is, checkpoint 1, three rows and more, … */
static void export(void)
{
	(void)remove(ctl_file("log.out"));
	CU_ASSERT_EQUAL(ctl("audit export --tenant acme --env prod --out log.out"), 0);
	char *rest = arena_cstr(ctl_arena(), str_c(ctl_text("log.out")));
	for (line_count = 0; *rest; line_count++) {
		lines[line_count] = rest;
		rest += strcspn(rest, "\n");
		*rest++ = '\0';
	}
}

/* Verifies these lines, of which each that is NULL is left out. */
static int verify(const char *options)
{
	struct buf b;
	buf_init(&b, ctl_arena(), 64 * 1024);
	for (size_t i = 0; i < line_count; i++)
		if (lines[i])
			buf_printf(&b, "%s\n", lines[i]);
	ctl_put("log.out", buf_str(&b).at);
	return ctl(FORMAT("audit verify log.out%s", options));
}

/* The line of the n-th checkpoint, and the n-th row after it. */
static size_t checkpoint_line(int n)
{
	for (size_t i = 0; i < line_count; i++)
		if (strncmp(lines[i], "{\"checkpoint\":", 14) == 0 && --n == 0)
			return i;
	CU_FAIL_FATAL("there are not so many checkpoints");
	return 0;
}

static const char *id_of(size_t line)
{
	char *id = arena_cstr(ctl_arena(), str_c(strstr(lines[line], "\"id\":\"") + 6));
	id[36] = '\0';
	return id;
}

static bool says_of(size_t line, const char *what)
{
	return ctl_said(FORMAT("row %s %s", id_of(line), what));
}

/* A copy of a line in which one text stands for another. */
static char *changed(const char *line, const char *from, const char *to)
{
	const char *at = strstr(line, from);
	CU_ASSERT_PTR_NOT_NULL_FATAL(at);
	return arena_cstr(
		ctl_arena(), arena_printf(ctl_arena(), "%.*s%s%s", (int)(at - line), line, to, at + strlen(from)));
}

static void an_untouched_log_is_whole(void)
{
	work();
	export();
	CU_ASSERT(line_count > 6);
	CU_ASSERT_EQUAL(verify(""), 0);
	CU_ASSERT(ctl_said(" whole: ") && ctl_said("0 not covered yet"));
	CU_ASSERT_EQUAL(verify(FORMAT(" --keys %s/public.json", keys)), 0);
	CU_ASSERT_EQUAL(ctl("audit verify"), 0);
	CU_ASSERT(ctl_said(TENANT " whole: "));
	ctl_sql("UPDATE tenantd.tenants SET name = 'open' WHERE id = '" TENANT "'");
	CU_ASSERT_EQUAL(ctl("audit verify --tenant " TENANT), 0);
	CU_ASSERT(ctl_said("1 not covered yet"));
}

static void the_log_of_no_tenant_is_chained_too(void)
{
	ctl_sql("INSERT INTO tenantd.users (issuer, subject) VALUES ('https://id.example', 'somebody')");
	CU_ASSERT_EQUAL(ctl("audit checkpoint"), 0);
	CU_ASSERT(ctl_said("00000000-0000-0000-0000-000000000000 checkpoint 2 covers"));
	CU_ASSERT_EQUAL(ctl("audit export --out system.out"), 0);
	CU_ASSERT_PTR_NOT_NULL(strstr(ctl_text("system.out"), "\"action\":\"user.created\""));
	CU_ASSERT_EQUAL(ctl("audit verify system.out"), 0);
}

static void an_edited_row_is_named(void)
{
	export();
	size_t row = checkpoint_line(1) + 2;
	lines[row] = changed(lines[row], "\"count\":1", "\"count\":2");
	CU_ASSERT_EQUAL(verify(""), 1);
	CU_ASSERT(says_of(row, "was edited") && ctl_said("NOT WHOLE"));
}

static void a_deleted_row_is_named(void)
{
	export();
	size_t row = checkpoint_line(1) + 2;
	char *line = lines[row];
	lines[row] = NULL;
	CU_ASSERT_EQUAL(verify(""), 1);
	lines[row] = line;
	CU_ASSERT(says_of(row, "was deleted"));
}

static void an_inserted_row_is_named(void)
{
	export();
	size_t row = checkpoint_line(1) + 2;
	lines[row + 1] = changed(lines[row], id_of(row), "b0000000-0000-4000-8000-000000000001");
	CU_ASSERT_EQUAL(verify(""), 1);
	CU_ASSERT(says_of(row + 1, "was inserted"));
	export();
	lines[line_count++] = lines[row];
	CU_ASSERT_EQUAL(verify(""), 0); /* behind the checkpoints a row proves nothing yet */
	export();
	lines[row] = arena_cstr(ctl_arena(), arena_printf(ctl_arena(), "%s\n%s", lines[row], lines[row]));
	CU_ASSERT_EQUAL(verify(""), 1);
	CU_ASSERT(says_of(row, "is there twice"));
}

static void reordered_rows_are_named(void)
{
	export();
	size_t row = checkpoint_line(1) + 2;
	char *line = lines[row];
	lines[row] = lines[row + 1];
	lines[row + 1] = line;
	CU_ASSERT_EQUAL(verify(""), 1);
	CU_ASSERT(says_of(row + 1, "was put behind later rows"));
}

static void a_cut_end_is_found_by_the_digest_that_was_kept(void)
{
	work();
	export();
	size_t last = checkpoint_line(2);
	const char *digest =
		ctl_sql("SELECT encode(digest, 'hex') FROM tenantd.audit_checkpoints WHERE tenant_id = '" TENANT
				"' ORDER BY number DESC LIMIT 1")
			.at;
	const char *expect = FORMAT(" --expect %s", digest);
	CU_ASSERT_EQUAL(verify(expect), 0);
	CU_ASSERT_EQUAL(ctl(FORMAT("audit verify%s", expect)), 0);
	for (size_t i = last; i < line_count; i++)
		lines[i] = NULL;
	CU_ASSERT_EQUAL(verify(""), 0);
	CU_ASSERT_EQUAL(verify(expect), 1);
	CU_ASSERT(ctl_said("the end of its log was cut off"));
	line_count = 1;
	CU_ASSERT_EQUAL(verify(""), 1);
	CU_ASSERT(ctl_said("it proves nothing"));
}

static void a_checkpoint_that_is_missing_or_moved_is_named(void)
{
	export();
	size_t first = checkpoint_line(1), second = checkpoint_line(2);
	for (size_t i = first; i < second; i++)
		lines[i] = NULL;
	CU_ASSERT_EQUAL(verify(""), 1);
	CU_ASSERT(ctl_said("checkpoint 1, before it, is missing"));
}

static void a_forged_checkpoint_is_named(void)
{
	export();
	size_t at = checkpoint_line(1);
	char *forged = changed(lines[at], "\"digests\":\"", "\"digests\":\"");
	char *digit = strstr(forged, "\"digests\":\"") + 11;
	*digit = *digit == '0' ? '1' : '0';
	lines[at] = forged;
	CU_ASSERT_EQUAL(verify(""), 1);
	CU_ASSERT(ctl_said("checkpoint 1: its list of rows was changed") && says_of(at + 1, "was edited"));
	export();
	/* the signed words of another one */
	char *words = strstr(arena_cstr(ctl_arena(), str_c(lines[checkpoint_line(2)])), "\"statement\":");
	char *own = strstr(lines[at], "\"statement\":");
	lines[at] = arena_cstr(
		ctl_arena(), arena_printf(ctl_arena(), "%.*s%s", (int)(own - lines[at]), lines[at], words));
	CU_ASSERT_EQUAL(verify(""), 1);
	CU_ASSERT(ctl_said("checkpoint 1: what was signed there is another checkpoint"));
}

static void another_key_proves_nothing(void)
{
	CU_ASSERT_EQUAL(ctl(FORMAT("keys new --private %s/other.pem --jwk %s/other.json", keys, keys)), 0);
	export();
	CU_ASSERT_EQUAL(verify(FORMAT(" --keys %s/other.json", keys)), 1);
	CU_ASSERT(ctl_said("checkpoint 1: a statement was signed by none of these keys"));
	/* Somebody who has the database and makes checkpoints with a key of their own. */
	char *config = arena_cstr(ctl_arena(), str_c(ctl_text("tenantd.ini")));
	ctl_put("tenantd.ini", changed(config, "private.pem", "other.pem"));
	work();
	ctl_put("tenantd.ini", config);
	CU_ASSERT_EQUAL(ctl("audit verify"), 1);
	CU_ASSERT(ctl_said(TENANT " checkpoint 4: a statement was signed by none of these keys"));
	ctl_sql(
		"BEGIN; SET LOCAL session_replication_role = replica; DELETE FROM tenantd.audit_checkpoints WHERE number = 4; COMMIT");
	work();
	CU_ASSERT_EQUAL(ctl("audit verify"), 0);
}

/* What somebody does who may switch the triggers off, and takes back. */
static void tampered(const char *what, const char *found)
{
	ctl_sql("CREATE TABLE public.saved AS SELECT * FROM tenantd.audit_events");
	ctl_sql(FORMAT("BEGIN; SET LOCAL session_replication_role = replica; %s; COMMIT", what));
	CU_ASSERT_EQUAL(ctl("audit verify"), 1);
	CU_ASSERT(ctl_said(found));
	ctl_sql("BEGIN; SET LOCAL session_replication_role = replica; DELETE FROM tenantd.audit_events;"
			"INSERT INTO tenantd.audit_events SELECT * FROM public.saved; DROP TABLE public.saved; COMMIT");
	CU_ASSERT_EQUAL(ctl("audit verify"), 0);
}

static void what_was_done_to_the_database_is_found_there(void)
{
	const char *id =
		ctl_sql("SELECT row_ids[2]::text FROM tenantd.audit_checkpoints WHERE tenant_id = '" TENANT
				"' AND number = 1")
			.at;
	tampered(FORMAT("UPDATE tenantd.audit_events SET actor_id = gen_random_uuid() WHERE id = '%s'", id),
		FORMAT("row %s was edited", id));
	tampered(
		FORMAT("DELETE FROM tenantd.audit_events WHERE id = '%s'", id), FORMAT("row %s was deleted", id));
	tampered(FORMAT("UPDATE tenantd.audit_events SET at = '2001-01-01' WHERE id = '%s'", id),
		FORMAT("row %s was deleted", id));
	tampered(FORMAT("UPDATE tenantd.audit_events SET env = 'dev' WHERE id = '%s'", id),
		FORMAT("row %s was deleted", id));
	tampered(
		FORMAT(
			"INSERT INTO tenantd.audit_events SELECT tenant_id, env, at + interval '1 microsecond', id, 'other.done', actor_kind, NULL, NULL, object_type "
			"FROM tenantd.audit_events WHERE id = '%s'",
			id),
		FORMAT("row %s is there twice", id));
	tampered("DELETE FROM tenantd.audit_events WHERE tenant_id = '" TENANT "'", "was deleted, the first of");
}

static void a_row_that_comes_late_is_noted(void)
{
	ctl_sql(
		"INSERT INTO tenantd.audit_events (tenant_id, env, at, id, action, actor_kind, object_type) VALUES ('" TENANT
		"', 'prod', '2001-01-01', "
		"'c0000000-0000-4000-8000-000000000001', 'test.done', 'database', 'test')");
	work();
	CU_ASSERT_EQUAL(ctl("audit verify --tenant " TENANT), 0);
	CU_ASSERT(ctl_said(
		"note: row c0000000-0000-4000-8000-000000000001 is older than rows that were covered before it"));
}

/* A tenant with rows of old times that a checkpoint covers, and one of now that the next one covers. Some tell who had access: jo was a
 * member and was removed, al is one to this day. */
#define OLD "a0000000-0000-4000-8000-000000000002"
#define OLD_ROW(n, object, id, status)                                                                                              \
	"INSERT INTO tenantd.audit_events (tenant_id, env, at, action, actor_kind, object_type, object_id, role, status) VALUES ('" OLD \
	"', 'prod', '2020-01-0" n "', 'test.done', 'database', '" object "', '" id "', CASE '" object                                   \
	"' WHEN 'member' THEN 'member'::tenantd.role END, " status ");"

static void grow_old(void)
{
	ctl_sql(OLD_ROW("1", "test", "x", "NULL") OLD_ROW("2", "member", "jo", "'active'")
			OLD_ROW("3", "member", "jo", "'removed'") OLD_ROW("4", "member", "al", "'pending'")
				OLD_ROW("5", "member", "al", "'active'") OLD_ROW("6", "tenant", OLD, "'active'"));
	CU_ASSERT_EQUAL(ctl("audit checkpoint"), 0);
	ctl_sql("INSERT INTO tenantd.tenants (id, env, slug, name, status) VALUES ('" OLD
			"', 'prod', 'old', 'x', 'suspended')");
	CU_ASSERT_EQUAL(ctl("audit checkpoint"), 0);
}

#define LEFT                                                                                                            \
	"SELECT string_agg(object_id || ' ' || status, ', ' ORDER BY at) FROM tenantd.audit_events WHERE tenant_id = '" OLD \
	"' AND at < '2021-01-01'"

static void rows_that_have_served_their_time_go_and_the_log_is_still_whole(void)
{
	grow_old();
	CU_ASSERT_EQUAL(ctl("retention run --dry-run"), 0);
	CU_ASSERT(strstr(ctl_text("said"), "audit rows") == NULL && ctl_said("nothing was removed"));
	CU_ASSERT_EQUAL(ctl("retention set old 30 --env prod"), 0);
	CU_ASSERT(ctl_said("are kept 30 days"));
	SAYS(
		"SELECT actor_kind || ' ' || fields::text FROM tenantd.audit_events WHERE route = 'tenantctl retention set'",
		"operator {audit_days}");
	CU_ASSERT_EQUAL(ctl("retention run --dry-run"), 0);
	CU_ASSERT(ctl_said(OLD " up to 6 audit rows, older than 30 days"));
	CU_ASSERT_EQUAL(ctl("retention run"), 0);
	CU_ASSERT(ctl_said(OLD " 4 audit rows have served their time and are removed"));
	SAYS(LEFT, "al active, " OLD " active");
	SAYS("SELECT actor_kind || ' ' || object_id FROM tenantd.audit_events WHERE action = 'audit.expired'",
		"operator 2");
	CU_ASSERT_EQUAL(ctl("audit verify"), 0);
	CU_ASSERT(ctl_said("rows are kept from checkpoint 2 on"));
	CU_ASSERT_EQUAL(ctl("retention run"), 0);
	SAYS("SELECT count(*) FROM tenantd.audit_events WHERE action = 'audit.expired'", "1");
	SAYS("SELECT count(*) FROM tenantd.system_events WHERE action = 'test.old'", "1");
	CU_ASSERT_EQUAL(ctl("retention set old default --env prod"), 0);
	CU_ASSERT_EQUAL(ctl("retention set old 0 --env prod"), 2);
}

static void what_may_be_gone_may_not_be_something_else(void)
{
	tampered(
		"UPDATE tenantd.audit_events SET object_id = 'me' WHERE object_id = 'al'", OLD " checkpoint 1: row ");
	tampered("DELETE FROM tenantd.audit_events WHERE tenant_id = '" OLD "' AND action = 'tenant.created'",
		OLD " checkpoint 2: row ");
}

static void all_logs_have_the_time_of_the_configuration(void)
{
	setenv("TENANTD_GOVERNANCE_AUDIT_DAYS", "36500", 1);
	CU_ASSERT_EQUAL(ctl("retention run --dry-run"), 0);
	CU_ASSERT(strstr(ctl_text("said"), "audit rows") == NULL);
	setenv("TENANTD_GOVERNANCE_AUDIT_DAYS", "365", 1);
	CU_ASSERT_EQUAL(ctl("retention run"), 0);
	unsetenv("TENANTD_GOVERNANCE_AUDIT_DAYS");
	SAYS("SELECT count(*) FROM tenantd.system_events WHERE action = 'test.old'", "0");
	SAYS("SELECT actor_kind FROM tenantd.system_events WHERE action = 'audit.expired'", "operator");
	CU_ASSERT_EQUAL(ctl("audit verify"), 0);
}

static void what_else_has_served_its_time_goes_too(void)
{
	ctl_sql(
		"INSERT INTO tenantd.mail_outbox (env, kind, recipient, state, ended_at) VALUES ('prod', 'x', 'a@b.example', 'sent', '2020-01-01'), "
		"('prod', 'x', 'b@b.example', 'sent', now()), ('staging', 'x', 'c@b.example', 'sent', '2020-01-01');"
		"INSERT INTO tenantd.idempotency_keys (env, caller, key, request, created_at) VALUES ('prod', 'c', 'old', 'r', now() - interval '25 hours'), "
		"('prod', 'c', 'new', 'r', now());"
		"INSERT INTO tenantd.limit_buckets VALUES ('old', now() - interval '1 second'), ('new', now() + interval '1 hour')");
	CU_ASSERT_EQUAL(ctl("retention run --dry-run"), 0);
	CU_ASSERT(ctl_said("1 rows of mail_outbox") && ctl_said("1 rows of idempotency_keys") &&
		ctl_said("1 rows of limit_buckets"));
	CU_ASSERT_EQUAL(ctl("retention run"), 0);
	SAYS("SELECT string_agg(recipient, ' ' ORDER BY recipient) FROM tenantd.mail_outbox",
		"b@b.example c@b.example");
	SAYS("SELECT string_agg(key, ' ') FROM tenantd.idempotency_keys", "new");
	SAYS("SELECT string_agg(encode(bucket, 'escape'), ' ') FROM tenantd.limit_buckets", "new");
	SAYS("SELECT string_agg(fields::text, ' ') FROM tenantd.system_events WHERE action = 'retention.ran'",
		"{mail_outbox,idempotency_keys,limit_buckets}");
}

static void no_key_makes_no_checkpoint(void)
{
	char *config = arena_cstr(ctl_arena(), str_c(ctl_text("tenantd.ini")));
	ctl_sql("UPDATE tenantd.tenants SET name = 'no key' WHERE id = '" TENANT "'");
	ctl_put("tenantd.ini", changed(config, "[governance]\nkey_file", "[governance]\n;key_file"));
	CU_ASSERT_EQUAL(ctl("audit checkpoint"), 1);
	CU_ASSERT(ctl_said("[governance] key_file is not set"));
	ctl_put("tenantd.ini", config);
	CU_ASSERT_EQUAL(ctl("audit export --tenant nobody --env prod"), 1);
	CU_ASSERT(ctl_said("tenant not found") || ctl_said("Tenant not found"));
	CU_ASSERT_EQUAL(ctl("audit verify log.out --tenant acme"), 2);
}

/* Each of these has a line of the doctor's own, whatever else it finds. */
static void the_doctor_says_that_checkpoints_have_stopped(void)
{
	const char *doctor = "doctor --directory " TEST_DATABASE_DIR "/migrations";
	CU_ASSERT_EQUAL(ctl("audit checkpoint"), 0);
	(void)ctl(doctor);
	CU_ASSERT(ctl_said("ok    audit checkpoints\n"));
	ctl_sql(
		"INSERT INTO tenantd.tenants (id, env, slug, name, status) VALUES ('a0000000-0000-4000-8000-000000000009', 'prod', 'late', 'x', "
		"'suspended');"
		"INSERT INTO tenantd.audit_events (tenant_id, env, at, action, actor_kind, object_type) VALUES "
		"('a0000000-0000-4000-8000-000000000009', 'prod', now() - interval '4 hours', 'test.done', 'database', 'test')");
	CU_ASSERT_EQUAL(ctl(doctor), 1);
	CU_ASSERT(ctl_said("FAIL  audit checkpoints: 1 logs have rows that none covers, since "));
	CU_ASSERT_EQUAL(ctl("audit checkpoint"), 0);
	(void)ctl(doctor);
	CU_ASSERT(ctl_said("ok    audit checkpoints\n"));
}

static const struct unit_test tests[] = {
	TEST(an_untouched_log_is_whole),
	TEST(the_log_of_no_tenant_is_chained_too),
	TEST(an_edited_row_is_named),
	TEST(a_deleted_row_is_named),
	TEST(an_inserted_row_is_named),
	TEST(reordered_rows_are_named),
	TEST(a_cut_end_is_found_by_the_digest_that_was_kept),
	TEST(a_checkpoint_that_is_missing_or_moved_is_named),
	TEST(a_forged_checkpoint_is_named),
	TEST(another_key_proves_nothing),
	TEST(what_was_done_to_the_database_is_found_there),
	TEST(a_row_that_comes_late_is_noted),
	TEST(rows_that_have_served_their_time_go_and_the_log_is_still_whole),
	TEST(what_may_be_gone_may_not_be_something_else),
	TEST(all_logs_have_the_time_of_the_configuration),
	TEST(what_else_has_served_its_time_goes_too),
	TEST(no_key_makes_no_checkpoint),
	TEST(the_doctor_says_that_checkpoints_have_stopped),
};

int main(void)
{
	files_begin(keys, sizeof(keys), "keys");
	char more[256];
	snprintf(more, sizeof(more), "[governance]\nkey_file = %s/private.pem\n", keys);
	ctl_begin("chain", "dev, prod", more);
	if (ctl(FORMAT("keys new --private %s/private.pem --jwk %s/public.json", keys, keys)) != 0)
		return EXIT_FAILURE;
	/* for all_logs_have_the_time_of_the_configuration: the first checkpoint of the log of no tenant */
	ctl_sql(
		"INSERT INTO tenantd.system_events (at, action, actor_kind, object_type) VALUES ('2020-01-01', 'test.old', 'database', 'test')");
	if (ctl("audit checkpoint") != 0)
		return EXIT_FAILURE;
	ctl_sql("INSERT INTO tenantd.tenants (id, env, slug, name, status) VALUES ('" TENANT
			"', 'prod', 'acme', 'x', 'suspended')");
	int result = unit_main("db_chain", tests, COUNT_OF(tests));
	ctl_end();
	files_end(keys);
	return result;
}

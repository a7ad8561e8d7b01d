/* A tenant is exported, erased and brought back, and a person is exported and erased, as an operator does it. */
#include "crypto/statement.h"
#include "support/ctl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *acme; /* its id */

static bool has_file(const char *archive, const char *name)
{
	return access(arena_printf(ctl_arena(), "%s/%s", ctl_file(archive), name).at, F_OK) == 0;
}

/* Runs a command of the shell on the folder in which archives are. */
static bool shell(const char *command)
{
	return system(arena_printf(ctl_arena(), "cd '%s' && %s", ctl_file(""), command).at) == 0;
}

static void everything_of_a_tenant_is_exported(void)
{
	CU_ASSERT_EQUAL(ctl("audit checkpoint"), 0);
	CU_ASSERT_EQUAL(ctl("tenant export acme --env dev --out one.out"), 0);
	CU_ASSERT(ctl_said("rows in 28 files, in "));
	CU_ASSERT(has_file("one.out", "manifest.json") && has_file("one.out", "data.media_contents.jsonl"));
	SAYS(
		"SELECT action || ' ' || route FROM tenantd.audit_events WHERE object_type = 'tenant' AND action = 'tenant.exported'",
		"tenant.exported tenantctl tenant export");
	/* No file but those without rows is empty: all sixteen areas are there. */
	CU_ASSERT(shell("test -z \"$(find one.out -empty)\""));
	CU_ASSERT_EQUAL(ctl("tenant export acme --env dev --out one.out"), 1);
	CU_ASSERT(ctl_said("cannot make the folder"));
	CU_ASSERT_EQUAL(ctl("tenant export nobody --env dev --out two.out"), 1);
	CU_ASSERT(ctl_said("tenant not found"));
}

static void only_a_tenant_that_is_closed_for_good_is_erased(void)
{
	CU_ASSERT_EQUAL(ctl("tenant erase acme --env dev"), 1);
	CU_ASSERT(ctl_said("the tenant is active, and only a closed tenant can be erased"));
	CU_ASSERT_EQUAL(ctl("tenant close acme --env dev"), 0);
	CU_ASSERT_EQUAL(ctl("tenant erase acme --env dev --confirm acme"), 1);
	CU_ASSERT(ctl_said("the tenant can be reopened until "));
	CU_ASSERT_EQUAL(ctl("tenant reopen acme --env dev"), 0);
	CU_ASSERT_EQUAL(ctl("tenant close acme --env dev --grace 0"), 0);
	CU_ASSERT_EQUAL(ctl("tenant erase acme --env dev"), 0);
	CU_ASSERT(ctl_said("       300  data.temperature_readings") &&
		ctl_said("nothing was erased; to erase tenant 'acme' in dev"));
	CU_ASSERT_EQUAL(ctl("tenant erase acme --env dev --confirm acm"), 1);
	SAYS("SELECT count(*) FROM app.temperature_readings", "300");
	SAYS("SELECT count(*) FROM tenantd.erasures", "0");
}

/* What others have is not touched, and nothing is left of the tenant: its own tables, domains, mail, and the tenant in sessions. */
static void an_erased_tenant_leaves_a_receipt_and_nothing_else(void)
{
	struct error err = ERROR_INIT;
	struct str json;
	CU_ASSERT_EQUAL(ctl("tenant export acme --env dev --out before.out"), 0);
	const char *others = arena_printf(ctl_arena(),
		"SELECT count(*) || ' ' || coalesce(sum(hashtext(j::text)), 0) FROM (SELECT to_jsonb(x) AS j "
		"FROM tenantd.tenants x WHERE id <> '%s' UNION ALL SELECT to_jsonb(x) FROM tenantd.tenant_members x WHERE tenant_id <> '%s' UNION ALL "
		"SELECT to_jsonb(x) FROM app.jobs x WHERE tenant_id <> '%s' UNION ALL SELECT to_jsonb(x) FROM tenantd.users x UNION ALL SELECT to_jsonb(x) "
		"FROM tenantd.audit_events x WHERE tenant_id <> '%s') v",
		acme, acme, acme, acme)
							 .at;
	struct str before = ctl_sql(others);
	CU_ASSERT_EQUAL(ctl("tenant erase acme --env dev --confirm acme"), 0);
	CU_ASSERT(ctl_said("\"data.temperature_readings\": 300") && ctl_said("\"left\" : 0"));
	SAYS(others, arena_cstr(ctl_arena(), before));
	SAYS("SELECT count(*) FROM app.media_contents", "0");
	SAYS(
		"SELECT concat_ws(' ', (SELECT count(*) FROM tenantd.tenants WHERE slug = 'acme'), (SELECT count(*) FROM tenantd.proven_domains), (SELECT "
		"count(*) FROM app.bossman_tasks))",
		"0 0 0");
	SAYS(
		arena_printf(ctl_arena(),
			"SELECT concat_ws(' ', (SELECT count(*) FROM tenantd.audit_events WHERE tenant_id = '%s'), (SELECT count(*) FROM "
			"tenantd.mail_outbox WHERE about_tenant = '%s'))",
			acme, acme)
			.at,
		"0 0");
	SAYS("SELECT string_agg(action, ' ' ORDER BY at) FROM tenantd.system_events WHERE object_type = 'tenant'",
		"tenant.erasure_begun tenant.erased");
	/* The receipt says nothing of any person, and others can check it. */
	struct str compact = ctl_sql("SELECT signed FROM tenantd.erasures WHERE kind = 'tenant'");
	CU_ASSERT(statement_verify(ctl_arena(), str_c(ctl_text("public.json")), compact, &json, &err));
	CU_ASSERT_PTR_NOT_NULL(strstr(arena_cstr(ctl_arena(), json), "\"left\":0"));
	SAYS("SELECT bool_or(receipt ~* 'acme|example') FROM tenantd.erasures", "f");
	ctl_put("receipt.out", arena_cstr(ctl_arena(), compact));
	CU_ASSERT_EQUAL(ctl("statement check receipt.out --keys public.json"), 0);
	CU_ASSERT(ctl_said("\"left\":0"));
	CU_ASSERT_EQUAL(ctl("keys new --private other.out --jwk other.json"), 0);
	CU_ASSERT_EQUAL(ctl("statement check receipt.out --keys other.json"), 1);
	CU_ASSERT(ctl_said("signed by none of these keys"));
	CU_ASSERT_EQUAL(ctl("erasure list"), 0);
	CU_ASSERT(ctl_said(acme) && ctl_said("tenant "));
	CU_ASSERT_EQUAL(ctl("tenant erase acme --env dev --confirm acme"), 1);
	CU_ASSERT(ctl_said("tenant not found"));
	/* The triggers are as they were: both fire or not as before. */
	SAYS(
		"SELECT string_agg(concat_ws(' ', tgname, tgenabled), ', ' ORDER BY tgname) FROM pg_trigger WHERE tgrelid = 'lab.diaries'::regclass AND NOT "
		"tgisinternal",
		"forbids O, sleeps D, tenantd_audit O, tenantd_stamp O");
}

static void what_was_erased_comes_back_byte_for_byte(void)
{
	CU_ASSERT_EQUAL(ctl("tenant import before.out --dry-run"), 0);
	CU_ASSERT(ctl_said("nothing was stored, but could be: tenant 'acme'"));
	SAYS("SELECT count(*) FROM tenantd.tenants WHERE slug = 'acme'", "0");
	CU_ASSERT_EQUAL(ctl("tenant import before.out"), 0);
	CU_ASSERT_EQUAL(ctl("tenant export acme --env dev --out after.out"), 0);
	CU_ASSERT(shell("diff -r before.out after.out"));
	CU_ASSERT_EQUAL(ctl("audit verify --tenant acme --env dev"), 0);
	CU_ASSERT(ctl_said("covered by 1 checkpoints"));
	SAYS(
		"SELECT name || ' ' || (holder = (SELECT id FROM tenantd.tenants WHERE slug = 'acme')) FROM tenantd.proven_domains",
		"acme.example true");
	SAYS(
		"SELECT count(*) FROM app.media_objects o JOIN app.media_contents c USING (tenant_id, id) WHERE o.sha256 = c.sha256",
		"5");
	SAYS("SELECT action || ' ' || actor_kind FROM tenantd.system_events WHERE action = 'tenant.imported'",
		"tenant.imported operator");
	CU_ASSERT_EQUAL(ctl("tenant import before.out"), 1);
	CU_ASSERT(ctl_said("the tenant is here already, as acme in dev"));
	CU_ASSERT(ctl("isolation-check") == 0 && ctl_said("every wall held"));
}

/* Each is stored nowhere and says why. A row of another tenant is refused by the wall. */
static void an_archive_that_is_not_what_it_was_is_refused(void)
{
	static const struct {
		const char *change, *said;
	} cases[] = {
		{ "rm manifest.json", "has no manifest.json: it is no archive, or an export that was interrupted" },
		{ "sed -i 's/\"tenantd_archive\":1/\"tenantd_archive\":2/' manifest.json",
			"has format 2 of archives" },
		{ "sed -i '1d' data.jobs.jsonl", "data.jobs.jsonl' is not as the manifest says" },
		{ "sed -i 's/-272/-271/' data.temperature_readings.jsonl", "is not as the manifest says" },
		{ "rm data.jobs.jsonl", "cannot read" },
		{ "sed -i 's/\"name\":\"data.jobs\"/\"name\":\"..\\/data.jobs\"/' manifest.json",
			"is not described as it must be" },
		{ "sed -i 's/\"name\":\"data.jobs\"/\"name\":\"data.works\"/' manifest.json && mv data.jobs.jsonl data.works.jsonl",
			"the archive has 1 rows of data.works, which is not registered here" },
		{ "REHASH data.jobs 's/\"kind\"/\"sort\"/'",
			"the archive's data.jobs has a column 'sort', which is not here" },
		{ "REHASH data.jobs 's/\"attempts\":\"0\"/\"attempts\":\"-1\"/'", "jobs_attempts_check" },
		{ "REHASH data.jobs 's/\"tenant_id\":\"[^\"]*\"/\"tenant_id\":\"OTHER\"/'", "row-level security" },
		{ "REHASH data.inventory_items 's/000000000021/000000000022/'",
			"inventory_items_tenant_id_profile_id_fkey" },
		{ "REHASH tenantd.tenant_members 's/\"role\":\"owner\"/\"role\":\"member\"/'",
			"an open tenant has an owner" },
		{ "REHASH tenantd.users 's/\"issuer\":\"[^\"]*\"/\"issuer\":\"https:\\/\\/evil.example\"/'",
			"is here under another id, issuer or subject" },
	};
	const char *other = arena_cstr(
		ctl_arena(), ctl_sql("SELECT id FROM tenantd.tenants WHERE slug <> 'acme' AND env = 'dev' LIMIT 1"));
	CU_ASSERT_EQUAL(ctl("tenant reopen acme --env dev"), 1);
	CU_ASSERT_EQUAL(ctl("tenant erase acme --env dev --confirm acme"), 0);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		/* REHASH changes a file and, in the manifest, its digest and its columns. */
		CU_ASSERT(shell(arena_printf(ctl_arena(),
			"rm -rf changed.out && cp -r one.out changed.out && cd changed.out && { REHASH() { sed -i \"$2\" $1.jsonl manifest.json; "
			"was=$(sha256sum ../one.out/$1.jsonl | cut -c1-64) now=$(sed -i \"s/OTHER/%s/\" $1.jsonl; sha256sum $1.jsonl | cut -c1-64); "
			"sed -i \"s/$was/$now/\" manifest.json; }; %s; }",
			other, cases[i].change)
							.at));
		CU_ASSERT_EQUAL(ctl("tenant import changed.out"), 1);
		CU_ASSERT(ctl_said(cases[i].said));
	}
	SAYS("SELECT count(*) FROM tenantd.tenants WHERE slug = 'acme'", "0");
	SAYS("SELECT count(*) FROM app.temperature_readings", "0");
}

static void a_tenant_moves_to_another_env(void)
{
	ctl_sql(
		"INSERT INTO tenantd.tenants (env, slug, name, status, closed_at, closed_from, reopen_until) VALUES ('staging', 'acme', 'Another', 'closed', now(), 'active', now())");
	CU_ASSERT_EQUAL(ctl("tenant import before.out --env staging"), 1);
	CU_ASSERT(ctl_said("another tenant in staging has the slug acme: give this one another with --slug"));
	CU_ASSERT_EQUAL(ctl("tenant import before.out --env staging --slug acme-2"), 0);
	CU_ASSERT(ctl_said("tenant 'acme-2'"));
	SAYS(
		"SELECT string_agg(DISTINCT env::text, ' ') FROM tenantd.audit_events WHERE tenant_id = (SELECT id FROM tenantd.tenants WHERE slug = 'acme-2')",
		"staging");
	SAYS("SELECT string_agg(DISTINCT env::text, ' ') FROM app.temperature_readings", "staging");
	SAYS("SELECT env || ' ' || name FROM tenantd.proven_domains", "staging acme.example");
	CU_ASSERT_EQUAL(ctl("audit verify --tenant acme-2 --env staging"), 0);
	CU_ASSERT(ctl_said("covered by 1 checkpoints"));
	CU_ASSERT(ctl("isolation-check") == 0 && ctl_said("every wall held"));
}

/* Killed in the middle, it is called again. */
static void an_erasure_goes_on_where_it_was(void)
{
	ctl_sql(
		"CREATE FUNCTION lab.slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'the power is gone'; END $$;"
		"CREATE TRIGGER gone BEFORE UPDATE ON tenantd.erasures FOR EACH ROW WHEN (NEW.removed ? 'data.jobs') EXECUTE FUNCTION lab.slow()");
	CU_ASSERT_EQUAL(ctl("tenant erase acme-2 --env staging --confirm acme-2"), 1);
	SAYS(
		"SELECT (SELECT count(*) FROM tenantd.erasures WHERE ended_at IS NULL) || ' ' || (SELECT count(*) FROM app.jobs j JOIN tenantd.tenants t ON t.id = j.tenant_id "
		"WHERE t.slug = 'acme-2')",
		"1 1");
	ctl_sql("DROP FUNCTION lab.slow() CASCADE");
	CU_ASSERT_EQUAL(ctl("tenant erase acme-2 --env staging --confirm acme-2"), 0);
	CU_ASSERT(ctl_said("\"data.temperature_readings\": 300") && ctl_said("\"data.jobs\": 1"));
	SAYS("SELECT count(*) FROM tenantd.erasures WHERE ended_at IS NULL", "0");
	CU_ASSERT_EQUAL(ctl("tenant import one.out"), 0); /* open, as it was at first */
}

static void what_is_known_of_a_person_is_exported(void)
{
	CU_ASSERT_EQUAL(ctl("user export member@acme.example --out person.out"), 0);
	CU_ASSERT(
		has_file("person.out", "manifest.json") && has_file("person.out", "tenantd.tenant_members.jsonl"));
	CU_ASSERT(has_file("person.out", arena_printf(ctl_arena(), "data.diaries.%s.jsonl", acme).at));
	CU_ASSERT(shell("grep -q mine person.out/data.diaries.*.jsonl"));
	CU_ASSERT(shell("! grep -rq -e password\\\" -e salt -e digest person.out/*.jsonl"));
	SAYS("SELECT count(*) FROM tenantd.system_events WHERE action = 'user.exported'", "1");
	CU_ASSERT_EQUAL(ctl("user export nobody@acme.example --out nobody.out"), 1);
}

static void an_erased_person_is_nobody(void)
{
	const char *id =
		arena_cstr(ctl_arena(), ctl_sql("SELECT id FROM tenantd.users WHERE email = 'member@acme.example'"));
	const char *alone = arena_cstr(ctl_arena(),
		ctl_sql(
			"SELECT min(u.id::text) FROM tenantd.tenants t JOIN tenantd.tenant_members m ON m.tenant_id = t.id AND m.role = 'owner' AND "
			"m.status = 'active' JOIN tenantd.users u ON u.id = m.user_id WHERE t.status = 'suspended' GROUP BY t.id HAVING count(*) = 1"));
	CU_ASSERT_EQUAL(ctl(arena_printf(ctl_arena(), "user erase %s", alone).at), 1);
	CU_ASSERT(ctl_said("the user is the only owner of "));
	CU_ASSERT_EQUAL(ctl("user erase member@acme.example"), 0);
	CU_ASSERT(ctl_said("nothing was erased; to erase user "));
	SAYS("SELECT count(*) FROM tenantd.users WHERE email = 'member@acme.example'", "1");
	CU_ASSERT_EQUAL(ctl("user erase member@acme.example --confirm member@acme.example"), 1);
	CU_ASSERT_EQUAL(ctl(arena_printf(ctl_arena(), "user erase member@acme.example --confirm %s", id).at), 0);
	SAYS(
		arena_printf(ctl_arena(),
			"SELECT concat_ws(' ', issuer, subject = '%s', coalesce(email, name, '-'), system_admin) FROM tenantd.users WHERE id = '%s'",
			id, id)
			.at,
		"tenantd:erased t - f");
	SAYS(arena_printf(ctl_arena(),
			 "SELECT string_agg(DISTINCT status::text, ' ') FROM tenantd.tenant_members WHERE user_id = '%s'",
			 id)
			 .at,
		"removed");
	SAYS(arena_printf(ctl_arena(), "SELECT count(*) FROM tenantd.accounts WHERE user_id = '%s'", id).at, "0");
	SAYS(arena_printf(ctl_arena(), "SELECT count(*) FROM lab.diaries WHERE user_id = '%s'", id).at, "0");
	SAYS("SELECT count(*) > 0 FROM lab.diaries", "t");
	SAYS("SELECT count(*) FROM tenantd.mail_outbox WHERE recipient = 'member@acme.example'", "0");
	CU_ASSERT_EQUAL(ctl(arena_printf(ctl_arena(), "user erase %s", id).at), 1);
	CU_ASSERT(ctl_said("the user is erased already"));
	CU_ASSERT(ctl("isolation-check") == 0 && ctl_said("every wall held"));
}

static void the_owner_of_the_tables_sees_a_tenant_only_in_the_context_of_its_archive(void)
{
	SAYS(
		"SET ROLE tenantd_owner; SELECT (SELECT count(*) FROM app.jobs) || ' ' || (SELECT count(*) FROM tenantd.tenants) || ' ' || (SELECT count(*) FROM tenantd.audit_events)",
		"0 0 0");
	ctl_sql("RESET ROLE");
	SAYS(
		arena_printf(ctl_arena(),
			"BEGIN; SELECT tenantd.archive_enter('%s', 'dev', 'test', 'test'); SET LOCAL ROLE tenantd_owner; SELECT (SELECT count(DISTINCT tenant_id) FROM app.jobs) "
			"|| ' ' || (SELECT count(*) FROM tenantd.tenants)",
			acme)
			.at,
		"1 1");
	ctl_sql("ROLLBACK");
	/* The workers' role can neither enter that context nor use it. */
	SAYS(
		"SELECT bool_or(has_function_privilege('tenantd_app', oid, 'EXECUTE')) FROM pg_proc WHERE pronamespace = 'tenantd'::regnamespace AND proname ~ '^(archive|erasure)_'",
		"f");
}

int main(void)
{
	static const struct unit_test tests[] = {
		TEST(everything_of_a_tenant_is_exported),
		TEST(only_a_tenant_that_is_closed_for_good_is_erased),
		TEST(an_erased_tenant_leaves_a_receipt_and_nothing_else),
		TEST(what_was_erased_comes_back_byte_for_byte),
		TEST(an_archive_that_is_not_what_it_was_is_refused),
		TEST(a_tenant_moves_to_another_env),
		TEST(an_erasure_goes_on_where_it_was),
		TEST(what_is_known_of_a_person_is_exported),
		TEST(an_erased_person_is_nobody),
		TEST(the_owner_of_the_tables_sees_a_tenant_only_in_the_context_of_its_archive),
	};
	ctl_begin("archive", "dev, staging", "[accounts]\nissuer = https://own.example\nkeys_dir = /var/empty\n");
	setenv("TENANTD_GOVERNANCE_KEY_FILE", ctl_file("secret.out"), 1);
	if (ctl("keys new --private secret.out --jwk public.json") != 0 ||
		ctl("migrate up --set areas --directory " TEST_DATABASE_DIR "/areas") != 0 ||
		ctl("seed " TEST_SEED " --env dev") != 0) {
		fputs(ctl_text("said"), stderr);
		return EXIT_FAILURE;
	}
	if (!shell("cp " TEST_DATABASE_DIR "/../tests/db/archive_rows.sql rows.sql"))
		return EXIT_FAILURE;
	ctl_sql(ctl_text("rows.sql"));
	acme = arena_cstr(
		ctl_arena(), ctl_sql("SELECT id FROM tenantd.tenants WHERE slug = 'acme' AND env = 'dev'"));
	int status = unit_main("archive", tests, COUNT_OF(tests));
	ctl_end();
	return status;
}

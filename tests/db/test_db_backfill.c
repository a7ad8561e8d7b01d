/* tenantctl backfill metadata as an operator runs it: on exports in the forms in which Supabase and Keycloak write them. */
#include "core/json.h"
#include "support/ctl.h"

#define BACKFILL "backfill metadata "
#define ANN "a0000000-0000-4000-8000-000000000001"
#define BOB "a0000000-0000-4000-8000-000000000002"
#define CYD "a0000000-0000-4000-8000-000000000003"
#define DAN "a0000000-0000-4000-8000-000000000004"

/* \copy (SELECT … FROM auth.users) TO 'users.csv' CSV HEADER; a quote in a name, a comma, a line break. */
static const char users_csv[] =
	"\xef\xbb\xbfinstance_id,id,aud,role,email,email_confirmed_at,raw_app_meta_data,raw_user_meta_data,deleted_at\r\n"
	"00000000-0000-0000-0000-000000000000," ANN ",authenticated,authenticated,Ann@Example.com,2024-01-02 "
	"03:04:05.678+00,\"{\"\"provider\"\": \"\"email\"\", \"\"tenant_id\"\": \"\"north\"\", \"\"role\"\": \"\"owner\"\"}\","
	"\"{\"\"full_name\"\": \"\"Ann O'Hara, \\\"\"Annie\\\"\"\"\"}\",\r\n"
	"00000000-0000-0000-0000-000000000000," BOB
	",authenticated,authenticated,bob@example.com,2024-01-02 03:04:05+00,"
	"\"{\"\"provider\"\": \"\"email\"\",\n \"\"tenant_id\"\": \"\"north\"\"}\",{},\r\n"
	"00000000-0000-0000-0000-000000000000," CYD
	",authenticated,authenticated,cyd@example.com,,{},\"{\"\"name\"\": "
	"\"\"\xe2\x80\xae"
	"evil\"\"}\",\r\n"
	"00000000-0000-0000-0000-000000000000," DAN ",authenticated,authenticated,dan@example.com,2024-01-02 "
	"03:04:05+00,{},{},2024-05-06 07:08:09+00\r\n";

#define MEMBERS(slug)                                                                                                              \
	"SELECT coalesce(string_agg(concat_ws(' ', u.subject, m.role, m.status), ', ' ORDER BY u.subject), '') FROM tenantd.tenants t" \
	" JOIN tenantd.tenant_members m ON m.tenant_id = t.id JOIN tenantd.users u ON u.id = m.user_id WHERE t.slug = '" slug          \
	"'"
#define ALL                                                                                                                      \
	"SELECT concat_ws(' ', (SELECT count(*) FROM tenantd.users), (SELECT count(*) FROM tenantd.tenants), (SELECT count(*) FROM " \
	"tenantd.tenant_members), (SELECT count(*) FROM tenantd.audit_events), (SELECT count(*) FROM tenantd.system_events))"

static void dry_run_says_what_would_be_and_leaves_nothing(void)
{
	ctl_put("users.csv", users_csv);
	struct str before = ctl_sql(ALL);
	CU_ASSERT_EQUAL(
		ctl(BACKFILL "users.csv --issuer main --tenant-path raw_app_meta_data.tenant_id --role-path "
					 "raw_app_meta_data.role --env prod --create-tenants --dry-run"),
		0);
	CU_ASSERT(
		ctl_said("users: 4 in the export, 2 without a tenant, 0 in several, 2 created\ntenants: 1 created\n"
				 "memberships: 2 created, 0 there before, 0 refused\nthis was a dry run"));
	SAYS(ALL, before.at);
}

static void metadata_of_supabase_as_csv_names_the_tenants(void)
{
	CU_ASSERT_EQUAL(
		ctl(BACKFILL "users.csv --issuer main --tenant-path raw_app_meta_data.tenant_id --role-path "
					 "raw_app_meta_data.role --env prod --create-tenants"),
		0);
	SAYS(MEMBERS("north"), ANN " owner active, " BOB " member active");
	SAYS(
		"SELECT concat_ws(' | ', issuer, email, email_verified, name) FROM tenantd.users WHERE subject = '" ANN
		"'",
		"https://id.example | Ann@Example.com | t | Ann O'Hara, \"Annie\"");
	SAYS(
		"SELECT string_agg(DISTINCT concat_ws(' ', action, actor_kind, route), ', ') FROM tenantd.audit_events e JOIN "
		"tenantd.tenants t ON t.id = e.tenant_id WHERE t.slug = 'north'",
		"member.joined operator tenantctl backfill metadata, tenant.created operator tenantctl backfill metadata");
}

static void repeated_run_changes_nothing(void)
{
	struct str before = ctl_sql(ALL);
	CU_ASSERT_EQUAL(
		ctl(BACKFILL "users.csv --issuer main --tenant-path raw_app_meta_data.tenant_id --role-path "
					 "raw_app_meta_data.role --env prod --create-tenants --json"),
		0);
	struct error err = ERROR_INIT;
	const struct json *report = json_parse(ctl_arena(), str_c(ctl_text("said")), &err);
	int64_t n = -1;
	CU_ASSERT(json_int64(json_get(report, STR("memberships_present")), &n) && n == 2);
	CU_ASSERT(json_int64(json_get(report, STR("users_created")), &n) && n == 0);
	SAYS(ALL, before.at);
}

static void each_refused_line_of_a_mapping_is_told_with_its_number(void)
{
	ctl_put("map.csv",
		"email,subject,tenant,role,env\nANN@example.COM,,south,owner,prod\n," BOB
		",south,tenant_admin,\nbob@example.com,,north,owner,prod\ncyd@example.com,,south,member,prod\n," CYD
		",south,member,prod\ndan@example.com,,south,member,prod\nzoe@example.com,,south,member,prod\n"
		"ann@example.com," BOB ",south,member,prod\n,,south,member,prod\n," ANN
		",elsewhere,member,prod\n," ANN ",No Slug,owner,prod\n," ANN ",west,god,prod\n," ANN
		",west,owner,staging\n," ANN
		",00000000-0000-0000-0000-000000000000,owner,prod\n\"x'); DROP TABLE tenantd.users; --\",,south,member,prod\n"
		"\"\033[31m\xe2\x80\xae\",,south,member,prod\n");
	CU_ASSERT_EQUAL(ctl(BACKFILL "users.csv --issuer main --mapping map.csv --env prod --create-tenants"), 1);
	SAYS(MEMBERS("south"), ANN " owner active, " BOB " tenant_admin active, " CYD " member active");
	CU_ASSERT(ctl_said(
		"line 4: 'bob@example.com' in 'north': a membership is there with another role or status, and stays as "
		"it is: member, active\n"));
	CU_ASSERT(ctl_said("line 5: 'cyd@example.com' in 'south': the address is not verified"));
	CU_ASSERT(
		ctl_said("line 7: 'dan@example.com' in 'south': the provider has this user as deleted or disabled"));
	CU_ASSERT(ctl_said("line 8: 'zoe@example.com' in 'south': the export has no such user"));
	CU_ASSERT(
		ctl_said("line 9: '" BOB "' in 'south': the subject and the email are those of different users"));
	CU_ASSERT(ctl_said("line 10: '' in 'south': the line names a user neither by subject nor by email"));
	CU_ASSERT(ctl_said(
		"line 11: '" ANN "' in 'elsewhere': there is no such tenant, and no owner of it was brought"));
	CU_ASSERT(ctl_said("line 12: '" ANN "' in 'No Slug': the tenant is neither an id nor a slug"));
	CU_ASSERT(ctl_said("line 13: '" ANN "' in 'west': the role is not member, tenant_admin or owner"));
	CU_ASSERT(ctl_said("line 14: '" ANN "' in 'west': the env is not one of"));
	CU_ASSERT(ctl_said("line 15: '" ANN "' in '00000000-") && ctl_said("line 16: 'x'); DROP TABLE") &&
		ctl_said("line 17: '?[31m"));
	CU_ASSERT(ctl_said("memberships: 3 created, 0 there before, 13 refused"));
	SAYS("SELECT coalesce(name, 'none') || email_verified FROM tenantd.users WHERE subject = '" CYD "'",
		"nonefalse");
}

static void removed_member_stays_removed(void)
{
	ctl_sql(
		"INSERT INTO tenantd.tenant_members (tenant_id, env, user_id, role, status) SELECT t.id, t.env, u.id, 'member', "
		"'removed' FROM tenantd.tenants t, tenantd.users u WHERE t.slug = 'north' AND u.subject = '" CYD "'");
	ctl_put("map.csv", "subject,tenant,role\n" CYD ",north,owner\n" BOB ",north,member\n");
	CU_ASSERT_EQUAL(
		ctl(BACKFILL "users.csv --issuer main --mapping map.csv --env prod --out told.out --format json"), 1);
	CU_ASSERT(ctl_said("line 2: '" CYD
					   "' in 'north': a membership is there with another role or status, and stays as it is: "
					   "member, removed\n"));
	SAYS(MEMBERS("north"), ANN " owner active, " BOB " member active, " CYD " member removed");
	CU_ASSERT(strstr(ctl_text("told.out"), BOB) && !strstr(ctl_text("told.out"), CYD));
}

static void interrupted_run_is_continued_by_the_next(void)
{
	ctl_put("map.csv",
		"subject,tenant,role\n" ANN ",broken,owner\n" BOB ",broken,member\n" CYD ",broken,member\n");
	ctl_sql(
		"CREATE FUNCTION public.stop() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN IF (SELECT count(*) FROM "
		"tenantd.tenant_members m JOIN tenantd.tenants t ON t.id = m.tenant_id WHERE t.slug = ''broken'') > 1 THEN RAISE "
		"EXCEPTION ''stop''; END IF; RETURN NEW; END';"
		"CREATE TRIGGER a_stop BEFORE INSERT ON tenantd.tenant_members FOR EACH ROW EXECUTE FUNCTION public.stop();"
		"GRANT EXECUTE ON FUNCTION public.stop TO PUBLIC");
	CU_ASSERT_EQUAL(ctl(BACKFILL "users.csv --issuer main --mapping map.csv --env prod --create-tenants"), 1);
	CU_ASSERT(
		ctl_said("stopped at '" CYD "' in 'broken': what was done before stays; run it again to go on"));
	SAYS(MEMBERS("broken"), ANN " owner active, " BOB " member active");
	ctl_sql("DROP TRIGGER a_stop ON tenantd.tenant_members");
	CU_ASSERT_EQUAL(ctl(BACKFILL "users.csv --issuer main --mapping map.csv --env prod --create-tenants"), 0);
	CU_ASSERT(ctl_said("tenants: 0 created\nmemberships: 1 created, 2 there before, 0 refused"));
	SAYS(MEMBERS("broken"), ANN " owner active, " BOB " member active, " CYD " member active");
}

static void tenants_are_made_only_when_it_is_said_and_never_without_an_owner(void)
{
	ctl_put("map.csv", "subject,tenant,role\n" ANN ",unmade,owner\n");
	struct str before = ctl_sql(ALL);
	CU_ASSERT_EQUAL(ctl(BACKFILL "users.csv --issuer main --mapping map.csv --env prod"), 1);
	CU_ASSERT(ctl_said("there is no such tenant; --create-tenants makes it"));
	ctl_put("map.csv", "subject,tenant,role\n" ANN ",unmade,tenant_admin\n");
	CU_ASSERT_EQUAL(ctl(BACKFILL "users.csv --issuer main --mapping map.csv --env prod --create-tenants"), 1);
	CU_ASSERT(ctl_said("no owner of it was brought"));
	SAYS(ALL, before.at);
}

/* What tenantd writes for Supabase runs there, twice, and touches nothing else. */
static void sql_for_supabase_merges_the_tenant_into_the_metadata(void)
{
	ctl_put("users.json",
		"[{\"id\":\"" ANN "\",\"email\":\"ann@example.com\",\"email_confirmed_at\":\"2024-01-02T03:04:05Z\","
		"\"raw_app_meta_data\":{\"provider\":\"email\"},\"raw_user_meta_data\":{\"name\":\"Ann\"}},\n{\"id\":\"" DAN
		"\",\"email\":\"dan@example.com\",\"email_confirmed_at\":null,\"raw_app_meta_data\":null}]\n");
	ctl_put(
		"map.csv", "subject,tenant,role\n" ANN ",south,owner\n" ANN ",north,owner\n" DAN ",north,member\n");
	CU_ASSERT_EQUAL(
		ctl(BACKFILL
			"users.json --issuer main --mapping map.csv --env prod --out fill.out --format supabase"),
		0);
	CU_ASSERT(ctl_said("users: 2 in the export, 0 without a tenant, 1 in several, 1 created"));
	ctl_sql("CREATE SCHEMA auth; CREATE TABLE auth.users (id uuid PRIMARY KEY, raw_app_meta_data jsonb);"
			"INSERT INTO auth.users VALUES ('" ANN
			"', '{\"provider\": \"email\", \"tenant_id\": \"old\"}'), ('" DAN "', NULL), ('" BOB "', '{}')");
	ctl_sql(arena_cstr(ctl_arena(), str_c(ctl_text("fill.out"))));
	SAYS(
		"SELECT count(*)::text FROM auth.users a JOIN tenantd.tenants t ON raw_app_meta_data ->> 'tenant_id' = t.id::text "
		"WHERE (a.id, t.slug) IN (('" ANN "', 'south'), ('" DAN "', 'north'))",
		"2");
	SAYS("SELECT (raw_app_meta_data ->> 'provider') FROM auth.users WHERE id = '" ANN "'", "email");
	SAYS("SELECT raw_app_meta_data::text FROM auth.users WHERE id = '" BOB "'", "{}");
	struct str xmins = ctl_sql("SELECT string_agg(xmin::text, ' ' ORDER BY id) FROM auth.users");
	ctl_sql(arena_cstr(ctl_arena(), str_c(ctl_text("fill.out"))));
	SAYS("SELECT string_agg(xmin::text, ' ' ORDER BY id) FROM auth.users", xmins.at);
	CU_ASSERT_EQUAL(
		ctl(BACKFILL
			"users.json --issuer main --mapping map.csv --env prod --out fill.out --format supabase"),
		2);
	CU_ASSERT(ctl_said("is there already"));
}

static void export_of_keycloak_names_tenants_by_attributes(void)
{
	ctl_put("realm.json",
		"{\"realm\":\"main\",\"users\":[\n"
		"{\"id\":\"kc-1\",\"username\":\"eve\",\"email\":\"eve@example.com\",\"emailVerified\":true,\"enabled\":true,"
		"\"firstName\":\"Eve\",\"lastName\":\"D'Arc\",\"attributes\":{\"tenant\":[\"castle\"],\"tenant_role\":[\"owner\"]}},\n"
		"{\"id\":\"kc-2\",\"username\":\"fay\",\"emailVerified\":false,\"enabled\":false,\"attributes\":{\"tenant\":[\"castle\"]}},\n"
		"{\"id\":\"kc-3'; --\",\"username\":\"gus\",\"enabled\":true,\"attributes\":{\"tenant\":[\"castle\"]}},\n"
		"{\"id\":\"kc-4\",\"username\":\"two\",\"enabled\":true,\"attributes\":{\"tenant\":[\"castle\",\"north\"]}}]}");
	CU_ASSERT_EQUAL(
		ctl(BACKFILL
			"realm.json --issuer main --tenant-path attributes.tenant --role-path attributes.tenant_role "
			"--env dev --create-tenants --out kc.out --format json"),
		1);
	CU_ASSERT(ctl_said("user 2: 'kc-2' in 'castle': the provider has this user as deleted or disabled"));
	CU_ASSERT(ctl_said("4 in the export, 2 without a tenant"));
	SAYS(MEMBERS("castle"), "kc-1 owner active, kc-3'; -- member active");
	SAYS("SELECT name FROM tenantd.users WHERE subject = 'kc-1'", "Eve D'Arc");
	struct str first;
	struct error err = ERROR_INIT;
	str_split(str_c(ctl_text("kc.out")), '\n', &first);
	const struct json *line = json_parse(ctl_arena(), arena_str(ctl_arena(), first), &err);
	struct str id = STR(""), tenant = STR("");
	CU_ASSERT(json_string(json_get(line, STR("id")), &id) && str_eq(id, STR("kc-1")));
	CU_ASSERT(json_string(json_path(line, STR("app_metadata.tenant_id")), &tenant));
	CU_ASSERT(str_eq(tenant, ctl_sql("SELECT id::text FROM tenantd.tenants WHERE slug = 'castle'")));
	CU_ASSERT_EQUAL(
		ctl(BACKFILL
			"realm.json --issuer main --tenant-path attributes.tenant --env dev --out x.out --format "
			"supabase"),
		1);
	CU_ASSERT(ctl_said("user 1 of the export has no UUID"));
}

static void broken_files_are_refused_with_their_line(void)
{
	static const struct {
		const char *text, *why;
	} files[] = {
		{ "id,email\na,\"b\n\nc", "the export, line 2: a quoted field that begins here has no end" },
		{ "id,email\na,b\nc\n", "the export, line 3: it has 1 fields, and the first line 2" },
		{ "id,email\n\"a\nx\",b\nc,d\"e\n", "the export, line 4: a quote inside of a field" },
		{ "id,email\na,\"b\"c\n", "the export, line 2: text behind a closing quote" },
		{ "id,email\ra,b\r", "the export, line 1: a CR without an LF" },
		{ "id,email,id\na,b,c\n", "the export, line 1: two columns have the same name" },
		{ "id,,x\na,b,c\n", "the export, line 1: a column has no name" },
		{ "id,email\na,b\nc,\xff\n", "the export, line 3: this is no text in UTF-8" },
		{ "mail\na@b.example\n", "the export, line 2: the user has no 'id'" },
		{ "id\na\na\n", "the export has the user 'a' twice" },
		{ "[{\"id\":\"a\"},\n{\"id\":\"b\",}]", "the export, line 2: invalid JSON" },
		{ "[{\"id\":\"a\"},\n{\"id\":7}]", "the export, user 2: the user has no 'id'" },
		{ "id,x\na,{}\nb,{'tenant':1}\n", "the export, line 3: the metadata is no JSON" },
		{ "\xef\xbb\xbf[{\"id\":\"a\",\"x\":\"}\"}]", "the export, user 1: the metadata is no JSON" },
		{ "{\"people\":[]}", "the export is neither a list of users nor an object with 'users'" },
	};
	struct str before = ctl_sql(ALL);
	for (size_t i = 0; i < COUNT_OF(files); i++) {
		ctl_put("bad.csv", files[i].text);
		CU_ASSERT_EQUAL(ctl(BACKFILL "bad.csv --issuer main --tenant-path x.tenant --env prod"), 1);
		CU_ASSERT(ctl_said(files[i].why));
	}
	ctl_put("map.csv", "subject,tenant,rolle\n");
	CU_ASSERT_EQUAL(ctl(BACKFILL "users.csv --issuer main --mapping map.csv --env prod"), 1);
	CU_ASSERT(ctl_said("the mapping, line 1: a column is none of"));
	ctl_put("map.csv", "tenant,role\n");
	CU_ASSERT_EQUAL(ctl(BACKFILL "users.csv --issuer main --mapping map.csv --env prod"), 1);
	CU_ASSERT(ctl_said("the mapping, line 1: it needs the columns"));
	CU_ASSERT_EQUAL(ctl(BACKFILL "users.csv --issuer other --mapping map.csv --env prod"), 1);
	CU_ASSERT(ctl_said("there is no [issuer.other]"));
	CU_ASSERT_EQUAL(ctl(BACKFILL "users.csv --issuer main --env prod"), 2);
	SAYS(ALL, before.at);
}

static const struct unit_test tests[] = {
	TEST(dry_run_says_what_would_be_and_leaves_nothing),
	TEST(metadata_of_supabase_as_csv_names_the_tenants),
	TEST(repeated_run_changes_nothing),
	TEST(each_refused_line_of_a_mapping_is_told_with_its_number),
	TEST(removed_member_stays_removed),
	TEST(interrupted_run_is_continued_by_the_next),
	TEST(tenants_are_made_only_when_it_is_said_and_never_without_an_owner),
	TEST(sql_for_supabase_merges_the_tenant_into_the_metadata),
	TEST(export_of_keycloak_names_tenants_by_attributes),
	TEST(broken_files_are_refused_with_their_line),
};

int main(void)
{
	ctl_begin("fill", "dev, prod", "");
	int result = unit_main("db_backfill", tests, COUNT_OF(tests));
	ctl_end();
	return result;
}

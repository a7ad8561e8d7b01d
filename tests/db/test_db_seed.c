/* tenantctl seed as somebody runs it who wants people and tenants to try things out with. */
#include "core/hex.h"
#include "core/json.h"
#include "crypto/digest.h"
#include "crypto/password.h"
#include "support/ctl.h"

#define OWN "https://own.example"
#define ALL                                                                                                                       \
	"SELECT concat_ws(' ', (SELECT count(*) FROM tenantd.users), (SELECT count(*) FROM tenantd.accounts), (SELECT count(*) FROM " \
	"tenantd.tenants), (SELECT count(*) FROM tenantd.tenant_members), (SELECT count(*) FROM tenantd.invitations), (SELECT "       \
	"count(*) FROM tenantd.audit_events), (SELECT count(*) FROM tenantd.system_events), (SELECT count(*) FROM "                   \
	"tenantd.mail_outbox))"

/* Whether the account with this address has this password, computed as for signing in. */
static bool has_password(const char *email, const char *password)
{
	struct error err = ERROR_INIT;
	uint8_t salt[PASSWORD_SALT], derived[PASSWORD_DERIVED], digest[SHA256_SIZE];
	struct str kept = ctl_sql(arena_printf(ctl_arena(),
		"SELECT encode(salt, 'hex') || encode(password, 'hex') FROM tenantd.accounts WHERE email = '%s'",
		email)
								  .at);
	if (kept.len != 2 * (PASSWORD_SALT + SHA256_SIZE) ||
		!hex_decode(str_of(kept.at, (size_t)2 * PASSWORD_SALT), salt, sizeof(salt)) ||
		!password_derive(str_c(password), PASSWORD_COST, salt, derived, &err))
		return false;
	digest_sha256(str_of((const char *)derived, sizeof(derived)), digest);
	return str_eq(str_skip(kept, (size_t)2 * PASSWORD_SALT), hex_encode(ctl_arena(), digest, sizeof(digest)));
}

/* What stands behind this text on its line of what tenantctl printed. */
static const char *word_after(const char *text)
{
	const char *at = strstr(ctl_text("said"), text);
	struct str word = STR("");
	if (at)
		str_split(str_trim(str_c(at + strlen(text))), ' ', &word);
	return arena_cstr(ctl_arena(), word);
}

static void a_dry_run_says_what_would_be_and_leaves_nothing(void)
{
	struct str before = ctl_sql(ALL);
	CU_ASSERT_EQUAL(ctl("seed " TEST_SEED " --env dev --dry-run"), 0);
	CU_ASSERT(ctl_said("made     member      acme: pending@acme.example\n"));
	CU_ASSERT(
		ctl_said("\n35 made, 0 there before, 0 kept as they are\nthis was a dry run: nothing was changed\n"));
	CU_ASSERT_PTR_NULL(strstr(ctl_text("said"), "token"));
	SAYS(ALL, before.at);
}

static void the_shipped_example_has_everybody(void)
{
	CU_ASSERT_EQUAL(ctl("seed " TEST_SEED " --env development"), 0);
	CU_ASSERT(ctl_said("35 made, 0 there before, 0 kept as they are\n"));
	SAYS(
		"SELECT string_agg(DISTINCT status::text, ' ' ORDER BY status::text) FROM tenantd.tenants WHERE env = 'dev'",
		"active closed onboarding suspended");
	SAYS(
		"SELECT string_agg(DISTINCT concat_ws(' ', role, status), ', ' ORDER BY concat_ws(' ', role, status)) FROM "
		"tenantd.tenant_members",
		"member active, member pending, member rejected, member removed, member suspended, owner active, tenant_admin "
		"active");
	SAYS("SELECT string_agg(email, ' ') FROM tenantd.users WHERE system_admin", "root@system.example");
	SAYS("SELECT concat_ws(' ', email, status) FROM tenantd.invitations", "invited@acme.example pending");
	SAYS("SELECT count(*) || ' ' || bool_and(issuer = '" OWN "' AND email_verified) FROM tenantd.users",
		"15 true");
	/* Whoever is invited can accept with what is printed. */
	const char *token = word_after("acme: invited@acme.example  token ");
	SAYS(arena_printf(ctl_arena(),
			 "SELECT count(*)::text FROM tenantd.invitations WHERE token_digest = sha256('%.43s')", token)
			 .at,
		"1");
}

static void people_sign_in_with_what_is_printed(void)
{
	CU_ASSERT(ctl_said("\nroot@system.example       only for trying out       system administrator\n"));
	CU_ASSERT(ctl_said(
		"\nboth@globex.example       only for trying out       member of acme, tenant_admin of globex\n"));
	CU_ASSERT(ctl_said("\ninvited@acme.example      only for trying out       invited at acme\n"));
	CU_ASSERT(ctl_said("\npending@acme.example      only for trying out       pending at acme\n"));
	CU_ASSERT(has_password("root@system.example", "only for trying out"));
	CU_ASSERT(has_password("owner@acme.example", "only for trying out"));
	CU_ASSERT_FALSE(has_password("owner@acme.example", "only for trying in"));
	SAYS(
		"SELECT count(*)::text FROM tenantd.accounts a JOIN tenantd.accounts b ON a.salt = b.salt AND a.user_id <> b.user_id",
		"0");
}

static void a_repeat_changes_nothing(void)
{
	struct str before = ctl_sql(ALL);
	CU_ASSERT_EQUAL(ctl("seed " TEST_SEED " --env dev"), 0);
	CU_ASSERT(ctl_said("\n0 made, 35 there before, 0 kept as they are\n"));
	ctl_sql(
		"UPDATE tenantd.tenant_members SET status = 'suspended' WHERE user_id = (SELECT id FROM tenantd.users WHERE email "
		"= 'member@acme.example')");
	before = ctl_sql(ALL);
	CU_ASSERT_EQUAL(ctl("seed " TEST_SEED " --env dev"), 0);
	CU_ASSERT(ctl_said("kept     member      acme: member@acme.example  as it is: member, suspended\n"));
	CU_ASSERT(ctl_said("\n0 made, 34 there before, 1 kept as they are\n"));
	SAYS(ALL, before.at);
}

/* T66 */
static void all_of_it_is_audited_with_who_did_it(void)
{
	SAYS(
		"SELECT string_agg(DISTINCT concat_ws(' ', actor_kind, actor_label <> '', route), ', ') FROM tenantd.audit_events e"
		" WHERE EXISTS (SELECT FROM tenantd.tenants t WHERE t.id = e.tenant_id) AND actor_kind <> 'database'",
		"operator t tenantctl seed");
	SAYS("SELECT string_agg(DISTINCT route, ', ') FROM tenantd.system_events WHERE object_type = 'user'",
		"tenantctl seed");
}

#define ONE(person, tenants)                                                                                 \
	"{\"envs\":[\"dev\",\"staging\"],\"people\":[" person "],\"tenants\":[" tenants "]}"

static void a_password_that_is_made_is_shown_once(void)
{
	ctl_put("made.json", ONE("{\"email\":\"Nina@example.com\",\"name\":\"Nina\"}", ""));
	CU_ASSERT_EQUAL(ctl("seed made.json --env staging --dry-run"), 0);
	CU_ASSERT(ctl_said("(shown when it is made)"));
	CU_ASSERT_EQUAL(ctl("seed made.json --env staging"), 0);
	const char *password = word_after("\nNina@example.com ");
	CU_ASSERT_EQUAL(strlen(password), 20);
	CU_ASSERT(has_password("nina@example.com", password));
	CU_ASSERT_EQUAL(ctl("seed made.json --env staging"), 0);
	CU_ASSERT(ctl_said("present  person      Nina@example.com\n") && ctl_said("(shown when it is made)"));
	CU_ASSERT(has_password("nina@example.com", password));
}

static void whoever_has_a_subject_comes_with_tokens_of_the_issuer(void)
{
	ctl_put("bearer.json",
		ONE("{\"email\":\"kc@example.com\",\"name\":\"K\",\"subject\":\"kc-1\",\"system_admin\":true}",
			"{\"slug\":\"castle\",\"organization_name\":\"C\",\"members\":[{\"email\":\"KC@example.com\",\"role\":\"owner\"}]}"));
	CU_ASSERT_EQUAL(ctl("seed bearer.json --env dev --issuer main --json"), 0);
	SAYS(
		"SELECT concat_ws(' ', issuer, subject, system_admin) FROM tenantd.users WHERE email = 'kc@example.com'",
		"https://id.example kc-1 t");
	SAYS("SELECT count(*)::text FROM tenantd.accounts WHERE email = 'kc@example.com'", "0");
	struct error err = ERROR_INIT;
	int64_t made = 0;
	struct str id = STR(""), env = STR("");
	const struct json *answer = json_parse(ctl_arena(), str_trim(str_c(ctl_text("said"))), &err);
	CU_ASSERT(json_int64(json_get(answer, STR("made")), &made) && made == 3);
	CU_ASSERT(json_string(json_get(answer, STR("env")), &env) && str_eq(env, STR("dev")));
	const struct json *tenant = json_at(json_get(answer, STR("things")), 1, NULL);
	CU_ASSERT(json_string(json_get(tenant, STR("id")), &id));
	CU_ASSERT(str_eq(id, ctl_sql("SELECT id::text FROM tenantd.tenants WHERE slug = 'castle'")));
	CU_ASSERT_EQUAL(ctl("seed bearer.json --env dev --issuer other"), 1);
	CU_ASSERT(ctl_said("there is no [issuer.other]"));
}

static void a_file_that_is_wrong_is_refused_with_all_that_is_wrong(void)
{
#define ACME(members) "{\"slug\":\"a-1\",\"organization_name\":\"A\",\"members\":[" members "]}"
#define ZOE "{\"email\":\"zoe@example.com\",\"name\":\"Zoe\",\"password\":\"a fine long phrase\"}"
	static const struct {
		const char *text, *why;
	} files[] = {
		{ "{\"envs\":[\"dev\"],\n\"people\":[},", "line 2: this is no JSON" },
		{ "[]", "a JSON object is expected" },
		{ "{\"envs\":[\"prod\"],\"people\":[{\"email\":\"x\",\"name\":\"X\",\"role\":\"y\"}]}",
			"envs[0] is none of dev, staging; people[0].email " },
		{ "{\"envs\":[\"prod\"],\"people\":[{\"email\":\"x\",\"name\":\"X\",\"role\":\"y\"}]}",
			"people[0].role cannot be set here; tenants is required" },
		{ "{\"envs\":[\"staging\"],\"people\":[],\"tenants\":[]}",
			"envs does not name dev: the file is not meant for that env" },
		{ ONE(ZOE ",{\"email\":\"ZOE@example.com\",\"name\":\"Z\"}", ""),
			"people[1] has the address of another one" },
		{ ONE("{\"email\":\"zoe@example.com\",\"name\":\"Zoe\",\"password\":\"secret\"}", ""),
			"people[0] has 10 to " },
		{ ONE("{\"email\":\"zoe@example.com\",\"name\":\"Zoe\",\"password\":\"\"}", ""),
			"people[0].password is empty" },
		{ ONE(ZOE, ACME("{\"email\":\"amy@example.com\",\"role\":\"owner\"}")),
			"tenants[0].members[0] is none of the people" },
		{ ONE(ZOE, ACME("{\"email\":\"zoe@example.com\"},{\"email\":\"zoe@example.com\"}")),
			"tenants[0].members[1] is in the tenant already" },
		{ ONE(ZOE, ACME("{\"email\":\"zoe@example.com\",\"role\":\"owner\",\"message\":\"m\"}")),
			"tenants[0].members[0] has a message" },
		{ ONE(ZOE, ACME("{\"email\":\"zoe@example.com\"}") "," ACME("")),
			"tenants[1] has the slug of another one" },
		{ ONE(ZOE, ACME("{\"email\":\"zoe@example.com\"}")), "the tenant 'a-1' has no owner who is active" },
		{ ONE(ZOE, "{\"slug\":\"a-1\",\"members\":[{\"email\":\"zoe@example.com\",\"role\":\"owner\"}]}"),
			"the tenant 'a-1' is to be active: a tenant has an organization_name" },
	};
	struct str before = ctl_sql(ALL);
	for (size_t i = 0; i < COUNT_OF(files); i++) {
		ctl_put("bad.json", files[i].text);
		CU_ASSERT_EQUAL(ctl("seed bad.json --env dev"), 1);
		CU_ASSERT(ctl_said(files[i].why));
		CU_ASSERT_PTR_NULL(strstr(ctl_text("said"), "a fine long phrase"));
	}
	SAYS(ALL, before.at);
}

static void an_env_is_filled_only_when_that_harms_nobody(void)
{
	struct str before = ctl_sql(ALL);
	CU_ASSERT_EQUAL(ctl("seed " TEST_SEED " --env prod"), 1);
	CU_ASSERT(ctl_said("nothing is seeded in prod"));
	CU_ASSERT_EQUAL(ctl("seed " TEST_SEED " --env staging"), 1);
	CU_ASSERT(ctl_said("envs does not name staging"));
	CU_ASSERT_EQUAL(ctl("seed " TEST_SEED), 2);
	CU_ASSERT(ctl_said("'--env' is missing"));
	SAYS(ALL, before.at);
	/* Accounts know no env, so that they would be good in prod, too. */
	ctl_sql(
		"INSERT INTO tenantd.tenants (env, slug, name, status) VALUES ('prod', 'real', 'Real', 'suspended')");
	ctl_put("late.json", ONE("{\"email\":\"late@example.com\",\"name\":\"Late\"}", ""));
	CU_ASSERT_EQUAL(ctl("seed late.json --env dev"), 1);
	CU_ASSERT(ctl_said("there are tenants in prod in this database"));
	CU_ASSERT_EQUAL(ctl("seed " TEST_SEED " --env dev"), 0); /* nobody is made */
}

static const struct unit_test tests[] = {
	TEST(a_dry_run_says_what_would_be_and_leaves_nothing),
	TEST(the_shipped_example_has_everybody),
	TEST(people_sign_in_with_what_is_printed),
	TEST(a_repeat_changes_nothing),
	TEST(all_of_it_is_audited_with_who_did_it),
	TEST(a_password_that_is_made_is_shown_once),
	TEST(whoever_has_a_subject_comes_with_tokens_of_the_issuer),
	TEST(a_file_that_is_wrong_is_refused_with_all_that_is_wrong),
	TEST(an_env_is_filled_only_when_that_harms_nobody),
};

int main(void)
{
	ctl_begin("seed", "dev, staging, prod", "[accounts]\nissuer = " OWN "\nkeys_dir = /var/empty\n");
	int result = unit_main("db_seed", tests, COUNT_OF(tests));
	ctl_end();
	return result;
}

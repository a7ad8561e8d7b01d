/* Templates: what they show, and what a hostile value makes of them (nothing). */
#include "test_mail.h"

#include "mail/kinds.h"
#include "mail/post.h"
#include "mail/render.h"
#include "mail/template.h"
#include "support/files.h"

#include <sys/stat.h>
#include <unistd.h>

struct arena *arena;
char scratch[64];
static struct error err;

struct config mail_config(void)
{
	struct config c = { .server.public_url = STR("https://app.example.com") };
	c.mail.from = STR("no-reply@example.com");
	c.mail.from_name = STR("Example");
	c.mail.sendmail = STR("/usr/sbin/sendmail -i");
	c.mail.spool = str_c(scratch);
	c.mail.templates = STR(TOP_SRCDIR "/share/mail/en");
	c.mail.attempts = 3;
	return c;
}

bool holds(struct str text, const char *part)
{
	return memmem(text.at, text.len, part, strlen(part)) != NULL;
}

/* ---- filling in ---- */

static bool fill_as(enum mail_form form, const char *template, const char *value, struct str *out)
{
	struct mail_values values = { .count = 0 };
	err = (struct error)ERROR_INIT;
	return mail_values_add(&values, STR("name"), str_c(value)) &&
		mail_values_add(&values, STR("other"), STR("OTHER")) &&
		template_fill(arena, str_c(template), &values, form, out, &err);
}

#define FILLS(form, template, value, wanted)                                                                 \
	do {                                                                                                     \
		struct str got_ = STR("");                                                                           \
		CU_ASSERT(fill_as(form, template, value, &got_));                                                    \
		CU_ASSERT(str_eq(got_, str_c(wanted)));                                                              \
		if (!str_eq(got_, str_c(wanted)))                                                                    \
			fprintf(stderr, "%s:%d: '%.*s'\n", __FILE__, __LINE__, STR_ARG(got_));                           \
	} while (0)

void values_take_the_place_of_their_names(void)
{
	FILLS(MAIL_TEXT, "a {name} b {other}{name}", "X", "a X b OTHERX\n");
	FILLS(MAIL_TEXT, "one\r\n{name}\r\n", "X", "one\nX\n");
	FILLS(MAIL_TEXT, "one\n\n{name}\n", "two\nlines", "one\n\ntwo\nlines\n");
	FILLS(MAIL_SUBJECT, "{name}: {other}", "X", "X: OTHER");
}

void values_are_never_read_as_templates(void) /* T123 */
{
	FILLS(MAIL_TEXT, "{name}", "{other} {name} {", "{other} {name} {\n");
	FILLS(MAIL_HTML, "{name}", "{other}", "{other}\n");
}

void values_are_escaped_in_html_alone(void) /* T123 */
{
	FILLS(MAIL_HTML, "<a title=\"{name}\">", "\"><script>'&",
		"<a title=\"&quot;&gt;&lt;script&gt;&#39;&amp;\">\n");
	FILLS(MAIL_TEXT, "{name}", "<b>&", "<b>&\n");
}

void values_lose_what_is_invisible(void) /* T123 */
{
	FILLS(MAIL_SUBJECT, "{name}", "Evil\r\nBcc: x@y.example", "Evil Bcc: x@y.example");
	FILLS(MAIL_TEXT, "{name}", "a\r\nb\tc\x1b[31m\x07", "a\nb c[31m\n");
	FILLS(MAIL_TEXT, "{name}", "moc.\u202elive\u2066x\u200b\ufeff", "moc.livex\n");
	FILLS(MAIL_SUBJECT, "{name}",
		"a\u2028b\xc2\x85"
		"c\xff\xc0\x80"
		"d",
		"abcd");
	FILLS(MAIL_HTML, "{name}", "Zoë 日本", "Zoë 日本\n");
}

void line_that_shows_nothing_is_left_out(void)
{
	FILLS(MAIL_TEXT, "a\nThey write: {name}\nb", "", "a\nb\n");
	FILLS(MAIL_TEXT, "{name}", "", "");
	FILLS(MAIL_HTML, "a\n<p>{other} {name}</p>\nb", "", "a\nb\n");
}

void brace_without_a_name_is_a_brace(void)
{
	FILLS(
		MAIL_HTML, "p { color: red } {} {a b} {Name} {name", "X", "p { color: red } {} {a b} {Name} {name\n");
}

void name_without_a_value_is_refused(void)
{
	struct str out;
	CU_ASSERT_FALSE(fill_as(MAIL_TEXT, "a\n{nome}", "X", &out));
	CU_ASSERT(strstr(err.operator, "{nome}") != NULL);
}

/* ---- the shipped templates ---- */

static struct mail_parts parts;

static bool renders(const struct config *c, const char *kind, const char *params)
{
	err = (struct error)ERROR_INIT;
	const struct mail mail = { STR("staging"), str_c(kind), str_c(params) };
	return mail_render(arena, c, &mail, &parts, &err);
}

void every_kind_has_its_templates(void)
{
	size_t count;
	struct config c = mail_config();
	const struct mail_kind *kinds = mail_kinds(&count);
	CU_ASSERT(count > 0);
	CU_ASSERT(mail_templates_are_good(&c, &err));
	for (size_t i = 0; i < count; i++) {
		const char *path = arena_printf(arena, TOP_SRCDIR "/share/mail/en/%s.html", kinds[i].name).at;
		CU_ASSERT_EQUAL(access(path, R_OK), 0);
	}
	CU_ASSERT(mail_is_ready(&c, &err));
	c.server.public_url = STR("");
	CU_ASSERT_FALSE(mail_is_ready(&c, &err));
	CU_ASSERT(strstr(err.operator, "public_url") != NULL);
}

#define INVITATION                                                                                           \
	"{\"tenant_name\":\"Acme & Sons\",\"inviter\":\"Ann\",\"role\":\"member\",\"token\":\"s3cr-et_\","       \
	"\"expires_at\":\"2026-12-01T00:30:00.5+01:00\"}"

void link_begins_with_the_configured_url(void) /* T28 */
{
	struct config c = mail_config();
	CU_ASSERT_FATAL(renders(&c, "invitation", INVITATION));
	CU_ASSERT(str_eq(parts.subject, STR("You are invited to Acme & Sons")));
	CU_ASSERT(holds(parts.text, "\nhttps://app.example.com/console/accept?env=staging#token=s3cr-et_\n"));
	CU_ASSERT(
		holds(parts.html, "<a href=\"https://app.example.com/console/accept?env=staging#token=s3cr-et_\">"));
	CU_ASSERT(holds(parts.html, "Acme &amp; Sons") && holds(parts.text, "Acme & Sons"));
	CU_ASSERT_FATAL(renders(&c, "invitation",
		"{\"tenant_name\":\"{link}\",\"inviter\":\"http://evil.example\",\"role\":\"member\",\"token\":\"t\","
		"\"public_url\":\"https://evil.example\",\"expires_at\":\"soon\"}"));
	CU_ASSERT(holds(parts.text, "https://app.example.com/console/accept?env=staging#token=t"));
	CU_ASSERT(holds(parts.subject, "{link}"));
}

void link_leads_into_the_tenant_and_the_env_of_the_mail(void)
{
	static const struct {
		const char *kind, *link;
	} cases[] = {
		{ "ownership_offered", "https://app.example.com/console/t/0f8fad5b?env=staging\n" },
		{ "join_approved", "https://app.example.com/console/t/0f8fad5b?env=staging\n" },
		{ "join_requested", "https://app.example.com/console/t/0f8fad5b/requests?env=staging\n" },
		{ "account_exists", "https://app.example.com/console/signin?env=staging\n" },
		{ "password_changed", "https://app.example.com/console/forgot?env=staging\n" },
	};
	struct config c = mail_config();
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		CU_ASSERT_FATAL(renders(&c, cases[i].kind,
			"{\"tenant_name\":\"Acme\",\"tenant_id\":\"0f8fad5b\",\"role\":\"member\",\"offerer\":\"Ann\",\"asker\":\"Bo\","
			"\"email\":null,\"unverified_email\":null,\"message\":null,\"at\":\"x\",\"expires_at\":\"x\"}"));
		CU_ASSERT(holds(parts.text, cases[i].link));
	}
}

void time_is_shown_as_people_read_it(void)
{
	struct config c = mail_config();
	CU_ASSERT_FATAL(renders(&c, "invitation", INVITATION));
	CU_ASSERT(holds(parts.text, "until 30 November 2026, 23:30 UTC,"));
	CU_ASSERT_FATAL(renders(&c, "password_changed", "{\"at\":\"2028-02-29T23:59:59Z\"}"));
	CU_ASSERT(holds(parts.text, "on 29 February 2028, 23:59 UTC."));
	CU_ASSERT_FATAL(renders(&c, "password_changed", "{\"at\":\"2027-12-31T22:00:00.123456-03:30\"}"));
	CU_ASSERT(holds(parts.text, "on 1 January 2028, 01:30 UTC."));
	CU_ASSERT_FATAL(renders(&c, "password_changed", "{\"at\":\"some day\"}"));
	CU_ASSERT(holds(parts.text, "on some day."));
}

void mail_that_cannot_be_rendered_says_why_and_no_secret(void) /* T116 */
{
	static const struct {
		const char *kind, *params, *why;
	} cases[] = {
		{ "no_such", "{}", "no kind of mail 'no_such'" },
		{ "../../etc/passwd", "{}", "no kind of mail" },
		{ "invitation", "{\"token\":\"s3cret\"}", "{tenant_name}" },
		{ "password_reset", "{\"expires_at\":\"x\"}", "no token" },
		{ "ownership_offered", "{\"expires_at\":\"x\"}", "no tenant" },
		{ "password_reset", "{\"expires_at\":[\"s3cret\"],\"token\":\"s3cret\"}", "'expires_at' is no text" },
		{ "password_reset", "[\"s3cret\"]", "no JSON object" },
		{ "password_reset", "s3cret", "no JSON object" },
	};
	struct config c = mail_config();
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		CU_ASSERT_FALSE(renders(&c, cases[i].kind, cases[i].params));
		CU_ASSERT(strstr(err.operator, cases[i].why) != NULL);
		CU_ASSERT(strstr(err.operator, "s3cret") == NULL && err.detail[0] == '\0');
	}
	CU_ASSERT(renders(&c, "join_requested",
		"{\"tenant_name\":\"A\",\"tenant_id\":\"0f8fad5b\",\"asker\":\"b@c.example\",\"email\":null,\"unverified_email\":\"b@c.example\",\"message\":null}"));
	CU_ASSERT_FALSE(holds(parts.text, "They write"));
}

static void own_template(const char *name, const char *text)
{
	files_write(arena_printf(arena, "%s/own/%s", scratch, name).at, text, 0644);
}

void template_of_another_folder_is_taken(void)
{
	struct config c = mail_config();
	c.mail.templates = arena_printf(arena, "%s/own", scratch);
	CU_ASSERT_EQUAL_FATAL(mkdir(c.mail.templates.at, 0700), 0);
	CU_ASSERT_FALSE(renders(&c, "join_rejected", "{\"tenant_name\":\"Acme\"}"));
	CU_ASSERT(strstr(err.operator, "join_rejected.txt") != NULL);
	own_template("join_rejected.txt", "Subject: Nein von {tenant_name}\n\nLeider nein.\n");
	own_template("join_rejected.html", "<p>Leider nein, {tenant_name}.</p>\n");
	CU_ASSERT(renders(&c, "join_rejected", "{\"tenant_name\":\"Acme\"}"));
	CU_ASSERT(str_eq(parts.subject, STR("Nein von Acme")) && str_eq(parts.text, STR("Leider nein.\n")));
	CU_ASSERT_FALSE(mail_is_ready(&c, &err)); /* the other kinds are missing */
	own_template("join_rejected.html", "{password}");
	CU_ASSERT_FALSE(renders(&c, "join_rejected", "{\"tenant_name\":\"Acme\"}"));
	CU_ASSERT(strstr(err.operator, "join_rejected.html: the template shows {password}") != NULL);
	own_template("join_rejected.txt", "Leider nein.\n");
	CU_ASSERT_FALSE(renders(&c, "join_rejected", "{\"tenant_name\":\"Acme\"}"));
	CU_ASSERT(strstr(err.operator, "does not begin with") != NULL);
}

static const struct unit_test tests[] = {
#define X(name) TEST(name),
	MAIL_TESTS(X)
#undef X
};

int main(void)
{
	files_begin(scratch, sizeof(scratch), "mail");
	arena = arena_new(64 * 1024);
	int result = unit_main("mail", tests, COUNT_OF(tests));
	arena_free(arena);
	files_end(scratch);
	return result;
}

/* Messages: their form, and that nothing gets out of the header or the part that it belongs to. */
#include "test_mail.h"

#include "core/limits.h"
#include "mail/message.h"

static struct error err;

#define ID "0f8fad5b-d9cb-469f-a165-70867728950e"

static struct mail_message sample(void)
{
	struct mail_message m = { .from = STR("no-reply@example.com"),
		.from_name = STR("Example"),
		.to = STR("ann@example.org"),
		.parts = { STR("Hello"), STR("Hi\n\nthere\n"), STR("<p>Hi</p>\n") },
		.at = 1795870219 };
	if (!uuid_parse(STR(ID), &m.id))
		exit(EXIT_FAILURE);
	return m;
}

static struct str write_it(const struct mail_message *m)
{
	struct buf b;
	buf_init(&b, arena, LIMIT_MAIL);
	err = (struct error)ERROR_INIT;
	return message_write(&b, m, &err) ? buf_str(&b) : STR("");
}

void message_has_these_headers_and_two_parts(void)
{
	struct mail_message m = sample();
	struct str got = write_it(&m);
	struct str wanted = STR("From: \"Example\"\n <no-reply@example.com>\n"
							"To: <ann@example.org>\n"
							"Subject: Hello\n"
							"Date: Sat, 28 Nov 2026 12:50:19 +0000\n"
							"Message-ID: <" ID "@example.com>\n"
							"Auto-Submitted: auto-generated\n"
							"MIME-Version: 1.0\n"
							"Content-Type: multipart/alternative;\n boundary=\"=_" ID "\"\n"
							"\n--=_" ID "\n"
							"Content-Type: text/plain; charset=utf-8\n"
							"Content-Transfer-Encoding: 7bit\n"
							"\nHi\n\nthere\n"
							"\n--=_" ID "\n"
							"Content-Type: text/html; charset=utf-8\n"
							"Content-Transfer-Encoding: 7bit\n"
							"\n<p>Hi</p>\n"
							"\n--=_" ID "--\n");
	CU_ASSERT(str_eq(got, wanted));
	m.from_name = STR("");
	CU_ASSERT(str_starts(write_it(&m), STR("From: <no-reply@example.com>\n")));
}

/* The lines of the header; false when there is anything in it but printable ASCII. */
static bool count_header(struct str message, size_t *lines, size_t *fields, size_t *longest)
{
	*lines = *fields = *longest = 0;
	for (;;) {
		struct str line;
		message = str_split(message, '\n', &line);
		if (line.len == 0)
			return true;
		for (size_t i = 0; i < line.len; i++)
			if (line.at[i] < ' ' || line.at[i] > '~')
				return false;
		*lines += 1;
		*fields += line.at[0] != ' ';
		*longest = line.len > *longest ? line.len : *longest;
	}
}

void hostile_names_stay_inside_their_header(void) /* T123 */
{
	static const char *const hostile[] = { "a\r\nBcc: x@y.example", "a\nBcc: x@y.example\n\n<html>", "a\rb",
		"\n", "\n\n.\n", "\"; DROP <a@b.example>, \"", "a\\", "\\\"", "=?utf-8?Q?=0D=0ABcc:?=", "\u202eabc",
		"\x01\x7f\xff", "a\u2028Bcc: x", "?=\n", "日本語", " ", "" };
	size_t lines, fields, longest;
	for (size_t i = 0; i < COUNT_OF(hostile); i++) {
		struct mail_message m = sample();
		m.parts.subject = m.from_name = str_c(hostile[i]);
		struct str got = write_it(&m);
		CU_ASSERT_FATAL(got.len > 0);
		CU_ASSERT(count_header(got, &lines, &fields, &longest));
		CU_ASSERT_EQUAL(fields, 8);
		CU_ASSERT(longest <= 76);
		CU_ASSERT_FALSE(holds(got, "\nBcc"));
		CU_ASSERT(holds(got, "\nTo: <ann@example.org>\n"));
		CU_ASSERT(holds(got, "<no-reply@example.com>\nTo: "));
	}
}

void subject_that_looks_encoded_is_encoded(void) /* T123 */
{
	struct mail_message m = sample();
	m.parts.subject = STR("=?utf-8?Q?=0A?=");
	CU_ASSERT(holds(write_it(&m), "\nSubject: =?utf-8?Q?=3D=3Futf=2D8=3FQ=3F=3D0A=3F=3D?=\n"));
	m.parts.subject = STR("1+1=2? Yes");
	CU_ASSERT(holds(write_it(&m), "\nSubject: 1+1=2? Yes\n"));
}

void encoded_words_fit_and_divide_no_character(void)
{
	struct mail_message m = sample();
	m.parts.subject = STR("日本語日本語日本語日本語 Zoë");
	struct str got = write_it(&m);
	CU_ASSERT(holds(got,
		"\nSubject: =?utf-8?Q?=E6=97=A5=E6=9C=AC=E8=AA=9E=E6=97=A5=E6=9C=AC?=\n"
		" =?utf-8?Q?=E8=AA=9E=E6=97=A5=E6=9C=AC=E8=AA=9E=E6=97=A5?=\n"
		" =?utf-8?Q?=E6=9C=AC=E8=AA=9E=20Zo=C3=AB?=\nDate: "));
}

void long_subject_is_cut(void)
{
	char text[1000];
	size_t lines, fields, longest;
	memset(text, 'x', sizeof(text));
	struct mail_message m = sample();
	m.parts.subject = str_of(text, sizeof(text));
	CU_ASSERT(count_header(write_it(&m), &lines, &fields, &longest));
	CU_ASSERT(lines < 16 && longest <= 76 && fields == 8);
	memcpy(text + LIMIT_MAIL_SUBJECT - 1, "ë", 2);
	struct str got = write_it(&m);
	CU_ASSERT(got.len > 0 && !holds(got, "=C3")); /* the character that does not fit is left out whole */
}

void body_beyond_ascii_is_quoted_printable(void)
{
	struct mail_message m = sample();
	m.parts.text = STR(
		"Zoë = 1 \n.\nFrom me\n0123456789012345678901234567890123456789012345678901234567890123456789012345678\n");
	struct str got = write_it(&m);
	CU_ASSERT(holds(got,
		"Content-Transfer-Encoding: quoted-printable\n\n"
		"Zo=C3=AB =3D 1=20\n=2E\n=46rom me\n"
		"012345678901234567890123456789012345678901234567890123456789012345678901234=\n5678\n\n--=_"));
	static char wide[2000];
	memset(wide, 'y', sizeof(wide));
	m.parts.text = str_of(wide, sizeof(wide));
	got = write_it(&m);
	while (!str_is_empty(got)) {
		struct str line;
		got = str_split(got, '\n', &line);
		CU_ASSERT(line.len <= 76);
	}
}

void body_cannot_end_its_part(void) /* T123 */
{
	struct mail_message m = sample();
	m.parts.text = STR("--=_guess\n--\n\n.\nBcc: x\n");
	struct str got = write_it(&m);
	CU_ASSERT(holds(got, "\n--=3D_guess\n--\n\n=2E\nBcc: x\n"));
	m.parts.text = STR("\r\nx\r");
	CU_ASSERT(holds(write_it(&m), "=0D\nx=0D\n"));
}

void address_that_is_none_is_refused(void) /* T123 */
{
	static const char *const none[] = { "", "ann", "ann@", "a@b.example\nBcc: c@d.example", "a b@c.example",
		"a,b@c.example", "<a@b.example>", "\"a b\"@c.example", "a@b@c.example", "Zoë@example.com",
		"a@zoë.example", "a@b.example\r", "a(b)@c.example" };
	for (size_t i = 0; i < COUNT_OF(none); i++) {
		struct mail_message m = sample();
		m.to = str_c(none[i]);
		CU_ASSERT(str_is_empty(write_it(&m)));
		CU_ASSERT(strstr(err.operator, "the recipient") != NULL);
		m = sample();
		m.from = str_c(none[i]);
		CU_ASSERT(str_is_empty(write_it(&m)));
	}
}

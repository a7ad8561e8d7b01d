/* Writes messages. It only ever writes, and one form of them; that is why no library for reading and writing mail of every
 * form is here. */
#include "mail/message.h"

#include "core/limits.h"
#include "core/validate.h"

#include <stdio.h>
#include <time.h>

enum {
	LINE = 76, /* characters of a line, RFC 2045 and 2047 */
	LINE_MOST = 990, /* bytes of a line that is sent as it is; RFC 5322 allows 998 */
	WORD =
		50 /* characters in an encoded word: with what is around it and the header's name they fit into a line */
};

static void add_hex(struct buf *b, char mark, unsigned char c)
{
	static const char digits[] = "0123456789ABCDEF";
	const char text[3] = { mark, digits[c >> 4], digits[c & 15] };
	buf_add(b, str_of(text, sizeof(text)));
}

/* ---- headers ---- */

static bool is_ascii(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.at[i] < ' ' || s.at[i] > '~')
			return false;
	return true;
}

static bool is_letter_or_digit(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* The bytes of the first character; 1 when it is none. */
static size_t character(struct str s)
{
	uint32_t point;
	size_t step = str_utf8_next(s, &point);
	return step > 0 ? step : 1;
}

/* As encoded words, one a line. A character is never divided between two of them. */
static void add_words(struct buf *b, struct str s)
{
	while (!str_is_empty(s)) {
		size_t used = 0, step;
		buf_add_c(b, "=?utf-8?Q?");
		while (!str_is_empty(s) && used + 3 * (step = character(s)) <= WORD) {
			for (size_t i = 0; i < step; i++) {
				if (is_letter_or_digit(s.at[i]))
					buf_add_char(b, s.at[i]);
				else
					add_hex(b, '=', (unsigned char)s.at[i]);
				used += is_letter_or_digit(s.at[i]) ? 1 : 3;
			}
			s = str_skip(s, step);
		}
		buf_add_c(b, str_is_empty(s) ? "?=" : "?=\n ");
	}
}

/* A text that looks like an encoded word would be decoded by whoever reads it, so it becomes one. */
static void add_subject(struct buf *b, struct str s)
{
	if (s.len > LIMIT_MAIL_SUBJECT) {
		size_t len = 0;
		while (len + character(str_skip(s, len)) <= LIMIT_MAIL_SUBJECT)
			len += character(str_skip(s, len));
		s.len = len;
	}
	bool is_plain = is_ascii(s) && s.len < LINE - sizeof("Subject: ");
	for (size_t i = 0; i + 1 < s.len; i++)
		is_plain = is_plain && !(s.at[i] == '=' && s.at[i + 1] == '?');
	buf_add_c(b, "Subject: ");
	if (is_plain)
		buf_add(b, s);
	else
		add_words(b, s);
	buf_add_char(b, '\n');
}

static void add_from(struct buf *b, const struct mail_message *m)
{
	buf_add_c(b, "From: ");
	bool is_plain = is_ascii(m->from_name) && str_plain(m->from_name) == m->from_name.len;
	if (m->from_name.len > 0 && is_plain)
		buf_printf(b, "\"%.*s\"", STR_ARG(m->from_name));
	else
		add_words(b, m->from_name);
	buf_add_c(b, m->from_name.len > 0 ? "\n " : "");
	buf_printf(b, "<%.*s>\n", STR_ARG(m->from));
}

static void add_date(struct buf *b, int64_t at)
{
	static const char *const days[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep",
		"Oct", "Nov", "Dec" };
	struct tm t;
	time_t seconds = (time_t)at;
	if (!gmtime_r(&seconds, &t))
		BUG("the time %lld has no date", (long long)at);
	buf_printf(b, "Date: %s, %02d %s %d %02d:%02d:%02d +0000\n", days[t.tm_wday], t.tm_mday, months[t.tm_mon],
		t.tm_year + 1900, t.tm_hour, t.tm_min, t.tm_sec);
}

static bool check_address(const char *which, struct str address, struct error *err)
{
	struct error why = ERROR_INIT;
	if (!is_ascii(address))
		return error_log(
			err, ERR_INTERNAL, "%s is an address with characters that not every mail server takes", which);
	return validate_email(STR("address"), address, &why) ||
		error_log(err, ERR_INTERNAL, "%s is an address that no mail server takes", which);
}

/* ---- bodies ---- */

/* Some programs on the way change lines that begin so. */
static bool begins_oddly(struct str line)
{
	return str_starts(line, STR("From ")) || str_starts(line, STR("."));
}

/* True for what needs no encoding. */
static bool is_plain_body(struct str s)
{
	while (!str_is_empty(s)) {
		struct str line;
		s = str_split(s, '\n', &line);
		if (line.len > LINE_MOST || !is_ascii(line) || begins_oddly(line))
			return false;
	}
	return true;
}

static void add_quoted_line(struct buf *b, struct str line)
{
	size_t used = 0;
	for (size_t i = 0; i < line.len; i++) {
		char c = line.at[i];
		bool is_last = i + 1 == line.len;
		bool as_it_is =
			c >= ' ' && c <= '~' && c != '=' && !(c == ' ' && is_last) && !(i == 0 && begins_oddly(line));
		if (used + (as_it_is ? 1 : 3) >= LINE) { /* a line that goes on ends with '=' */
			buf_add_c(b, "=\n");
			used = 0;
		}
		if (as_it_is)
			buf_add_char(b, c);
		else
			add_hex(b, '=', (unsigned char)c);
		used += as_it_is ? 1 : 3;
	}
	buf_add_char(b, '\n');
}

static void add_part(struct buf *b, const char *type, const struct uuid *id, struct str body)
{
	bool is_plain = is_plain_body(body);
	buf_printf(b, "\n--=_%s\nContent-Type: %s; charset=utf-8\nContent-Transfer-Encoding: %s\n\n", id->text,
		type, is_plain ? "7bit" : "quoted-printable");
	while (!str_is_empty(body)) {
		struct str line;
		body = str_split(body, '\n', &line);
		if (is_plain)
			buf_printf(b, "%.*s\n", STR_ARG(line));
		else
			add_quoted_line(b, line);
	}
}

bool message_write(struct buf *b, const struct mail_message *m, struct error *err)
{
	if (!check_address("[mail] from", m->from, err) || !check_address("the recipient", m->to, err))
		return false;
	struct str domain = str_skip(m->from, str_find(m->from, '@'));
	add_from(b, m);
	buf_printf(b, "To: <%.*s>\n", STR_ARG(m->to));
	add_subject(b, m->parts.subject);
	add_date(b, m->at);
	buf_printf(b, "Message-ID: <%s%.*s>\n", m->id.text, STR_ARG(domain));
	/* Holiday notes and the like are not wanted in return, RFC 3834. */
	buf_add_c(b, "Auto-Submitted: auto-generated\nMIME-Version: 1.0\n");
	buf_printf(b, "Content-Type: multipart/alternative;\n boundary=\"=_%s\"\n", m->id.text);
	add_part(b, "text/plain", &m->id, m->parts.text);
	add_part(b, "text/html", &m->id, m->parts.html);
	buf_printf(b, "\n--=_%s--\n", m->id.text);
	return buf_ok(b) || error_log(err, ERR_INTERNAL, "the mail is longer than %zu bytes", b->limit);
}

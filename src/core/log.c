/*
 * Writes each JSON line with one write(2), so that lines of several processes never mix. It uses its own
 * bounded buffer and allocates nothing, so that it still works when memory has run out. Must never write the
 * value of a field whose name says that it is a secret, and never a raw control character.
 */
#include "core/log.h"

#include "core/buf.h"
#include "core/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

enum { LINE = 8 * 1024 };

static const char tail_cut[] = ",\"cut\":true}\n";

static const char *const level_names[] = { "debug", "info", "warn", "error" };

/* The value of a field is not written when its name contains one of these, whatever its case. '-' and '_'
 * count as the same. */
static const struct str redacted[] = {
	STR("authorization"),
	STR("cookie"),
	STR("password"),
	STR("passwd"),
	STR("token"),
	STR("secret"),
	STR("credential"),
	STR("api_key"),
	STR("private_key"),
	STR("context_key"),
	STR("proof"),
};

static struct {
	int fd;
	bool to_syslog;
	enum log_level least;
} out = { .fd = STDERR_FILENO, .least = LOG_LEVEL_INFO };

bool log_level_parse(struct str s, enum log_level *level)
{
	for (size_t i = 0; i < COUNT_OF(level_names); i++)
		if (str_eq(s, str_c(level_names[i]))) {
			*level = (enum log_level)i;
			return true;
		}
	return false;
}

static void close_file(void)
{
	if (out.fd > STDERR_FILENO)
		close(out.fd);
	out.fd = STDERR_FILENO;
}

bool log_open(const char *target, enum log_level level, struct error *err)
{
	struct str where = str_c(target);
	int fd = STDERR_FILENO;
	bool to_syslog = str_eq(where, STR("syslog"));
	if (!to_syslog && !str_eq(where, STR("stderr"))) {
		/* O_NOFOLLOW: root opens it at start, perhaps in a directory in which the workers may put a link. */
		fd = open(
			target, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW, 0640);
		if (fd < 0)
			return error_log(
				err, ERR_INTERNAL, "cannot open log '%s': %s, see [log] target", target, strerror(errno));
	}
	close_file();
	if (to_syslog && !out.to_syslog)
		openlog("tenantd", LOG_NDELAY, LOG_DAEMON);
	out.fd = fd;
	out.to_syslog = to_syslog;
	out.least = level;
	return true;
}

static bool same_letter(char name, char pattern)
{
	if (name >= 'A' && name <= 'Z')
		name = (char)(name | 0x20);
	return name == pattern || (name == '-' && pattern == '_');
}

static bool holds(struct str name, struct str pattern)
{
	for (size_t from = 0; from + pattern.len <= name.len; from++) {
		size_t i = 0;
		while (i < pattern.len && same_letter(name.at[from + i], pattern.at[i]))
			i++;
		if (i == pattern.len)
			return true;
	}
	return false;
}

static bool is_redacted(struct str name)
{
	for (size_t i = 0; i < COUNT_OF(redacted); i++)
		if (holds(name, redacted[i]))
			return true;
	return false;
}

/* The text up to the second is made once per second; only the microseconds are new in each line. */
static void add_time(struct buf *line)
{
	static char text[] = "\"time\":\"0000-00-00T00:00:00.000000Z\"";
	static time_t written = -1;
	enum { DATE_AT = 8, MICROS_AT = 28, MICROS = 6 };
	int64_t now = clock_unix_us(), micros = now % 1000000;
	time_t seconds = (time_t)(now / 1000000);
	struct tm utc;
	if (seconds != written && gmtime_r(&seconds, &utc)) {
		strftime(text + DATE_AT, sizeof(text) - DATE_AT, "%Y-%m-%dT%H:%M:%S", &utc);
		text[MICROS_AT - 1] = '.';
		written = seconds;
	}
	for (size_t i = MICROS; i > 0; i--, micros /= 10)
		text[MICROS_AT + i - 1] = (char)('0' + micros % 10);
	buf_add(line, str_c(text));
}

static void add_field(struct buf *line, const struct log_field *field)
{
	struct str name = str_c(field->name);
	buf_add(line, STR(",\""));
	buf_add(line, name);
	buf_add(line, STR("\":"));
	if (is_redacted(name))
		buf_add(line, STR("\"[redacted]\""));
	else if (field->is_number)
		buf_add_int(line, field->number);
	else
		buf_add_json(line, field->text);
}

static pid_t known_pid;

static void forget_pid(void)
{
	known_pid = 0;
}

/* getpid is called once in each process, so that a line costs no system call other than its write. */
static pid_t own_pid(void)
{
	static bool is_forgotten_in_children;
	if (!is_forgotten_in_children)
		is_forgotten_in_children = pthread_atfork(NULL, NULL, forget_pid) == 0;
	if (known_pid == 0 || !is_forgotten_in_children)
		known_pid = getpid();
	return known_pid;
}

/* Writes the line without its end and tells whether a field had to be left out. */
static bool gather(
	struct buf *line, enum log_level level, const char *event, const struct log_field *fields, size_t count)
{
	buf_add_char(line, '{');
	add_time(line);
	buf_add(line, STR(",\"level\":\""));
	buf_add_c(line, level_names[level]);
	buf_add(line, STR("\",\"event\":\""));
	buf_add_c(line, event);
	buf_add(line, STR("\",\"pid\":"));
	buf_add_int(line, own_pid());
	for (size_t i = 0; i < count; i++) {
		size_t whole = line->len;
		if (!fields[i].is_number && str_is_empty(fields[i].text))
			continue;
		add_field(line, &fields[i]);
		if (!buf_ok(line)) {
			line->len = whole;
			return true;
		}
	}
	return false;
}

static void emit(enum log_level level, const char *text, size_t len)
{
	static const int priorities[] = { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERR };
	if (out.to_syslog) {
		syslog(priorities[level], "%.*s", (int)len - 1, text);
		return;
	}
	/* What could not be written is lost: logging must neither fail nor delay a request. */
	while (write(out.fd, text, len) < 0 && errno == EINTR)
		continue;
}

void log_event(enum log_level level, const char *event, const struct log_field *fields, size_t count)
{
	static char storage[LINE];
	if (level < out.least || (unsigned)level >= COUNT_OF(level_names))
		return;
	int keep_errno = errno;
	struct buf line;
	buf_over(&line, storage, sizeof(storage) - sizeof(tail_cut));
	bool cut = gather(&line, level, event, fields, count);
	struct str tail = cut ? (struct str){ tail_cut, sizeof(tail_cut) - 1 } : STR("}\n");
	memcpy(storage + line.len, tail.at, tail.len); /* room for it was kept above */
	emit(level, storage, line.len + tail.len);
	explicit_bzero(storage, line.len + tail.len);
	errno = keep_errno;
}

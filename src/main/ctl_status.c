/*
 * tenantctl status: asks the running server how it is, at the socket where the web server asks it, for /readyz and /metrics. It
 * needs no web server for that, so that it also tells which of the two does not answer. As root it asks as one of [server]
 * peers, who alone may connect when that is set.
 */
#include "ctl.h"

#include "core/buf.h"
#include "core/json.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

enum {
	RECORD_HEADER = 8, /* of FastCGI: version, type, request (2), length (2), padding, reserved */
	TYPE_BEGIN = 1,
	TYPE_PARAMS = 4,
	TYPE_STDIN = 5,
	TYPE_STDOUT = 6,
	ROLE_RESPONDER = 1,
	ANSWER_S = 10
};

/* ---- asking ---- */

static void add_record(struct buf *b, int type, struct str content)
{
	const char header[RECORD_HEADER] = { 1, (char)type, 0, 1, (char)(content.len >> 8), (char)content.len, 0,
		0 };
	buf_add(b, str_of(header, sizeof(header)));
	buf_add(b, content);
}

static struct str request_of(struct arena *a, const char *path)
{
	const struct {
		const char *name, *value;
	} params[] = { { "REQUEST_METHOD", "GET" }, { "REQUEST_URI", path }, { "SERVER_PROTOCOL", "HTTP/1.1" },
		{ "REMOTE_ADDR", "127.0.0.1" }, { "HTTP_HOST", "localhost" }, { "CONTENT_LENGTH", "0" } };
	static const char begin[8] = { 0, ROLE_RESPONDER };
	struct buf p, b;
	buf_init(&p, a, LIMIT_BODY);
	for (size_t i = 0; i < COUNT_OF(params); i++) {
		buf_add_char(&p, (char)strlen(params[i].name));
		buf_add_char(&p, (char)strlen(params[i].value));
		buf_printf(&p, "%s%s", params[i].name, params[i].value);
	}
	buf_init(&b, a, LIMIT_BODY);
	add_record(&b, TYPE_BEGIN, str_of(begin, sizeof(begin)));
	add_record(&b, TYPE_PARAMS, buf_str(&p));
	add_record(&b, TYPE_PARAMS, STR(""));
	add_record(&b, TYPE_STDIN, STR(""));
	return buf_str(&b);
}

static int connect_unix(const char *path)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	snprintf(to.sun_path, sizeof(to.sun_path), "%s", path);
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0)
		return fd;
	close(fd);
	return -1;
}

/* "ADDRESS:PORT", an address of IPv6 in brackets; config_check has looked at it. */
static int connect_tcp(struct arena *a, struct str where)
{
	struct addrinfo *found,
		hints = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM };
	size_t colon = where.len;
	while (colon > 0 && where.at[colon - 1] != ':')
		colon--;
	struct str host = str_of(where.at, colon > 0 ? colon - 1 : 0);
	if (str_starts(host, STR("[")))
		host = str_of(host.at + 1, host.len - 2);
	errno = EINVAL;
	if (getaddrinfo(arena_cstr(a, host), arena_cstr(a, str_skip(where, colon)), &hints, &found) != 0)
		return -1;
	int fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, found->ai_addr, found->ai_addrlen) != 0) {
		close(fd);
		fd = -1;
	}
	freeaddrinfo(found);
	return fd;
}

static int connect_to(struct arena *a, struct str listen, struct error *err)
{
	int fd = -1;
	if (str_starts(listen, STR("unix:")))
		fd = connect_unix(arena_cstr(a, str_skip(listen, 5)));
	else if (str_starts(listen, STR("tcp:")))
		fd = connect_tcp(a, str_skip(listen, 4));
	else
		errno = ENOTSUP;
	const struct timeval patience = { .tv_sec = ANSWER_S };
	if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) == 0)
		return fd;
	error_log(err, ERR_UNAVAILABLE, "nobody answers at [server] listen = %.*s: %s", STR_ARG(listen),
		strerror(errno));
	return -1;
}

/* What stands in the records of the answer's text, one after the other. */
static struct str text_of(struct arena *a, struct str records)
{
	struct buf text;
	buf_init(&text, a, LIMIT_RESPONSE);
	while (records.len >= RECORD_HEADER) {
		const unsigned char *h = (const unsigned char *)records.at;
		size_t len = (size_t)(h[4] << 8 | h[5]), whole = RECORD_HEADER + len + h[6];
		if (whole > records.len)
			break;
		if (h[1] == TYPE_STDOUT)
			buf_add(&text, str_of(records.at + RECORD_HEADER, len));
		records = str_skip(records, whole);
	}
	return buf_str(&text);
}

/* The status of the answer, and its body. */
static bool ask(const struct ctl *ctl, const char *path, int64_t *status, struct str *body, struct error *err)
{
	struct arena *a = ctl->arena;
	int fd = connect_to(a, ctl->config.server.listen, err);
	if (fd < 0)
		return false;
	struct str request = request_of(a, path);
	char *in = arena_alloc(a, LIMIT_RESPONSE);
	size_t len = 0;
	ssize_t n = send(fd, request.at, request.len, MSG_NOSIGNAL);
	while (n > 0 && len < LIMIT_RESPONSE && (n = recv(fd, in + len, LIMIT_RESPONSE - len, 0)) > 0)
		len += (size_t)n;
	close(fd);
	struct str text = text_of(a, str_of(in, len)), line;
	size_t head = str_find(text, '\r');
	str_split(text, '\r', &line);
	if (!str_starts(line, STR("Status: ")) || head == text.len ||
		!str_to_int64(str_of(line.at + strlen("Status: "), 3), status))
		return error_log(err, ERR_UNAVAILABLE,
			"whoever listens at %.*s gave no answer of tenantd's; when [server] peers is set, only they may ask",
			STR_ARG(ctl->config.server.listen));
	const char *blank = memmem(text.at, text.len, "\r\n\r\n", 4);
	*body = blank ? str_skip(text, (size_t)(blank - text.at) + 4) : STR("");
	return true;
}

/* ---- telling ---- */

/* The value in the line of /metrics that begins so; empty when there is none. */
static struct str metric(struct str body, const char *name)
{
	struct str line, word;
	while (!str_is_empty(body)) {
		body = str_split(body, '\n', &line);
		struct str value = str_split(line, ' ', &word);
		if (str_eq(word, str_c(name)))
			return value;
	}
	return STR("");
}

static void print_metrics(struct str body)
{
	static const struct {
		const char *title, *name;
	} lines[] = {
		{ "workers that are idle", "tenantd_workers{state=\"idle\"}" },
		{ "workers with a request", "tenantd_workers{state=\"busy\"}" },
		{ "workers that refuse to serve", "tenantd_workers{state=\"refusing\"}" },
		{ "workers that wait for a successor", "tenantd_workers_overdue" },
	};
	for (size_t i = 0; i < COUNT_OF(lines); i++)
		printf("%-34s %.*s\n", lines[i].title, STR_ARG(metric(body, lines[i].name)));
	bool is_refused = str_eq(metric(body, "tenantd_reload_refused"), STR("1"));
	printf("%-34s %s\n", "the configuration on disk",
		is_refused ? "REFUSED: the one before it is in force, and the log says why (master.reload_refused)"
				   : "is in force");
}

static const char *member_of(struct arena *a, struct str body, const char *name)
{
	struct error err = ERROR_INIT;
	const struct json *member, *json = json_parse(a, body, &err);
	struct str text;
	member = json ? json_get(json, str_c(name)) : NULL;
	return member && json_string(member, &text) ? arena_cstr(a, text) : "";
}

enum ctl_status ctl_status(struct ctl *ctl)
{
	struct error err = ERROR_INIT;
	struct str ready, metrics;
	int64_t ready_status, metrics_status;
	if (!ctl_configure(ctl, &err) || !ctl_act_as_peer(ctl, &err) ||
		!ask(ctl, "/readyz", &ready_status, &ready, &err) ||
		!ask(ctl, "/metrics", &metrics_status, &metrics, &err))
		return ctl_fail(&err);
	bool is_ready = ready_status == 200,
		 is_refused = strcmp(member_of(ctl->arena, ready, "reload"), "refused") == 0;
	printf("%-34s %s\n", "ready to serve", is_ready ? "yes" : member_of(ctl->arena, ready, "code"));
	if (metrics_status == 200)
		print_metrics(metrics);
	else
		printf("%-34s unknown: [server] metrics_allow has no 127.0.0.1\n", "workers");
	return is_ready && !is_refused ? CTL_OK : CTL_FAILED;
}

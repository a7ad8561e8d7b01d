/* The proxy that loses answers. It knows of PostgreSQL's protocol no more than where a message begins. */
#include "support/cutter.h"

#include "core/base.h"
#include "support/files.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { PIECE = 16384, HEAD = 5, ANSWER_MS = 5000, BACKLOG = 64 };

/* Where in the messages of one side we are. The first message of a client has no type. */
struct messages {
	bool has_begun;
	unsigned char head[HEAD];
	size_t head_len, left;
};

/* Takes what was read. True when a message of this type begins in it. */
static bool take(struct messages *m, const unsigned char *at, size_t len, char type)
{
	bool has_it = false;
	while (len > 0) {
		if (m->left > 0) {
			size_t n = len < m->left ? len : m->left;
			m->left -= n;
			at += n;
			len -= n;
			continue;
		}
		size_t from = m->has_begun ? 0 : 1;
		m->head[from + m->head_len++] = *at++;
		len--;
		if (from + m->head_len < HEAD)
			continue;
		has_it = has_it || (m->has_begun && m->head[0] == (unsigned char)type);
		m->left =
			((size_t)m->head[1] << 24 | (size_t)m->head[2] << 16 | (size_t)m->head[3] << 8 | m->head[4]) - 4;
		m->head_len = 0;
		m->has_begun = true;
	}
	return has_it;
}

struct pair {
	struct cutter *cutter;
	int client, server;
	struct messages said, answered;
};

static bool hand_on(int to, const unsigned char *at, size_t len)
{
	for (size_t sent = 0; sent < len;) {
		ssize_t n = send(to, at + sent, len - sent, MSG_NOSIGNAL);
		if (n <= 0)
			return false;
		sent += (size_t)n;
	}
	return true;
}

/* Takes one of the losses, if there are any left. */
static bool is_to_be_lost(struct cutter *c)
{
	int left = c->losses;
	while (left > 0)
		if (atomic_compare_exchange_weak(&c->losses, &left, left - 1))
			return true;
	return false;
}

/* Reads what the server answers until it is ready for the next request, and tells nobody. */
static void swallow(struct pair *p)
{
	unsigned char piece[PIECE];
	struct pollfd in = { .fd = p->server, .events = POLLIN };
	bool is_ready = false;
	while (!is_ready && poll(&in, 1, ANSWER_MS) > 0) {
		ssize_t n = recv(p->server, piece, sizeof(piece), 0);
		if (n <= 0)
			return;
		is_ready = take(&p->answered, piece, (size_t)n, 'Z');
	}
}

static bool from_client(struct pair *p)
{
	unsigned char piece[PIECE];
	ssize_t n = recv(p->client, piece, sizeof(piece), 0);
	if (n <= 0 || !hand_on(p->server, piece, (size_t)n))
		return false;
	if (!take(&p->said, piece, (size_t)n, 'S') || !is_to_be_lost(p->cutter))
		return true;
	if (p->cutter->waits_for_answer)
		swallow(p);
	p->cutter->lost++;
	return false;
}

static bool from_server(struct pair *p)
{
	unsigned char piece[PIECE];
	ssize_t n = recv(p->server, piece, sizeof(piece), 0);
	if (n <= 0)
		return false;
	(void)take(&p->answered, piece, (size_t)n, 'Z');
	return hand_on(p->client, piece, (size_t)n);
}

static void *serve_pair(void *given)
{
	struct pair *p = given;
	struct pollfd in[] = { { .fd = p->client, .events = POLLIN }, { .fd = p->server, .events = POLLIN } };
	p->answered.has_begun = true; /* whatever the server says has a type */
	bool goes_on = true;
	while (goes_on && poll(in, p->server >= 0 ? 2 : 1, -1) > 0) {
		if (goes_on && in[0].revents)
			goes_on = p->server >= 0 ? from_client(p) : false;
		if (goes_on && p->server >= 0 && in[1].revents)
			goes_on = from_server(p);
	}
	close(p->client);
	if (p->server >= 0)
		close(p->server);
	free(p);
	return NULL;
}

static int dial(const char *dir)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	snprintf(at.sun_path, sizeof(at.sun_path), "%s/.s.PGSQL.5432", dir);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, (const struct sockaddr *)&at, sizeof(at)) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

/* A client of a lost host waits for as long as it likes: what it says is not even read. */
static void wait_for_nothing(struct pair *p)
{
	struct pollfd in = { .fd = p->client, .events = POLLRDHUP };
	while (p->cutter->way == CUTTER_SILENT && poll(&in, 1, 50) == 0)
		;
	close(p->client);
	free(p);
}

static void *lead_in(void *given)
{
	struct pair *p = given;
	if (p->cutter->way == CUTTER_SILENT) {
		wait_for_nothing(p);
		return NULL;
	}
	p->server = p->cutter->way == CUTTER_PASS ? dial(p->cutter->target) : -1;
	if (p->server < 0) {
		close(p->client);
		free(p);
		return NULL;
	}
	return serve_pair(p);
}

static void *listen_on(void *given)
{
	struct cutter *c = given;
	for (;;) {
		pthread_t thread;
		int fd = accept4(c->listener, NULL, NULL, SOCK_CLOEXEC);
		if (fd < 0 && errno != EINTR && errno != ECONNABORTED)
			return NULL;
		struct pair *p = fd >= 0 ? calloc(1, sizeof(*p)) : NULL;
		if (!p)
			continue;
		*p = (struct pair){ .cutter = c, .client = fd };
		if (pthread_create(&thread, NULL, lead_in, p) == 0)
			pthread_detach(thread);
	}
}

void cutter_open(struct cutter *c)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	pthread_t thread;
	files_begin(c->dir, sizeof(c->dir), "cut");
	snprintf(at.sun_path, sizeof(at.sun_path), "%s/.s.PGSQL.5432", c->dir);
	c->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (chmod(c->dir, 0711) != 0 || c->listener < 0 ||
		bind(c->listener, (const struct sockaddr *)&at, sizeof(at)) != 0 ||
		listen(c->listener, BACKLOG) != 0 || pthread_create(&thread, NULL, listen_on, c) != 0) {
		fprintf(stderr, "cutter: %s\n", strerror(errno));
		exit(EXIT_FAILURE);
	}
	pthread_detach(thread);
}

void cutter_lead(struct cutter *c, const char *dir)
{
	snprintf(c->target, sizeof(c->target), "%s", dir);
	c->way = CUTTER_PASS;
}

void cutter_close(struct cutter *c)
{
	shutdown(c->listener, SHUT_RDWR);
	files_end(c->dir);
}

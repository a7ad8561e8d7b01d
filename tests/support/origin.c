/* The web server of tests: one thread that reads a request head, looks its path up in a table and writes what is there. */
#include "support/origin.h"

#include "core/base.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PATHS = 8, HEAD = 4096 };

struct page {
	char path[128];
	char *bytes;
	size_t len;
	bool hangs;
	size_t asked;
};

static struct {
	pthread_mutex_t lock;
	pthread_t thread;
	int listener;
	bool is_dead;
	struct page pages[PATHS];
	int hanging[64]; /* connections that wait for a body; closed with the process */
	size_t hanging_count;
} origin = { .lock = PTHREAD_MUTEX_INITIALIZER };

static void must(bool done, const char *what)
{
	if (!done)
		BUG("the test's web server could not %s", what);
}

/* The page of a path, a new one if need be. */
static struct page *page_of(const char *path)
{
	size_t i = 0;
	while (i < PATHS && origin.pages[i].path[0] && strcmp(origin.pages[i].path, path) != 0)
		i++;
	must(i < PATHS, "keep so many pages");
	snprintf(origin.pages[i].path, sizeof(origin.pages[i].path), "%s", path);
	return &origin.pages[i];
}

/* Reads the head and returns its path, "" when the other side left. */
static void read_path(int fd, char path[128])
{
	char head[HEAD];
	size_t len = 0;
	path[0] = '\0';
	for (;;) {
		ssize_t n = read(fd, head + len, sizeof(head) - 1 - len);
		if (n <= 0)
			return;
		len += (size_t)n;
		head[len] = '\0';
		if (strstr(head, "\r\n\r\n"))
			break;
	}
	if (sscanf(head, "GET %127s", path) != 1)
		path[0] = '\0';
}

static void write_page(int fd, const struct page *page)
{
	for (size_t done = 0; done < page->len;) {
		ssize_t n = send(fd, page->bytes + done, page->len - done, MSG_NOSIGNAL);
		if (n <= 0)
			return;
		done += (size_t)n;
	}
}

static void answer(int fd)
{
	char path[128];
	read_path(fd, path);
	pthread_mutex_lock(&origin.lock);
	struct page *page = path[0] && !origin.is_dead ? page_of(path) : NULL;
	if (page) {
		page->asked++;
		write_page(fd, page);
	}
	if (page && page->hangs && origin.hanging_count < COUNT_OF(origin.hanging))
		origin.hanging[origin.hanging_count++] = fd;
	else
		close(fd);
	pthread_mutex_unlock(&origin.lock);
}

static void *serve(void *arg)
{
	for (;;) {
		int fd = accept4(origin.listener, NULL, NULL, SOCK_CLOEXEC);
		if (fd >= 0)
			answer(fd);
	}
	return arg;
}

int origin_begin(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t len = sizeof(at);
	origin.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	must(origin.listener >= 0 && bind(origin.listener, (const struct sockaddr *)&at, sizeof(at)) == 0 &&
			listen(origin.listener, 16) == 0 &&
			getsockname(origin.listener, (struct sockaddr *)&at, &len) == 0 &&
			pthread_create(&origin.thread, NULL, serve, NULL) == 0,
		"listen");
	return ntohs(at.sin_port);
}

static void set(const char *path, bool hangs, char *bytes, size_t len)
{
	pthread_mutex_lock(&origin.lock);
	struct page *page = page_of(path);
	free(page->bytes);
	page->bytes = bytes;
	page->len = len;
	page->hangs = hangs;
	origin.is_dead = false;
	pthread_mutex_unlock(&origin.lock);
}

void origin_says(const char *path, const char *status, const char *headers, struct str body)
{
	char *bytes = malloc(body.len + HEAD);
	must(bytes != NULL, "hold a page");
	int head = snprintf(bytes, HEAD, "HTTP/1.1 %s\r\n%sContent-Length: %zu\r\nConnection: close\r\n\r\n",
		status, headers, body.len);
	must(head > 0 && head < HEAD, "hold a head");
	memcpy(bytes + head, body.at, body.len);
	set(path, false, bytes, (size_t)head + body.len);
}

void origin_hangs(const char *path)
{
	char *bytes = strdup("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{");
	must(bytes != NULL, "hold a page");
	set(path, true, bytes, strlen(bytes));
}

void origin_dies(void)
{
	pthread_mutex_lock(&origin.lock);
	origin.is_dead = true;
	pthread_mutex_unlock(&origin.lock);
}

size_t origin_asked(const char *path)
{
	pthread_mutex_lock(&origin.lock);
	size_t asked = page_of(path)->asked;
	pthread_mutex_unlock(&origin.lock);
	return asked;
}

/* The name server of tests: one thread that reads a question (RFC 1035, section 4.1), and writes the records of its name. */
#include "support/names.h"

#include "core/base.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

enum { RECORDS = 16, PACKET = 1200, HEADER = 12, TYPE_TXT = 16, CLASS_IN = 1 };

static struct {
	pthread_mutex_t lock;
	pthread_t thread;
	int fd;
	char address[32];
	enum names_fault fault;
	struct {
		char name[256], text[512]; /* no name: free */
	} records[RECORDS];
} names = { .lock = PTHREAD_MUTEX_INITIALIZER };

static void must(bool done, const char *what)
{
	if (!done)
		BUG("the test's name server could not %s", what);
}

struct packet {
	unsigned char at[PACKET];
	size_t len;
};

static void put(struct packet *p, const void *bytes, size_t len)
{
	must(p->len + len <= sizeof(p->at), "fit its answer into a packet");
	memcpy(p->at + p->len, bytes, len);
	p->len += len;
}

static void put_number(struct packet *p, unsigned number)
{
	put(p, (unsigned char[]){ (unsigned char)(number >> 8), (unsigned char)number }, 2);
}

/* The name of the question as text; the length of the whole question, 0 when it is none. */
static size_t read_question(const unsigned char *at, size_t len, char name[256])
{
	size_t n = 0, used = 0;
	while (n < len && at[n] != 0) {
		size_t label = at[n];
		if (label > 63 || n + 1 + label >= len || used + label + 2 > 256)
			return 0;
		if (used > 0)
			name[used++] = '.';
		memcpy(name + used, at + n + 1, label);
		used += label;
		n += label + 1;
	}
	name[used] = '\0';
	return n + 5 <= len ? n + 5 : 0;
}

static void put_record(struct packet *p, const char *text)
{
	struct packet data = { .len = 0 };
	for (const char *rest = text; rest; rest = strchr(rest, '|') ? strchr(rest, '|') + 1 : NULL) {
		size_t len = strcspn(rest, "|");
		put(&data, (unsigned char[]){ (unsigned char)len }, 1);
		put(&data, rest, len);
	}
	put_number(p, 0xC000 | HEADER); /* the name of the question */
	put_number(p, TYPE_TXT);
	put_number(p, CLASS_IN);
	put_number(p, 0);
	put_number(p, 60); /* seconds to live, in four bytes */
	put_number(p, (unsigned)data.len);
	put(p, data.at, data.len);
}

/* What is answered to a question of `len` bytes; false: nothing. */
static bool answer(const unsigned char *asked, size_t len, struct packet *p)
{
	enum { RESPONSE = 0x8180, SERVFAIL = 2, NXDOMAIN = 3 };
	char name[256];
	size_t question = len > HEADER ? read_question(asked + HEADER, len - HEADER, name) : 0, count = 0;
	if (question == 0 || names.fault == NAMES_SILENT)
		return false;
	for (size_t i = 0; i < RECORDS; i++)
		count += strcasecmp(names.records[i].name, name) == 0;
	unsigned code = names.fault == NAMES_FAIL ? SERVFAIL : count == 0 ? NXDOMAIN : 0;
	p->len = 0;
	put(p, asked, 2);
	put_number(p, RESPONSE | code);
	put_number(p, 1);
	put_number(p, code == 0 ? (unsigned)count : 0);
	put_number(p, 0);
	put_number(p, 0);
	put(p, asked + HEADER, question);
	if (names.fault == NAMES_OTHER)
		p->at[HEADER + 1] ^= 0x01;
	for (size_t i = 0; code == 0 && i < RECORDS; i++)
		if (strcasecmp(names.records[i].name, name) == 0)
			put_record(p, names.records[i].text);
	if (names.fault == NAMES_BROKEN)
		p->len -= 3;
	return true;
}

static void *serve(void *arg)
{
	for (;;) {
		unsigned char asked[PACKET];
		struct sockaddr_in from;
		socklen_t size = sizeof(from);
		struct packet p;
		ssize_t len = recvfrom(names.fd, asked, sizeof(asked), 0, (struct sockaddr *)&from, &size);
		if (len <= 0)
			continue;
		pthread_mutex_lock(&names.lock);
		bool is_answered = answer(asked, (size_t)len, &p);
		pthread_mutex_unlock(&names.lock);
		if (is_answered)
			(void)sendto(names.fd, p.at, p.len, 0, (const struct sockaddr *)&from, size);
	}
	return arg;
}

const char *names_begin(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t len = sizeof(at);
	names.fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	must(names.fd >= 0 && bind(names.fd, (const struct sockaddr *)&at, sizeof(at)) == 0 &&
			getsockname(names.fd, (struct sockaddr *)&at, &len) == 0 &&
			pthread_create(&names.thread, NULL, serve, NULL) == 0,
		"listen");
	snprintf(names.address, sizeof(names.address), "127.0.0.1:%d", ntohs(at.sin_port));
	return names.address;
}

void names_add(const char *name, const char *record)
{
	size_t i = 0;
	pthread_mutex_lock(&names.lock);
	while (i < RECORDS && names.records[i].name[0])
		i++;
	must(i < RECORDS, "keep so many records");
	snprintf(names.records[i].name, sizeof(names.records[i].name), "%s", name);
	snprintf(names.records[i].text, sizeof(names.records[i].text), "%s", record);
	pthread_mutex_unlock(&names.lock);
}

void names_remove(const char *name)
{
	pthread_mutex_lock(&names.lock);
	for (size_t i = 0; i < RECORDS; i++)
		if (strcasecmp(names.records[i].name, name) == 0)
			names.records[i].name[0] = '\0';
	pthread_mutex_unlock(&names.lock);
}

void names_fault(enum names_fault fault)
{
	pthread_mutex_lock(&names.lock);
	names.fault = fault;
	pthread_mutex_unlock(&names.lock);
}

/* tenantd as a service of systemd: what it is passed and what it says. The manager is this process. */
#include "test_pool.h"

#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sysexits.h>
#include <unistd.h>

struct manager {
	int ear; /* where tenantd's messages arrive */
	char path[108];
	char heard[8192]; /* all of them, each with a line break behind it */
};

static int make_socket(const char *path, int type)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
	CU_ASSERT_EQUAL(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	if (type == SOCK_STREAM)
		CU_ASSERT_EQUAL(listen(fd, 16), 0);
	return fd;
}

static void begin(struct world *w, struct manager *m)
{
	world_begin(w);
	m->heard[0] = '\0';
	snprintf(m->path, sizeof(m->path), "%s/notify", w->dir);
	m->ear = make_socket(m->path, SOCK_DGRAM);
	w->notify = m->path;
	world_config(w, NULL);
}

static void end(struct world *w, struct manager *m)
{
	world_end(w);
	close(m->ear);
}

static bool has_heard(struct manager *m, const char *words)
{
	char text[1024];
	ssize_t got;
	while ((got = recv(m->ear, text, sizeof(text), MSG_DONTWAIT)) > 0) {
		size_t length = strlen(m->heard);
		if (length + (size_t)got + 2 > sizeof(m->heard))
			length = 0; /* what is waited for comes later */
		snprintf(m->heard + length, sizeof(m->heard) - length, "%.*s\n", (int)got, text);
	}
	return strstr(m->heard, words) != NULL;
}

void manager_is_told_of_the_start_and_of_the_workers(void)
{
	struct world w;
	struct manager m;
	begin(&w, &m);
	world_start(&w, NULL);
	EVENTUALLY(has_heard(&m, "READY=1\n"));
	EVENTUALLY(has_heard(&m, "STATUS=2 of 2 workers serve\n"));
	end(&w, &m);
}

void manager_gets_signs_of_life(void)
{
	struct world w;
	struct manager m;
	begin(&w, &m);
	world_start(&w, NULL);
	for (int i = 0; i < 3; i++) {
		EVENTUALLY(has_heard(&m, "WATCHDOG=1\n"));
		m.heard[0] = '\0';
	}
	end(&w, &m);
}

void manager_is_told_why_a_reload_was_refused(void)
{
	struct world w;
	struct manager m;
	begin(&w, &m);
	world_start(&w, NULL);
	EVENTUALLY(has_heard(&m, "READY=1\n"));
	m.heard[0] = '\0';
	touch(w.refusal);
	kill(w.master, SIGHUP);
	EVENTUALLY(
		has_heard(&m, "STATUS=2 of 2 workers serve; the last reload was refused: the check says no\n"));
	CU_ASSERT_TRUE(has_heard(&m, "RELOADING=1\nMONOTONIC_USEC="));
	CU_ASSERT_TRUE(has_heard(&m, "READY=1\n"));
	m.heard[0] = '\0';
	unlink(w.refusal);
	kill(w.master, SIGHUP);
	EVENTUALLY(has_heard(&m, "STATUS=2 of 2 workers serve\n"));
	end(&w, &m);
}

void manager_is_told_of_the_end(void)
{
	struct world w;
	struct manager m;
	begin(&w, &m);
	world_start(&w, NULL);
	kill(w.master, SIGTERM);
	CU_ASSERT_EQUAL(world_wait_master(&w), 0);
	CU_ASSERT_TRUE(has_heard(&m, "STOPPING=1\n"));
	end(&w, &m);
}

void socket_of_the_manager_is_taken_and_outlives_tenantd(void)
{
	struct world w;
	struct manager m;
	char answer[ANSWER];
	begin(&w, &m);
	w.passed = make_socket(w.socket, SOCK_STREAM);
	world_start(&w, NULL);
	CU_ASSERT_TRUE(ask_number(&w, "self", 0) > 0);
	kill(w.master, SIGTERM);
	CU_ASSERT_EQUAL(world_wait_master(&w), 0);
	CU_ASSERT_TRUE(is_there(w.socket));
	/* Whoever connects while it is away waits for the next one. */
	int fd = ask_begin(&w, "self");
	CU_ASSERT_TRUE(fd >= 0);
	world_start_alone(&w);
	CU_ASSERT_TRUE(ask_end(fd, answer));
	end(&w, &m);
}

/* The master is passed a socket of this name in the world's folder, and variables that speak of `count`. */
static void begin_with(struct world *w, struct manager *m, const char *name, int count)
{
	char path[108];
	begin(w, m);
	snprintf(path, sizeof(path), "%s/%s", w->dir, name);
	w->passed = make_socket(path, SOCK_STREAM);
	w->passed_count = count;
}

static void refuses_to_start(const char *name, int count, const char *words)
{
	struct world w;
	struct manager m;
	begin_with(&w, &m, name, count);
	world_start_alone(&w);
	CU_ASSERT_EQUAL(world_wait_master(&w), EX_UNAVAILABLE);
	CU_ASSERT_TRUE(log_has(&w, words));
	end(&w, &m);
}

void socket_of_the_manager_must_be_the_configured_one(void)
{
	refuses_to_start("other", 1, "the service manager opened another socket");
}

void more_than_one_socket_is_refused(void)
{
	refuses_to_start("s", 2, "passed 2 sockets");
}

void variables_of_another_process_are_not_ours(void)
{
	struct world w;
	struct manager m;
	begin_with(&w, &m, "other", -1);
	world_start(&w, NULL);
	CU_ASSERT_TRUE(ask_number(&w, "self", 0) > 0);
	end(&w, &m);
}

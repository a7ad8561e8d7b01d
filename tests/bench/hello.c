/*
 * Measures the most that FastCGI workers can do behind this web server: N processes answer every request with the same
 * small JSON. By default they use plain libfcgi, FCGX_Accept_r and FCGX_Detach before FCGX_Finish_r. With "room" they
 * use tenantd's own http room, which shows what its bounds cost.
 *
 *   bench_hello SOCKET PROCESSES [plain|room]
 *
 * Listens on the unix socket (replaced if it is there), serves until SIGTERM.
 */
#include "http/fcgi_io.h"

#include <errno.h>
#include <fcgiapp.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BACKLOG = 1024, MODE = 0666, PROCESSES_MAX = 64, PEER_MS = 2000, REQUEST_MS = 10000, LIMIT = 1 << 20 };

#define BODY "{\"id\":\"5d1f4c3e-0000-4000-8000-000000000001\",\"name\":\"hello\",\"amount\":42}"

static void die(const char *what)
{
	perror(what);
	exit(EXIT_FAILURE);
}

static int listen_on(const char *path, bool is_blocking)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | (is_blocking ? 0 : SOCK_NONBLOCK), 0);
	if (strlen(path) >= sizeof(sa.sun_path)) {
		errno = ENAMETOOLONG;
		die(path);
	}
	memcpy(sa.sun_path, path, strlen(path));
	unlink(path);
	if (fd < 0 || bind(fd, (struct sockaddr *)&sa, sizeof(sa)) != 0 || listen(fd, BACKLOG) != 0 ||
		chmod(path, MODE) != 0)
		die(path);
	return fd;
}

static void serve_plain(int listener)
{
	static const char answer[] = "Status: 200 OK\r\nContent-Type: application/json\r\n\r\n" BODY;
	FCGX_Request r;
	if (FCGX_Init() != 0 || FCGX_InitRequest(&r, listener, 0) != 0)
		die("libfcgi");
	while (FCGX_Accept_r(&r) == 0) {
		FCGX_PutStr(answer, sizeof(answer) - 1, r.out);
		FCGX_Detach(&r);
		FCGX_Finish_r(&r);
	}
}

static void serve_room(int listener)
{
	const struct fcgi_limits limits = { .body = LIMIT, .peer_ms = PEER_MS, .request_ms = REQUEST_MS };
	struct arena *arena = arena_new(LIMIT_REQUEST_POOL);
	struct fcgi *f = fcgi_new(listener, &limits);
	struct request req;
	struct response res;
	sigset_t all, before;
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	for (;;) {
		struct error err = ERROR_INIT;
		arena_reset(arena);
		enum fcgi_got got = fcgi_next(f, arena, -1, &before, &req, &err);
		if (got == FCGI_GOT_NOTHING)
			continue;
		response_init(&res, arena);
		if (got == FCGI_GOT_REQUEST)
			response_json(&res, 200, STR(BODY));
		else
			response_empty(&res, error_info(err.code)->status);
		fcgi_answer(f, response_print(&res));
	}
}

static void stop(int signo)
{
	(void)signo;
}

int main(int argc, char **argv)
{
	int count = argc > 2 ? atoi(argv[2]) : 0;
	bool is_room = argc > 3 && strcmp(argv[3], "room") == 0;
	pid_t children[PROCESSES_MAX];
	if (count < 1 || count > PROCESSES_MAX) {
		fprintf(stderr, "usage: bench_hello SOCKET PROCESSES [plain|room]\n");
		return EXIT_FAILURE;
	}
	int listener = listen_on(argv[1], !is_room);
	for (int i = 0; i < count; i++) {
		children[i] = fork();
		if (children[i] == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			(is_room ? serve_room : serve_plain)(listener);
			_exit(EXIT_FAILURE);
		}
	}
	struct sigaction sa = { .sa_handler = stop };
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGINT, &sa, NULL);
	pause();
	for (int i = 0; i < count; i++)
		kill(children[i], SIGKILL);
	while (wait(NULL) > 0)
		;
	unlink(argv[1]);
	return EXIT_SUCCESS;
}

/* The listening socket: how it is made or taken over, what is refused, and what is removed at the end. */
#include "test_pool.h"

#include "core/log.h"
#include "pool/listener.h"
#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

/* A listener needs four keys of the configuration; it is opened from them alone. */
static int open_at(const char *listen_at, const char *mode, const char *group, struct error *err)
{
	const struct config config = { .server = {
									   .listen = str_c(listen_at),
									   .socket_mode = str_c(mode),
									   .socket_group = str_c(group),
									   .user = STR(""),
								   } };
	*err = (struct error)ERROR_INIT;
	return listener_open(&config, err);
}

static int open_in(const struct world *w, const char *mode, const char *group)
{
	struct error err;
	char listen_at[128];
	snprintf(listen_at, sizeof(listen_at), "unix:%s", w->socket);
	int fd = open_at(listen_at, mode, group, &err);
	if (fd < 0)
		fprintf(stderr, "%s\n", err.operator);
	return fd;
}

static bool can_connect(const struct world *w)
{
	int fd = ask_begin(w, "anybody");
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* Any group but the process's own that the host knows; our own when we may not give files away. */
static const struct group *some_group(void)
{
	const struct group *g = geteuid() == 0 ? getgrnam("daemon") : NULL;
	return g ? g : getgrgid(getegid());
}

void socket_has_the_mode_and_group_of_the_config(void)
{
	struct world w;
	struct stat st;
	const struct group *g = some_group();
	world_begin(&w);
	mode_t before = umask(0);
	int fd = open_in(&w, "0620", g->gr_name);
	umask(before);
	CU_ASSERT_FATAL(fd >= 0);
	CU_ASSERT_EQUAL(stat(w.socket, &st), 0);
	CU_ASSERT_EQUAL(st.st_mode & 07777, 0620);
	CU_ASSERT_EQUAL(st.st_gid, g->gr_gid);
	CU_ASSERT_TRUE(can_connect(&w));
	CU_ASSERT_TRUE(fcntl(fd, F_GETFL) & O_NONBLOCK);
	CU_ASSERT_TRUE(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	listener_close(fd);
	CU_ASSERT_FALSE(is_there(w.socket));
	world_end(&w);
}

void stale_socket_is_replaced(void)
{
	struct world w;
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	world_begin(&w);
	memcpy(address.sun_path, w.socket, strlen(w.socket) + 1);
	int old = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	CU_ASSERT_EQUAL(bind(old, (const struct sockaddr *)&address, sizeof(address)), 0);
	close(old);
	CU_ASSERT_FALSE(can_connect(&w));
	int fd = open_in(&w, "0660", "");
	CU_ASSERT_TRUE(fd >= 0);
	CU_ASSERT_TRUE(can_connect(&w));
	listener_close(fd);
	world_end(&w);
}

void file_in_the_way_is_left_alone(void)
{
	struct world w;
	world_begin(&w);
	close(open(w.socket, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	struct error err;
	char listen_at[128];
	snprintf(listen_at, sizeof(listen_at), "unix:%s", w.socket);
	CU_ASSERT_EQUAL(open_at(listen_at, "0660", "", &err), -1);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.operator, "is not a socket"));
	CU_ASSERT_TRUE(is_there(w.socket));
	world_end(&w);
}

void listen_address_that_cannot_be_meant_is_refused(void)
{
	char too_long[200] = "unix:/";
	memset(too_long + 6, 'x', sizeof(too_long) - 7);
	const char *const bad[] = { "", "unix:", "unix:relative", "unix:/no/such/directory/s", too_long,
		"tcp:", "tcp:127.0.0.1", "tcp:127.0.0.1:", "tcp:127.0.0.1:0", "tcp:127.0.0.1:65536",
		"tcp:127.0.0.1:http", "tcp:localhost:9000", "tcp:::1:9000", "tcp:[::1]", "tcp:[]:9000", "tcp::9000",
		"tcp:127.0.0.1:-1", "fd:", "fd:x", "fd:-1", "fd:250", "fd:99999999999", "/plain/path",
		"udp:127.0.0.1:9000" };
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		struct error err;
		int fd = open_at(bad[i], "0660", "", &err);
		CU_ASSERT_EQUAL(fd, -1);
		CU_ASSERT_TRUE(err.operator[0] != '\0');
		if (fd >= 0)
			fprintf(stderr, "\"%s\" was taken\n", bad[i]);
	}
}

void socket_mode_that_is_none_is_refused(void)
{
	struct world w;
	world_begin(&w);
	const char *const bad[] = { "", "rw", "0688", "1777", "07777777777777777777777777777770660", "-1",
		"0660 " };
	char listen_at[128];
	snprintf(listen_at, sizeof(listen_at), "unix:%s", w.socket);
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		struct error err;
		CU_ASSERT_EQUAL(open_at(listen_at, bad[i], "", &err), -1);
		CU_ASSERT_PTR_NOT_NULL(strstr(err.operator, "socket_mode"));
	}
	struct error err;
	CU_ASSERT_EQUAL(open_at(listen_at, "0660", "no-such-group", &err), -1);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.operator, "no-such-group"));
	CU_ASSERT_FALSE(is_there(w.socket));
	world_end(&w);
}

/* Opens a free port at `host` (the kernel names one, then it is asked for by number). */
static int open_free_port(int family, const char *host, struct sockaddr_storage *at)
{
	struct error err;
	char listen_at[128];
	socklen_t size = sizeof(*at);
	for (int i = 0; i < 20; i++) {
		*at = (struct sockaddr_storage){ .ss_family = (sa_family_t)family };
		int probe = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
		size = sizeof(*at);
		if (probe < 0 ||
			bind(probe, (struct sockaddr *)at,
				family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6)) != 0) {
			close(probe);
			return -2;
		}
		getsockname(probe, (struct sockaddr *)at, &size);
		close(probe);
		snprintf(
			listen_at, sizeof(listen_at), "tcp:%s:%d", host, ntohs(((struct sockaddr_in *)at)->sin_port));
		int fd = open_at(listen_at, "0660", "", &err);
		if (fd >= 0) {
			getsockname(fd, (struct sockaddr *)at, &size);
			return fd;
		}
	}
	return -1;
}

static void expect_connection(const struct sockaddr_storage *at)
{
	int fd = socket(at->ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t size = at->ss_family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
	CU_ASSERT_EQUAL(connect(fd, (const struct sockaddr *)at, size), 0);
	close(fd);
}

void tcp_socket_listens_on_both_loopbacks(void)
{
	struct sockaddr_storage at;
	int fd = open_free_port(AF_INET, "127.0.0.1", &at);
	CU_ASSERT_FATAL(fd >= 0);
	CU_ASSERT_TRUE(fcntl(fd, F_GETFL) & O_NONBLOCK);
	expect_connection(&at);
	listener_close(fd);
	fd = open_free_port(AF_INET6, "[::1]", &at);
	if (fd == -2)
		return; /* a host without IPv6 */
	CU_ASSERT_FATAL(fd >= 0);
	expect_connection(&at);
	listener_close(fd);
}

void tcp_address_beyond_loopback_is_warned_of(void)
{
	struct world w;
	struct error err = ERROR_INIT;
	struct sockaddr_storage at;
	world_begin(&w);
	CU_ASSERT_TRUE(log_open(w.log, LOG_LEVEL_INFO, &err));
	int fd = open_free_port(AF_INET, "127.0.0.1", &at);
	listener_close(fd);
	CU_ASSERT_FALSE(log_has(&w, "\"listener.beyond_loopback\""));
	fd = open_free_port(AF_INET, "0.0.0.0", &at);
	CU_ASSERT_TRUE(fd >= 0);
	listener_close(fd);
	CU_ASSERT_TRUE(log_has(&w, "\"listener.beyond_loopback\""));
	CU_ASSERT_TRUE(log_open("stderr", LOG_LEVEL_ERROR, &err));
	world_end(&w);
}

void given_descriptor_must_listen(void)
{
	struct error err;
	char listen_at[16];
	struct sockaddr_in any = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	snprintf(listen_at, sizeof(listen_at), "fd:%d", fd);
	CU_ASSERT_EQUAL(open_at(listen_at, "0660", "", &err), -1);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.operator, "not a listening stream socket"));
	CU_ASSERT_EQUAL(bind(fd, (const struct sockaddr *)&any, sizeof(any)), 0);
	CU_ASSERT_EQUAL(listen(fd, 1), 0);
	CU_ASSERT_EQUAL(open_at(listen_at, "0660", "", &err), fd);
	CU_ASSERT_TRUE(fcntl(fd, F_GETFL) & O_NONBLOCK);
	CU_ASSERT_TRUE(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	listener_close(fd);
}

void given_descriptor_leaves_standard_input(void)
{
	struct error err;
	struct sockaddr_in any = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int before = dup(STDIN_FILENO);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	CU_ASSERT_EQUAL(bind(fd, (const struct sockaddr *)&any, sizeof(any)), 0);
	CU_ASSERT_EQUAL(listen(fd, 1), 0);
	CU_ASSERT_EQUAL(dup2(fd, STDIN_FILENO), STDIN_FILENO);
	int got = open_at("fd:0", "0660", "", &err);
	CU_ASSERT_TRUE(got > STDERR_FILENO);
	char byte;
	CU_ASSERT_EQUAL(read(STDIN_FILENO, &byte, 1), 0);
	listener_close(got);
	close(fd);
	dup2(before, STDIN_FILENO);
	close(before);
}

void worker_cannot_remove_the_socket(void)
{
	struct world w;
	world_begin(&w);
	int fd = open_in(&w, "0660", "");
	fflush(NULL);
	pid_t pid = fork();
	if (pid == 0) {
		listener_leave_lock();
		listener_close(fd);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	CU_ASSERT_TRUE(can_connect(&w));
	listener_close(fd);
	CU_ASSERT_FALSE(is_there(w.socket));
	world_end(&w);
}

void lock_is_free_after_close(void)
{
	struct world w;
	char lock[128];
	world_begin(&w);
	snprintf(lock, sizeof(lock), "%s.lock", w.socket);
	for (int i = 0; i < 3; i++) {
		int fd = open_in(&w, "0600", "");
		CU_ASSERT_TRUE(fd >= 0);
		CU_ASSERT_TRUE(is_there(lock));
		listener_close(fd);
		CU_ASSERT_FALSE(is_there(lock));
	}
	world_end(&w);
}

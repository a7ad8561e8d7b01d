/*
 * The listening socket. A unix socket never has wider permissions than the configuration says, not even for a moment,
 * and is replaced only under the lock. A socket that was passed by the parent process is never removed. Nothing is
 * accepted here.
 */
#include "pool/listener.h"

#include "core/log.h"
#include "pool/privileges.h"
#include "pool/systemd.h"
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 1024, LOCK_TRIES = 10, FIRST_FREE_FD = 3 };

/* What this process made and must therefore remove. */
static struct {
	pid_t maker; /* 0: no unix socket */
	int lock_fd;
	char path[sizeof(((struct sockaddr_un *)NULL)->sun_path)];
	char lock_path[sizeof(((struct sockaddr_un *)NULL)->sun_path) + sizeof(".lock")];
} own = { .lock_fd = -1 };

static bool copy_text(char *out, size_t size, struct str s)
{
	if (str_is_empty(s) || s.len >= size || memchr(s.at, '\0', s.len))
		return false;
	memcpy(out, s.at, s.len);
	out[s.len] = '\0';
	return true;
}

static bool refuse(struct error *err, const char *what, const char *subject)
{
	return error_log(err, ERR_INTERNAL, "%s \"%s\": %s", what, subject, strerror(errno));
}

static int new_socket(int family)
{
	return socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

/* True when the locked file is still the one at the path. Its last owner may have removed it between our open and our
 * flock. */
static bool lock_is_at_path(int fd)
{
	struct stat here, there;
	return fstat(fd, &here) == 0 && lstat(own.lock_path, &there) == 0 && here.st_dev == there.st_dev &&
		here.st_ino == there.st_ino;
}

static bool take_lock(struct error *err)
{
	for (int i = 0; i < LOCK_TRIES; i++) {
		int fd = open(own.lock_path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (fd < 0)
			return refuse(err, "cannot open the lock file", own.lock_path);
		if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
			bool is_held = errno == EWOULDBLOCK;
			refuse(err, "cannot lock", own.lock_path);
			close(fd);
			return is_held ? error_log(err, ERR_INTERNAL, "another master holds \"%s\"", own.lock_path)
						   : false;
		}
		if (lock_is_at_path(fd)) {
			own.lock_fd = fd;
			return true;
		}
		close(fd);
	}
	return error_log(err, ERR_INTERNAL, "the lock file \"%s\" is removed again and again", own.lock_path);
}

/* While we hold the lock, a socket at the path belongs to no running master. Anything else at the path is not removed. */
static bool remove_stale(struct error *err)
{
	struct stat there;
	if (lstat(own.path, &there) != 0)
		return errno == ENOENT || refuse(err, "cannot look at the socket", own.path);
	if (!S_ISSOCK(there.st_mode))
		return error_log(err, ERR_INTERNAL,
			"\"%s\" exists and is not a socket: remove it or choose another path", own.path);
	return unlink(own.path) == 0 || refuse(err, "cannot remove the stale socket", own.path);
}

static bool socket_mode(mode_t *out, struct str text, struct error *err)
{
	*out = 0;
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] < '0' || text.at[i] > '7' || *out > 0777)
			*out = 01000;
		else
			*out = *out * 8 + (mode_t)(text.at[i] - '0');
	}
	if (str_is_empty(text) || *out > 0777)
		return error_log(
			err, ERR_INTERNAL, "server.socket_mode \"%.*s\" is not a file mode such as 0660", STR_ARG(text));
	return true;
}

/* The socket is first bound with access for its owner only. Then it gets its user and group, then its mode, and only
 * then does it listen. */
static bool bind_unix(int fd, const struct config *config, struct error *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct account user;
	gid_t group;
	mode_t mode;
	if (!socket_mode(&mode, config->server.socket_mode, err) ||
		!account_find(&user, config->server.user, err) ||
		!group_find(&group, config->server.socket_group, user.gid, err) || !remove_stale(err))
		return false;

	memcpy(address.sun_path, own.path, sizeof(own.path));
	mode_t before = umask(0177);
	int bound = bind(fd, (const struct sockaddr *)&address, sizeof(address));
	umask(before);
	if (bound != 0)
		return refuse(err, "cannot bind", own.path);
	if (lchown(own.path, user.uid, group) != 0 || fchown(own.lock_fd, user.uid, user.gid) != 0)
		return refuse(err, "cannot give the socket to its user and group", own.path);
	if (chmod(own.path, mode) != 0)
		return refuse(err, "cannot set the mode of the socket", own.path);
	return listen(fd, BACKLOG) == 0 || refuse(err, "cannot listen on", own.path);
}

static int open_unix(struct str path, const struct config *config, struct error *err)
{
	if (str_is_empty(path) || path.at[0] != '/' || !copy_text(own.path, sizeof(own.path), path)) {
		error_log(err, ERR_INTERNAL, "server.listen: \"%.*s\" is not an absolute path of at most %zu bytes",
			STR_ARG(path), sizeof(own.path) - 1);
		return -1;
	}
	snprintf(own.lock_path, sizeof(own.lock_path), "%s.lock", own.path);
	if (!take_lock(err))
		return -1;
	own.maker = getpid();
	int fd = new_socket(AF_UNIX);
	if (fd < 0)
		refuse(err, "cannot make a socket for", own.path);
	if (fd >= 0 && bind_unix(fd, config, err))
		return fd;
	/* The lock file is removed. A file at the path stays, since it may not be ours. */
	unlink(own.lock_path);
	listener_leave_lock();
	own.maker = 0;
	if (fd >= 0)
		close(fd);
	return -1;
}

static bool is_loopback(const struct sockaddr *address)
{
	if (address->sa_family == AF_INET) {
		const struct sockaddr_in *in = (const void *)address;
		return ntohl(in->sin_addr.s_addr) >> 24 == 127;
	}
	const struct sockaddr_in6 *in6 = (const void *)address;
	return IN6_IS_ADDR_LOOPBACK(&in6->sin6_addr) != 0;
}

/* Splits "127.0.0.1:9000" or "[::1]:9000" into two terminated strings. */
static bool split_host(struct str text, char *host, size_t host_size, char *port, size_t port_size)
{
	size_t colon = text.len;
	while (colon > 0 && text.at[colon - 1] != ':')
		colon--;
	if (colon == 0)
		return false;
	struct str left = str_of(text.at, colon - 1);
	struct str right = str_skip(text, colon);
	if (str_starts(left, STR("[")) && str_ends(left, STR("]")))
		left = str_of(left.at + 1, left.len - 2);
	else if (str_find(left, ':') != left.len)
		return false;
	int64_t number;
	return str_to_int64(right, &number) && number >= 1 && number <= 65535 &&
		copy_text(host, host_size, left) && copy_text(port, port_size, right);
}

static bool bind_tcp(int fd, const struct addrinfo *at, const char *host, struct error *err)
{
	const int on = 1;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
		(at->ai_family == AF_INET6 && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) != 0))
		return refuse(err, "cannot set up the socket for", host);
	if (bind(fd, at->ai_addr, at->ai_addrlen) != 0 || listen(fd, BACKLOG) != 0)
		return refuse(err, "cannot listen on", host);
	return true;
}

static int open_tcp(struct str text, struct error *err)
{
	char host[64], port[8];
	const struct addrinfo hints = {
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV, .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM
	};
	struct addrinfo *at = NULL;
	if (!split_host(text, host, sizeof(host), port, sizeof(port)) ||
		getaddrinfo(host, port, &hints, &at) != 0) {
		error_log(err, ERR_INTERNAL, "server.listen: \"tcp:%.*s\" is not a numeric address with a port",
			STR_ARG(text));
		return -1;
	}
	/* FastCGI has no password: whoever reaches the port can act as the web server. */
	if (!is_loopback(at->ai_addr))
		LOG(WARN, "listener.beyond_loopback", LOG_STR("listen", text),
			LOG_C("advice", "let only the web server reach this port"));
	int fd = new_socket(at->ai_family);
	if (fd < 0)
		refuse(err, "cannot make a socket for", host);
	if (fd >= 0 && !bind_tcp(fd, at, host, err)) {
		close(fd);
		fd = -1;
	}
	freeaddrinfo(at);
	return fd;
}

/* Moves the socket to a higher number and puts /dev/null in its place, so that a stray read of standard input does not
 * read from the socket. */
static int move_up(int given, struct error *err)
{
	int fd = fcntl(given, F_DUPFD_CLOEXEC, FIRST_FREE_FD);
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	bool done = fd >= 0 && null >= 0 && dup2(null, given) == given;
	if (null >= 0 && null != given)
		close(null);
	if (done)
		return fd;
	refuse(err, "cannot take over", "the listening socket");
	if (fd >= 0)
		close(fd);
	return -1;
}

static int take_over(int fd, struct error *err)
{
	int listens = 0, type = 0;
	socklen_t listens_size = sizeof(listens), type_size = sizeof(type);
	if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &listens_size) != 0 || !listens ||
		getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &type_size) != 0 || type != SOCK_STREAM) {
		error_log(err, ERR_INTERNAL,
			"server.listen: descriptor %d is not a listening stream socket; was tenantd started by a web server or "
			"spawn-fcgi?",
			fd);
		return -1;
	}
	if (fd < FIRST_FREE_FD && (fd = move_up(fd, err)) < 0)
		return -1;
	int flags = fcntl(fd, F_GETFL);
	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) {
		refuse(err, "cannot set up", "the listening socket");
		return -1;
	}
	return fd;
}

static int open_given(struct str number, struct error *err)
{
	int64_t given;
	if (str_to_int64(number, &given) && given <= 255)
		return take_over((int)given, err);
	error_log(
		err, ERR_INTERNAL, "server.listen: \"fd:%.*s\" is not the number of a descriptor", STR_ARG(number));
	return -1;
}

/* A socket that the service manager opened must be the one that the configuration names, or web servers would be told of
 * another. */
static bool is_at(int fd, struct str listen_at, struct error *err)
{
	struct sockaddr_un address = { 0 };
	socklen_t size = sizeof(address);
	struct str path = str_skip(listen_at, 5);
	if (!str_starts(listen_at, STR("unix:")))
		return true;
	if (getsockname(fd, (struct sockaddr *)&address, &size) == 0 && address.sun_family == AF_UNIX &&
		str_eq(path, str_c(address.sun_path)))
		return true;
	return error_log(err, ERR_INTERNAL,
		"server.listen names %.*s, and the service manager opened another socket", STR_ARG(path));
}

/* -1 when there is none, or with err. */
static int open_passed(struct str listen_at, struct error *err)
{
	int fd;
	if (!systemd_socket(&fd, err) || fd < 0 || !is_at(fd, listen_at, err))
		return -1;
	return take_over(fd, err);
}

int listener_open(const struct config *config, struct error *err)
{
	struct str listen_at = config->server.listen;
	int passed = open_passed(listen_at, err);
	if (passed >= 0 || err->code != ERR_NONE)
		return passed;
	if (str_starts(listen_at, STR("unix:")))
		return open_unix(str_skip(listen_at, 5), config, err);
	if (str_starts(listen_at, STR("tcp:")))
		return open_tcp(str_skip(listen_at, 4), err);
	if (str_starts(listen_at, STR("fd:")))
		return open_given(str_skip(listen_at, 3), err);
	error_log(err, ERR_INTERNAL,
		"server.listen: \"%.*s\" begins with none of unix:, tcp:, fd:", STR_ARG(listen_at));
	return -1;
}

void listener_leave_lock(void)
{
	if (own.lock_fd >= 0)
		close(own.lock_fd);
	own.lock_fd = -1;
}

void listener_close(int fd)
{
	close(fd);
	if (own.maker != getpid())
		return;
	/* The lock is released last, so the socket at the path cannot be that of another master. */
	if (unlink(own.path) != 0 && errno != ENOENT)
		LOG(WARN, "listener.socket_stays", LOG_C("path", own.path), LOG_C("reason", strerror(errno)));
	(void)unlink(own.lock_path);
	listener_leave_lock();
	own.maker = 0;
}

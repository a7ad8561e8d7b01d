/* The protocols of the service manager. Nothing here may keep tenantd from serving: a message that cannot be sent is lost. */
#include "pool/systemd.h"

#include "core/str.h"
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { FIRST_PASSED_FD = 3, MESSAGE_MAX = 1024 };

static struct {
	struct sockaddr_un address; /* where messages go */
	socklen_t address_size; /* 0: nowhere */
	int64_t sockets; /* that were passed, from FIRST_PASSED_FD on */
	int64_t watchdog_us;
} manager;

/* The variable as a number, 0 when there is none. */
static int64_t number_of(const char *name)
{
	const char *value = getenv(name);
	int64_t number;
	return value && str_to_int64(str_c(value), &number) && number > 0 ? number : 0;
}

/* A name that begins with @ stands in the abstract namespace of Linux, where a zero takes the place of the @. */
static void read_address(const char *name)
{
	size_t length = name ? strlen(name) : 0;
	if (length < 2 || length >= sizeof(manager.address.sun_path) || (name[0] != '/' && name[0] != '@'))
		return;
	manager.address.sun_family = AF_UNIX;
	memcpy(manager.address.sun_path, name, length);
	if (name[0] == '@')
		manager.address.sun_path[0] = '\0';
	manager.address_size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
}

void systemd_begin(void)
{
	static const char *const names[] = { "NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC", "LISTEN_PID",
		"LISTEN_FDS", "LISTEN_FDNAMES" };
	read_address(getenv("NOTIFY_SOCKET"));
	if (number_of("LISTEN_PID") == getpid())
		manager.sockets = number_of("LISTEN_FDS");
	if (!getenv("WATCHDOG_PID") || number_of("WATCHDOG_PID") == getpid())
		manager.watchdog_us = number_of("WATCHDOG_USEC");
	for (size_t i = 0; i < COUNT_OF(names); i++)
		unsetenv(names[i]);
}

bool systemd_socket(int *fd, struct error *err)
{
	*fd = manager.sockets > 0 ? FIRST_PASSED_FD : -1;
	return manager.sockets <= 1 ||
		error_log(err, ERR_INTERNAL, "the service manager passed %lld sockets, and tenantd takes one",
			(long long)manager.sockets);
}

int64_t systemd_pulse_us(void)
{
	return manager.watchdog_us / 2;
}

void systemd_tell(const char *fmt, ...)
{
	char text[MESSAGE_MAX];
	va_list args;
	if (manager.address_size == 0)
		return;
	va_start(args, fmt);
	int length = vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	if (length > 0)
		(void)sendto(fd, text, (size_t)length < sizeof(text) ? (size_t)length : sizeof(text) - 1,
			MSG_NOSIGNAL | MSG_DONTWAIT, (const struct sockaddr *)&manager.address, manager.address_size);
	close(fd);
}

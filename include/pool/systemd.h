/*
 * The service manager that started tenantd, if one did: the socket that it opened (sd_listen_fds(3)), what it is told
 * (sd_notify(3)), and how often it wants a sign of life (sd_watchdog_enabled(3)). These are a few variables of the
 * environment and datagrams, so no library is needed for them; libsystemd would bring several into the process.
 */
#ifndef TENANTD_POOL_SYSTEMD_H
#define TENANTD_POOL_SYSTEMD_H

#include "core/error.h"

/* Reads what the manager says in the environment, and removes it there, so that no child takes it as meant for itself.
 * Call once, before the functions below; without it there is no manager. */
void systemd_begin(void);
/* Sets *fd to the listening socket that the manager passed, or to -1 when it passed none. ERR_INTERNAL when it passed more
 * than one. */
MUST_CHECK bool systemd_socket(int *fd, struct error *err);
/* The microseconds between two signs of life (WATCHDOG=1), half of what the manager allows; 0: it wants none. */
int64_t systemd_pulse_us(void);
/* Sends lines of the form NAME=value. Does nothing when there is no manager, and nothing when it does not listen. */
PRINTF(1, 2) void systemd_tell(const char *fmt, ...);

#endif

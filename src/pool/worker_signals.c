/* A worker's signals: one flag, set by a handler that runs only while the worker waits. Nothing else may
 * happen in a handler. */
#include "pool/worker_signals.h"

static volatile sig_atomic_t stop;
static sigset_t wait_mask;

static void note_stop(int signal_number)
{
	(void)signal_number;
	stop = 1;
}

static void handle(int signal_number, void (*handler)(int))
{
	/* No SA_RESTART: the wait must end. libfcgi leaves handlers alone that are not the default. */
	struct sigaction action = { .sa_handler = handler };
	sigemptyset(&action.sa_mask);
	if (sigaction(signal_number, &action, NULL) != 0)
		BUG("sigaction refused signal %d", signal_number);
}

void worker_signals_init(void)
{
	stop = 0;
	handle(SIGTERM, note_stop);
	handle(SIGUSR1, note_stop);
	/* A terminal sends these to the whole group; they are the master's to judge. */
	handle(SIGHUP, SIG_IGN);
	handle(SIGINT, SIG_IGN);
	handle(SIGPIPE, SIG_IGN);
	handle(SIGCHLD, SIG_DFL);

	sigset_t blocked;
	sigemptyset(&blocked);
	sigemptyset(&wait_mask);
	sigaddset(&blocked, SIGTERM);
	sigaddset(&blocked, SIGUSR1);
	sigaddset(&blocked, SIGHUP);
	if (sigprocmask(SIG_SETMASK, &blocked, NULL) != 0)
		BUG("sigprocmask refused");
}

bool worker_should_stop(void)
{
	sigset_t pending;
	/* epoll_pwait that finds an event at once lets no signal through: under load none would ever be heard. */
	if (!stop && sigpending(&pending) == 0 &&
		(sigismember(&pending, SIGTERM) == 1 || sigismember(&pending, SIGUSR1) == 1))
		stop = 1;
	return stop != 0;
}

const sigset_t *worker_wait_mask(void)
{
	return &wait_mask;
}

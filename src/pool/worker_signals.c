/* A worker's signals: a handler, which runs only while the worker waits, sets one flag. A handler must do nothing else. */
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
	/* SA_RESTART is not set, because the wait must end. libfcgi replaces only default handlers. */
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
	/* A terminal sends these to all processes of the group; only the master acts on them. */
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
	/* When epoll_pwait finds an event at once it delivers no signal. Under load none would ever be noticed, so pending
	 * signals are checked here. */
	if (!stop && sigpending(&pending) == 0 &&
		(sigismember(&pending, SIGTERM) == 1 || sigismember(&pending, SIGUSR1) == 1))
		stop = 1;
	return stop != 0;
}

const sigset_t *worker_wait_mask(void)
{
	return &wait_mask;
}

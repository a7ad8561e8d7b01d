/* Workers that die, hang or cannot be started; and masters that start or refuse to. */
#include "test_pool.h"

#include "core/clock.h"
#include <pwd.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sysexits.h>
#include <unistd.h>

/* Makes the world accessible to a user without rights and returns that user. NULL when we are not root. */
static const struct passwd *some_user(struct world *w)
{
	char key[96];
	const struct passwd *nobody = geteuid() == 0 ? getpwnam("nobody") : NULL;
	snprintf(key, sizeof(key), "%s/key", w->dir);
	if (!nobody || chown(w->dir, nobody->pw_uid, nobody->pw_gid) != 0 ||
		chown(key, nobody->pw_uid, nobody->pw_gid) != 0)
		return NULL;
	w->user = "nobody";
	return nobody;
}

void as_many_workers_answer_as_configured(void)
{
	struct world w;
	world_begin(&w);
	w.workers = 3;
	world_config(&w, NULL);
	world_start(&w, NULL);
	pid_t first = next_birth(&w).pid, second = next_birth(&w).pid, third = next_birth(&w).pid;
	CU_ASSERT_TRUE(first != second && second != third && first != third);
	EVENTUALLY(ask_number(&w, "board", 2) == 3);
	CU_ASSERT_EQUAL(ask_number(&w, "board", 5), 3);
	CU_ASSERT_TRUE(log_has(&w, "\"master.started\""));
	CU_ASSERT_TRUE(is_there(w.pid_file));
	CU_ASSERT_EQUAL(ask_number(&w, "self", 5), 0); /* hidden, though nobody changed the user */
	world_end(&w);
	CU_ASSERT_FALSE(process_is_there(first));
}

void killed_worker_is_replaced(void)
{
	struct world w;
	pid_t old = world_of_one(&w);
	CU_ASSERT_EQUAL(kill(old, SIGKILL), 0);
	pid_t new = next_birth(&w).pid;
	CU_ASSERT_NOT_EQUAL(new, old);
	CU_ASSERT_EQUAL(ask_number(&w, "self", 0), new);
	CU_ASSERT_EQUAL(ask_number(&w, "self", 7), 0); /* the same slot: its counters go on */
	CU_ASSERT_EQUAL(ask_number(&w, "board", 4), 1);
	CU_ASSERT_TRUE(log_has(&w, "\"worker.died\""));
	CU_ASSERT_TRUE(log_has(&w, "\"signal\":9"));
	world_end(&w);
}

static int notes; /* inherited by the workers */

static int die_at_once(const struct worker_birth *birth)
{
	const struct birth_note note = { .pid = getpid(), .at_us = clock_mono_us() };
	(void)birth;
	return write(notes, &note, sizeof(note)) == sizeof(note) ? 1 : 2;
}

void back_off_grows_for_workers_that_die_at_once(void)
{
	struct world w;
	world_begin(&w);
	w.workers = 1;
	world_config(&w, NULL);
	notes = w.births_in;
	world_start(&w, die_at_once);
	int64_t before = next_birth(&w).at_us;
	for (int64_t least_us = 100000; least_us <= 800000; least_us *= 2) {
		int64_t at = next_birth(&w).at_us;
		/* From birth to birth, so a little less than the back-off can never be seen. */
		CU_ASSERT_TRUE(at - before >= least_us);
		before = at;
	}
	CU_ASSERT_TRUE(log_has(&w, "\"status\":1"));
	world_end(&w);
}

void worker_that_left_normally_is_replaced_at_once(void)
{
	struct world w;
	enum { TIMES = 8 };
	world_begin(&w);
	w.workers = 1;
	world_config(&w, NULL);
	world_start(&w, NULL);
	int64_t begun = next_birth(&w).at_us, at = begun;
	for (int i = 0; i < TIMES; i++) {
		CU_ASSERT_TRUE(ask_number(&w, "leave", 0) > 0);
		at = next_birth(&w).at_us;
	}
	/* With a back-off these would have taken 100 ms at first and 21 s in all. */
	CU_ASSERT_TRUE(at - begun < 5000000);
	CU_ASSERT_TRUE(log_has(&w, "\"worker.left\""));
	CU_ASSERT_FALSE(log_has(&w, "\"worker.died\""));
	world_end(&w);
}

void watchdog_ends_a_stuck_worker(void)
{
	struct world w;
	char answer[ANSWER];
	pid_t stuck = world_of_one_within(&w, 200);
	int64_t begun = now_ms();
	CU_ASSERT_FALSE(ask_end(hold(&w, "stick"), answer));
	CU_ASSERT_TRUE(now_ms() - begun >= 1200); /* the deadline and the grace */
	CU_ASSERT_NOT_EQUAL(next_birth(&w).pid, stuck);
	CU_ASSERT_EQUAL(ask_number(&w, "board", 0), 1);
	CU_ASSERT_EQUAL(ask_number(&w, "board", 3), 1); /* only the one that answers is busy */
	CU_ASSERT_TRUE(log_has(&w, "\"worker.watchdog\""));
	world_end(&w);
}

void successor_of_a_stuck_worker_does_not_inherit_its_time(void)
{
	struct world w;
	(void)world_of_one_within(&w, 200);
	int fd = hold(&w, "stick");
	(void)next_birth(&w);
	/* Not asked, for that would set its time. A signal makes the master look at the scoreboard again. */
	touch(w.refusal);
	kill(w.master, SIGHUP);
	EVENTUALLY(log_has(&w, "\"master.reload_refused\""));
	unlink(w.refusal);
	kill(w.master, SIGHUP);
	EVENTUALLY(log_has(&w, "\"master.reloaded\""));
	CU_ASSERT_EQUAL(ask_number(&w, "board", 0), 1);
	close(fd);
	world_end(&w);
}

void stopped_worker_is_ended_too(void)
{
	struct world w;
	pid_t stopped = world_of_one_within(&w, 200);
	int fd = hold(&w, "hold");
	CU_ASSERT_EQUAL(kill(stopped, SIGSTOP), 0);
	CU_ASSERT_NOT_EQUAL(next_birth(&w).pid, stopped);
	close(fd);
	world_end(&w);
}

/* Reports once that it waits, as a healthy worker does again and again, and then never again. */
static int wait_for_ever(const struct worker_birth *birth)
{
	const struct birth_note note = { .pid = getpid(), .at_us = clock_mono_us() };
	birth->board->slots[birth->slot].waiting_since_us = note.at_us;
	birth->board->slots[birth->slot].state = WORKER_IDLE;
	if (write(notes, &note, sizeof(note)) != sizeof(note))
		return 2;
	for (;;)
		pause();
}

/* For example a worker that was stopped after it accepted a connection and before it read the request: it is not busy,
 * but its peer waits. */
void worker_that_waits_and_does_not_look_around_is_ended(void)
{
	struct world w;
	world_begin(&w);
	w.workers = 1;
	w.deadline_ms = 200;
	world_config(&w, NULL);
	notes = w.births_in;
	world_start(&w, wait_for_ever);
	struct birth_note first = next_birth(&w), second = next_birth(&w);
	CU_ASSERT_NOT_EQUAL(first.pid, second.pid);
	CU_ASSERT_TRUE(second.at_us - first.at_us >= 1200000); /* the deadline and the grace */
	CU_ASSERT_TRUE(log_has(&w, "\"worker.watchdog\""));
	world_end(&w);
}

void failed_fork_is_tried_again(void)
{
	struct world w;
	world_begin(&w);
	/* The kernel bounds the processes of users without rights only. */
	const struct passwd *user = some_user(&w);
	if (!user) {
		CU_PASS("only root can become such a user");
		world_end(&w);
		return;
	}
	w.workers = 1;
	w.process_limit = 1; /* the master itself */
	world_config(&w, NULL);
	CU_ASSERT_EQUAL(chown(w.ini, user->pw_uid, user->pw_gid), 0); /* a reload reads it with his rights */
	world_start_alone(&w);
	EVENTUALLY(log_has(&w, "\"worker.fork_failed\""));
	EVENTUALLY(log_has(&w, "\"delay_ms\":400"));
	/* A reload that is refused lifts the limit and changes nothing else. */
	touch(w.refusal);
	kill(w.master, SIGHUP);
	pid_t born = next_birth(&w).pid;
	CU_ASSERT_EQUAL(ask_number(&w, "self", 0), born);
	world_end(&w);
}

void workers_are_not_root_and_hide_their_memory(void)
{
	struct world w;
	struct stat st;
	world_begin(&w);
	const struct passwd *user = some_user(&w);
	world_config(&w, NULL);
	world_start(&w, NULL);
	CU_ASSERT_EQUAL(ask_number(&w, "self", 2), user ? user->pw_uid : getuid());
	CU_ASSERT_EQUAL(ask_number(&w, "self", 3), user ? user->pw_gid : getgid());
	CU_ASSERT_EQUAL(ask_number(&w, "self", 4), 1);
	CU_ASSERT_EQUAL(ask_number(&w, "self", 5), 0);
	CU_ASSERT_EQUAL(ask_number(&w, "self", 6), 0);
	CU_ASSERT_EQUAL(stat(w.socket, &st), 0);
	CU_ASSERT_EQUAL(st.st_uid, user ? user->pw_uid : getuid());
	CU_ASSERT_EQUAL(st.st_gid, user ? user->pw_gid : getgid());
	world_end(&w);
}

static int start_and_wait(struct world *w)
{
	world_config(w, NULL);
	world_start_alone(w);
	return world_wait_master(w);
}

void unknown_user_refuses_to_start(void)
{
	struct world w;
	world_begin(&w);
	w.user = "no-such-user-here";
	CU_ASSERT_EQUAL(start_and_wait(&w), EX_CONFIG);
	CU_ASSERT_TRUE(log_has(&w, "no-such-user-here"));
	CU_ASSERT_FALSE(is_there(w.socket));
	world_end(&w);
}

void request_is_not_interrupted_by_signals(void)
{
	struct world w;
	char answer[ANSWER];
	pid_t pid = world_of_one(&w);
	int fd = hold(&w, "hold");
	for (int i = 0; i < 20; i++) {
		kill(pid, SIGTERM);
		kill(pid, SIGHUP);
		kill(pid, SIGUSR1);
		poll(NULL, 0, 5);
	}
	CU_ASSERT_TRUE(let_go(fd, answer));
	CU_ASSERT_EQUAL(strtol(answer, NULL, 10), pid);
	/* It was told to stop meanwhile, so another takes its seat, at once. */
	CU_ASSERT_NOT_EQUAL(next_birth(&w).pid, pid);
	world_end(&w);
}

void hangup_and_interrupt_are_for_the_master(void)
{
	struct world w;
	pid_t pid = world_of_one(&w);
	for (int i = 0; i < 20; i++) {
		kill(pid, i % 2 ? SIGHUP : SIGINT);
		poll(NULL, 0, 5);
		CU_ASSERT_EQUAL(ask_number(&w, "self", 0), pid);
	}
	world_end(&w);
}

void second_master_on_the_same_socket_is_refused(void)
{
	struct world w;
	world_begin(&w);
	world_config(&w, NULL);
	world_start(&w, NULL);
	pid_t first = w.master;
	CU_ASSERT_EQUAL(start_and_wait(&w), EX_UNAVAILABLE);
	CU_ASSERT_TRUE(log_has(&w, "another master holds"));
	w.master = first;
	CU_ASSERT_TRUE(ask_number(&w, "self", 0) > 0);
	CU_ASSERT_TRUE(is_there(w.pid_file));
	world_end(&w);
	CU_ASSERT_FALSE(is_there(w.socket));
}

void pool_serves_on_standard_input(void)
{
	struct world w;
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	world_begin(&w);
	memcpy(address.sun_path, w.socket, strlen(w.socket) + 1);
	w.given = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	CU_ASSERT_EQUAL(bind(w.given, (const struct sockaddr *)&address, sizeof(address)), 0);
	CU_ASSERT_EQUAL(listen(w.given, 16), 0);
	w.listen = "fd:0";
	world_config(&w, NULL);
	world_start(&w, NULL);
	CU_ASSERT_TRUE(ask_number(&w, "self", 0) > 0);
	kill(w.master, SIGUSR1); /* FastCGI's own way to end a process */
	CU_ASSERT_EQUAL(world_wait_master(&w), 0);
	CU_ASSERT_TRUE(is_there(w.socket)); /* it is the launcher's */
	world_end(&w);
}

void pool_refuses_standard_input_that_does_not_listen(void)
{
	struct world w;
	world_begin(&w);
	w.listen = "fd:0";
	w.given = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	CU_ASSERT_EQUAL(start_and_wait(&w), EX_UNAVAILABLE);
	CU_ASSERT_TRUE(log_has(&w, "not a listening stream socket"));
	world_end(&w);
}

void refused_configuration_does_not_start(void)
{
	struct world w;
	world_begin(&w);
	world_config(&w, "[nonsense]\nkey = value\n");
	world_start_alone(&w);
	CU_ASSERT_EQUAL(world_wait_master(&w), EX_CONFIG);
	CU_ASSERT_TRUE(log_has(&w, "nonsense"));
	CU_ASSERT_FALSE(is_there(w.socket));

	touch(w.refusal);
	CU_ASSERT_EQUAL(start_and_wait(&w), EX_CONFIG);
	CU_ASSERT_TRUE(log_has(&w, "the check says no"));
	CU_ASSERT_FALSE(is_there(w.socket));
	CU_ASSERT_FALSE(is_there(w.pid_file));
	world_end(&w);
}

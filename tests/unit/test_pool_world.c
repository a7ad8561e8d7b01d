/*
 * The world of test_pool.h, and its workers. These are the words that a worker obeys, and what it answers and does:
 *   self    "PID WORD UID GID NO_NEW_PRIVS DUMPABLE CORE_LIMIT SLOT"
 *   board   "WATCHDOG_KILLS RELOADS PROCESSES BUSY RESPAWNS SLOTS_USED OVERDUE"
 *   hold    "+" at once, "PID WORD" after the peer has sent one byte more; busy meanwhile
 *   stick   "+", then busy for ever
 *   leave   "PID WORD", then ends with 0, as after max_requests
 *   die     ends with 3
 */
#include "test_pool.h"

#include "core/clock.h"
#include "core/log.h"
#include "pool/worker_signals.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static int births_in = -1; /* inherited by the workers */
static const char *refusal;
static rlim_t process_limit;

int64_t now_ms(void)
{
	return clock_mono_us() / 1000;
}

/* ---- the worker ---- */

static void say(int peer, const char *fmt, ...) PRINTF(2, 3);
static void say(int peer, const char *fmt, ...)
{
	char text[ANSWER];
	va_list args;
	va_start(args, fmt);
	int length = vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (length > 0)
		(void)send(peer, text, (size_t)length, MSG_NOSIGNAL);
}

static void say_self(int peer, const struct worker_birth *birth)
{
	struct rlimit core;
	getrlimit(RLIMIT_CORE, &core);
	say(peer, "%d %ld %u %u %d %d %ld %zu\n", getpid(), (long)birth->config->limits.lock_timeout, getuid(),
		getgid(), prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), prctl(PR_GET_DUMPABLE), (long)core.rlim_max,
		birth->slot);
}

static void say_board(int peer, const struct scoreboard *board)
{
	unsigned long processes = 0, busy = 0, respawns = 0;
	for (size_t i = 0; i < board->slot_count; i++) {
		processes += board->slots[i].pid != 0;
		busy += board->slots[i].busy_since_us != 0;
		respawns += board->slots[i].respawns;
	}
	say(peer, "%lu %lu %lu %lu %lu %lu %lu\n", (unsigned long)board->watchdog_kills,
		(unsigned long)board->reloads, processes, busy, respawns, (unsigned long)board->slots_used,
		(unsigned long)board->overdue);
}

/* The exit status when the word ends the worker, else -1. */
static int obey(const struct worker_birth *birth, int peer, const char *word)
{
	char byte;
	long number = (long)birth->config->limits.lock_timeout;
	if (strcmp(word, "self\n") == 0)
		say_self(peer, birth);
	if (strcmp(word, "board\n") == 0)
		say_board(peer, birth->board);
	if (strcmp(word, "stick\n") == 0) {
		say(peer, "+");
		for (;;)
			pause();
	}
	if (strcmp(word, "hold\n") == 0) {
		say(peer, "+");
		/* Plainly once: a signal that got through would show as EINTR. */
		if (recv(peer, &byte, 1, 0) == 1)
			say(peer, "%d %ld\n", getpid(), number);
		else
			say(peer, "0 %d\n", errno);
	}
	if (strcmp(word, "leave\n") == 0) {
		say(peer, "%d %ld\n", getpid(), number);
		return 0;
	}
	return strcmp(word, "die\n") == 0 ? 3 : -1;
}

static int serve_one(const struct worker_birth *birth, struct slot *slot)
{
	char word[16] = "";
	int peer = accept4(birth->listener, NULL, NULL, SOCK_CLOEXEC);
	if (peer < 0)
		return -1;
	slot->busy_since_us = clock_mono_us();
	slot->state = WORKER_BUSY;
	int status = -1;
	ssize_t got = recv(peer, word, sizeof(word) - 1, 0);
	if (got > 0)
		status = obey(birth, peer, word);
	close(peer);
	slot->state = WORKER_IDLE;
	slot->busy_since_us = 0;
	return status;
}

static void note_birth(void)
{
	const struct birth_note note = { .pid = getpid(), .at_us = clock_mono_us() };
	if (write(births_in, &note, sizeof(note)) != sizeof(note))
		_exit(99);
}

int world_accept_loop(const struct worker_birth *birth)
{
	struct slot *slot = &birth->board->slots[birth->slot];
	struct pollfd door = { .fd = birth->listener, .events = POLLIN };
	slot->state = WORKER_IDLE;
	note_birth();
	while (!worker_should_stop()) {
		if (ppoll(&door, 1, NULL, worker_wait_mask()) <= 0)
			continue;
		int status = serve_one(birth, slot);
		if (status >= 0)
			return status;
	}
	return 0;
}

/* At the first call the number of processes is limited; later calls lift that limit. */
static void limit_processes(void)
{
	struct rlimit processes;
	if (process_limit == 0)
		return;
	getrlimit(RLIMIT_NPROC, &processes);
	processes.rlim_cur = processes.rlim_cur == process_limit ? processes.rlim_max : process_limit;
	setrlimit(RLIMIT_NPROC, &processes);
}

static bool check(const struct config *config, struct arena *a, struct error *err)
{
	(void)config;
	(void)a;
	limit_processes();
	return !is_there(refusal) || error_log(err, ERR_INTERNAL, "the check says no");
}

/* ---- the world ---- */

void world_begin(struct world *w)
{
	int ends[2];
	*w = (struct world){ .given = -1,
		.passed = -1,
		.passed_count = 1,
		.mode = "0660",
		.group = "",
		.user = "",
		.workers = 2,
		.drain_s = 20,
		.deadline_ms = 60000,
		.word = 1000 };
	files_begin(w->dir, sizeof(w->dir), "pool");
	snprintf(w->socket, sizeof(w->socket), "%s/s", w->dir);
	snprintf(w->ini, sizeof(w->ini), "%s/ini", w->dir);
	snprintf(w->log, sizeof(w->log), "%s/log", w->dir);
	snprintf(w->pid_file, sizeof(w->pid_file), "%s/pid", w->dir);
	snprintf(w->refusal, sizeof(w->refusal), "%s/refuse", w->dir);
	CU_ASSERT_FATAL(pipe2(ends, O_CLOEXEC | O_NONBLOCK) == 0);
	w->births = ends[0];
	w->births_in = ends[1];
	char key[96];
	snprintf(key, sizeof(key), "%s/key", w->dir);
	files_write(key, "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n", 0600);
}

void world_config(const struct world *w, const char *more)
{
	char text[4096];
	char listen_at[128];
	snprintf(listen_at, sizeof(listen_at), "unix:%s", w->socket);
	snprintf(text, sizeof(text),
		"[server]\nlisten = %s\nsocket_mode = %s\nsocket_group = %s\nuser = %s\nworkers = %d\n"
		"drain_timeout = %d\npid_file = %s\n"
		"[limits]\nrequest_deadline = %d\nlock_timeout = %d\n"
		"[database]\nurl = dbname=nowhere\n"
		"[tenancy]\nallowed_envs = dev\ncontext_key_file = %s/key\n"
		"[issuer.one]\nissuer = https://issuer.example\naudience = tenantd\nalgorithms = HS256\n"
		"hs256_secret_file = %s/key\n"
		"[log]\ntarget = %s\nlevel = info\n%s",
		w->listen ? w->listen : listen_at, w->mode, w->group, w->user, w->workers, w->drain_s, w->pid_file,
		w->deadline_ms, w->word, w->dir, w->dir, w->log, more ? more : "");
	files_write(w->ini, text, 0600);
}

static void be_started_by_systemd(const struct world *w)
{
	char pid[16], count[16];
	if (w->notify) {
		setenv("NOTIFY_SOCKET", w->notify, 1);
		setenv("WATCHDOG_USEC", "200000", 1);
	}
	if (w->passed < 0)
		return;
	dup2(w->passed, 3); /* without close-on-exec, as systemd leaves it */
	snprintf(pid, sizeof(pid), "%d", getpid() + (w->passed_count < 0));
	snprintf(count, sizeof(count), "%d", w->passed_count < 0 ? 1 : w->passed_count);
	setenv("LISTEN_PID", pid, 1);
	setenv("LISTEN_FDS", count, 1);
}

static NORETURN void be_master(const struct world *w, int (*work)(const struct worker_birth *))
{
	const struct pool pool = { .config_path = w->ini,
		.check = check,
		.worker = work,
		.errands = &w->errand,
		.errand_kinds = w->errand.run ? 1 : 0 };
	births_in = w->births_in;
	refusal = w->refusal;
	/* What a refused start says on stderr is expected here. */
	int quiet = open(w->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (quiet >= 0)
		dup2(quiet, STDERR_FILENO);
	if (w->given >= 0)
		dup2(w->given, STDIN_FILENO);
	be_started_by_systemd(w);
	process_limit = w->process_limit;
	_exit(master_run(&pool));
}

void world_start(struct world *w, int (*work)(const struct worker_birth *))
{
	char answer[ANSWER];
	fflush(NULL);
	w->master = fork();
	CU_ASSERT_FATAL(w->master >= 0);
	if (w->master == 0)
		be_master(w, work ? work : world_accept_loop);
	if (!work)
		EVENTUALLY(ask(w, "self", answer));
}

static pid_t start_one(struct world *w)
{
	w->workers = 1;
	world_config(w, NULL);
	world_start(w, NULL);
	return next_birth(w).pid;
}

pid_t world_of_one(struct world *w)
{
	world_begin(w);
	return start_one(w);
}

pid_t world_of_one_within(struct world *w, int deadline_ms)
{
	world_begin(w);
	w->deadline_ms = deadline_ms;
	return start_one(w);
}

void world_start_alone(struct world *w)
{
	world_start(w, world_accept_loop);
}

int world_wait_master(struct world *w)
{
	int status = 0;
	pid_t got = 0;
	EVENTUALLY((got = waitpid(w->master, &status, WNOHANG)) != 0);
	if (got != w->master)
		return -1;
	w->master = 0;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

void world_end(struct world *w)
{
	if (w->master > 0) {
		kill(w->master, SIGTERM);
		CU_ASSERT_EQUAL(world_wait_master(w), 0);
	}
	if (w->master > 0) {
		kill(w->master, SIGKILL);
		waitpid(w->master, NULL, 0);
	}
	close(w->births);
	close(w->births_in);
	if (w->given >= 0)
		close(w->given);
	if (w->passed >= 0)
		close(w->passed);
	files_end(w->dir);
}

/* ---- asking ---- */

int ask_begin(const struct world *w, const char *word)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const struct timeval patience = { .tv_sec = PATIENCE_MS / 1000 };
	char line[32];
	memcpy(address.sun_path, w->socket, strlen(w->socket) + 1);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int length = snprintf(line, sizeof(line), "%s\n", word);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0 &&
		send(fd, line, (size_t)length, MSG_NOSIGNAL) == length)
		return fd;
	close(fd);
	return -1;
}

bool ask_end(int fd, char answer[ANSWER])
{
	size_t length = 0;
	ssize_t got = 0;
	while (fd >= 0 && length + 1 < ANSWER && (got = recv(fd, answer + length, ANSWER - 1 - length, 0)) > 0)
		length += (size_t)got;
	answer[length] = '\0';
	if (fd >= 0)
		close(fd);
	return length > 0 && answer[length - 1] == '\n';
}

int hold(const struct world *w, const char *word)
{
	char byte = 0;
	int fd = ask_begin(w, word);
	CU_ASSERT_TRUE(fd >= 0 && recv(fd, &byte, 1, 0) == 1 && byte == '+');
	return fd;
}

bool let_go(int fd, char answer[ANSWER])
{
	CU_ASSERT_EQUAL(send(fd, "x", 1, MSG_NOSIGNAL), 1);
	return ask_end(fd, answer);
}

bool ask(const struct world *w, const char *word, char answer[ANSWER])
{
	return ask_end(ask_begin(w, word), answer);
}

long ask_number(const struct world *w, const char *word, int index)
{
	char answer[ANSWER];
	if (!ask(w, word, answer))
		return -1;
	char *at = answer;
	while (index-- > 0)
		(void)strtol(at, &at, 10);
	return strtol(at, NULL, 10);
}

struct birth_note next_birth(const struct world *w)
{
	struct birth_note note = { 0 };
	EVENTUALLY(read(w->births, &note, sizeof(note)) == sizeof(note));
	return note;
}

/* Collects the process when it has become ours and has ended. */
bool process_is_there(pid_t pid)
{
	(void)waitpid(pid, NULL, WNOHANG);
	return kill(pid, 0) == 0 || errno != ESRCH;
}

bool is_there(const char *path)
{
	struct stat st;
	return lstat(path, &st) == 0;
}

void touch(const char *path)
{
	files_write(path, "", 0600);
}

int log_count(const struct world *w, const char *text)
{
	static char content[256 * 1024];
	int fd = open(w->log, O_RDONLY | O_CLOEXEC);
	ssize_t got = fd >= 0 ? read(fd, content, sizeof(content) - 1) : 0;
	if (fd >= 0)
		close(fd);
	content[got > 0 ? got : 0] = '\0';
	int count = 0;
	for (const char *at = content; (at = strstr(at, text)) != NULL; at++)
		count++;
	return count;
}

bool log_has(const struct world *w, const char *text)
{
	return log_count(w, text) > 0;
}

/*
 * The throw-away cluster. It must never use a server that it did not start, nor listen on a network.
 */
#include "support/cluster.h"

#include "core/clock.h"
#include "db/migrate.h"
#include "support/files.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { START_S = 60, SKIPPED = 77, ARGS = 48 };
#define SHARED "TENANTD_TEST_CLUSTER"
#define MODEL "model" /* the migrated database in it */

NORETURN PRINTF(2, 3) static void die(int status, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	fputs("cluster: ", stderr);
	vfprintf(stderr, fmt, args);
	fputc('\n', stderr);
	va_end(args);
	exit(status);
}

const char *cluster_sources(void)
{
	return TEST_DATABASE_DIR;
}

static void find_programs(struct cluster *c)
{
	const char *given = getenv("PG_BINDIR");
	if (given) {
		snprintf(c->bin, sizeof(c->bin), "%s", given);
		return;
	}
	for (int version = 30; version >= 14; version--) {
		char initdb[96];
		snprintf(c->bin, sizeof(c->bin), "/usr/lib/postgresql/%d/bin", version);
		snprintf(initdb, sizeof(initdb), "%s/initdb", c->bin);
		if (access(initdb, X_OK) == 0)
			return;
	}
	c->bin[0] = '\0';
}

/* ---- processes ---- */

/* The user of the server when we are root, since the server refuses to run as root. */
static const struct passwd *server_user(void)
{
	if (geteuid() != 0)
		return NULL;
	const struct passwd *p = getpwnam("postgres");
	if (!p)
		die(SKIPPED, "started by root, and there is no user postgres");
	return p;
}

static void become(const struct passwd *p)
{
	if (p && (setgroups(0, NULL) != 0 || setgid(p->pw_gid) != 0 || setuid(p->pw_uid) != 0))
		_exit(126);
}

/* Runs in the child: sends output to the log, removes variables that would lead to another server, and calls exec. When
 * a parent is given the child dies with it. That must be set after the user is changed, because changing the user clears
 * it. */
NORETURN static void exec_child(
	const struct cluster *c, char *const argv[], const struct passwd *p, pid_t parent)
{
	static const char *const unwanted[] = { "PGHOST", "PGHOSTADDR", "PGPORT", "PGUSER", "PGDATABASE",
		"PGPASSWORD", "PGSERVICE", "PGOPTIONS", "PGDATA", "PGSSLMODE" };
	char log[96];
	snprintf(log, sizeof(log), "%s/log", c->dir);
	int in = open("/dev/null", O_RDONLY), out = open(log, O_WRONLY | O_APPEND | O_CREAT, 0666);
	if (in < 0 || out < 0 || dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0)
		_exit(126);
	become(p);
	if (parent > 0 && (prctl(PR_SET_PDEATHSIG, SIGQUIT) != 0 || getppid() != parent))
		_exit(126);
	for (size_t i = 0; i < COUNT_OF(unwanted); i++)
		unsetenv(unwanted[i]);
	if (chdir(c->dir) != 0)
		_exit(126);
	execvp(argv[0], argv);
	_exit(127);
}

static int wait_for(pid_t pid)
{
	int status;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int run_as(struct cluster *c, char *const argv[], const struct passwd *p)
{
	pid_t pid = fork();
	if (pid < 0)
		die(EXIT_FAILURE, "fork: %s", strerror(errno));
	if (pid == 0)
		exec_child(c, argv, p, 0);
	return wait_for(pid);
}

int cluster_run(struct cluster *c, char *const argv[])
{
	return run_as(c, argv, NULL);
}

static char *program(struct cluster *c, char *room, size_t size, const char *name)
{
	snprintf(room, size, "%s%s%s", c->bin, c->bin[0] ? "/" : "", name);
	return room;
}

static void show_log(const struct cluster *c)
{
	char path[96], line[512];
	snprintf(path, sizeof(path), "%s/log", c->dir);
	FILE *log = fopen(path, "re");
	while (log && fgets(line, sizeof(line), log))
		fputs(line, stderr);
	if (log)
		fclose(log);
}

/* ---- the server ---- */

static bool answers(struct cluster *c)
{
	struct arena *a = arena_new(1024);
	struct db_options options = {
		.url = cluster_url(c, a, "postgres", "postgres"), .application_name = "test", .connect_ms = 5000
	};
	struct db *db = db_new(&options);
	struct error err = ERROR_INIT;
	bool ok = db_connect(db, &err);
	db_free(db);
	arena_free(a);
	return ok;
}

static void launch(struct cluster *c, const char *const *settings)
{
	char postgres[96], data[96], sockets[96];
	snprintf(data, sizeof(data), "%s/data", c->dir);
	snprintf(sockets, sizeof(sockets), "unix_socket_directories=%s", c->dir);
	char *argv[ARGS] = { program(c, postgres, sizeof(postgres), "postgres"), (char *)"-D", data, (char *)"-c",
		sockets, (char *)"-c", (char *)"listen_addresses=", (char *)"-c", (char *)"fsync=off", (char *)"-c",
		(char *)"full_page_writes=off", (char *)"-c", (char *)"max_connections=60", (char *)"-c",
		(char *)"shared_buffers=32MB" };
	size_t n = 15;
	for (; settings && *settings && n < ARGS - 3; settings++) {
		argv[n++] = (char *)"-c";
		argv[n++] = (char *)*settings;
	}
	const struct passwd *p = server_user();
	pid_t test = getpid();
	c->pid = fork();
	if (c->pid < 0)
		die(EXIT_FAILURE, "fork: %s", strerror(errno));
	if (c->pid > 0)
		return;
	setpgid(0,
		0); /* so that an interrupt at the terminal ends the test first, and the test then ends the server */
	exec_child(c, argv, p, test);
}

void cluster_start(struct cluster *c, const char *const *settings)
{
	int64_t deadline = clock_mono_us() + START_S * 1000000LL;
	while (clock_mono_us() < deadline) {
		if (c->pid == 0)
			launch(c, settings);
		if (answers(c))
			return;
		/* after kill -9 the old backends may hold the memory for a moment: then it ends, and is tried again */
		if (waitpid(c->pid, NULL, WNOHANG) == c->pid)
			c->pid = 0;
		poll(NULL, 0, 10);
	}
	show_log(c);
	cluster_close(c);
	die(EXIT_FAILURE, "the server does not answer");
}

void cluster_stop(struct cluster *c, enum cluster_stop how)
{
	static const int signals[] = {
		[CLUSTER_FAST] = SIGINT, [CLUSTER_IMMEDIATE] = SIGQUIT, [CLUSTER_KILL] = SIGKILL
	};
	if (c->pid == 0)
		return;
	kill(c->pid, signals[how]);
	wait_for(c->pid);
	c->pid = 0;
}

static void make_data(struct cluster *c)
{
	char initdb[96], data[96];
	snprintf(data, sizeof(data), "%s/data", c->dir);
	char *argv[] = { program(c, initdb, sizeof(initdb), "initdb"), (char *)"-D", data, (char *)"-U",
		(char *)"postgres", (char *)"--auth=trust", (char *)"--no-sync", (char *)"--encoding=UTF8",
		(char *)"--locale=C", NULL };
	int status = run_as(c, argv, server_user());
	if (status != 0) {
		show_log(c);
		cluster_close(c);
		die(status == 127 ? SKIPPED : EXIT_FAILURE, "initdb failed or is not installed, see PG_BINDIR");
	}
	cluster_start(c, NULL);
}

static void copy(struct cluster *c, const char *from, const char *to)
{
	char *argv[] = { (char *)"cp", (char *)"-a", (char *)from, (char *)to, NULL };
	if (cluster_run(c, argv) == 0)
		return;
	show_log(c);
	die(EXIT_FAILURE, "cannot copy '%s' to '%s'", from, to);
}

/* The first program makes what the later ones copy; the others wait for it. */
static void copy_data(struct cluster *c, const char *folder)
{
	struct arena *a = arena_new(4096);
	const char *model = arena_printf(a, "%s/data", folder).at, *half = arena_printf(a, "%s/half", folder).at;
	const char *data = arena_printf(a, "%s/data", c->dir).at;
	int lock = open(arena_printf(a, "%s/lock", folder).at, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (lock < 0 || flock(lock, LOCK_EX) != 0)
		die(EXIT_FAILURE, "cannot lock '%s': %s", folder, strerror(errno));
	if (access(model, F_OK) != 0) {
		make_data(c);
		cluster_database(c, MODEL);
		cluster_migrate(c, MODEL, MIGRATIONS_SCHEMA, TEST_DATABASE_DIR "/migrations");
		cluster_stop(c, CLUSTER_FAST);
		copy(c, data, half);
		if (rename(half, model) != 0)
			die(EXIT_FAILURE, "cannot make '%s': %s", model, strerror(errno));
	} else {
		copy(c, model, data);
	}
	close(lock);
	arena_free(a);
	cluster_start(c, NULL);
}

void cluster_open(struct cluster *c)
{
	memset(c, 0, sizeof(*c));
	const struct passwd *p = server_user();
	files_begin(c->dir, sizeof(c->dir), "pg");
	if (p && chown(c->dir, p->pw_uid, p->pw_gid) != 0)
		die(EXIT_FAILURE, "cannot give away '%s': %s", c->dir, strerror(errno));
	find_programs(c);
	const char *shared = getenv(SHARED);
	if (shared)
		copy_data(c, shared);
	else
		make_data(c);
}

void cluster_close(struct cluster *c)
{
	cluster_stop(c, CLUSTER_IMMEDIATE);
	files_end(c->dir);
}

/* ---- databases ---- */

struct str cluster_url(const struct cluster *c, struct arena *a, const char *database, const char *user)
{
	return arena_printf(a, "host=%s dbname=%s user=%s", c->dir, database, user);
}

static bool psql(struct cluster *c, const char *database, const char *user, const char *how, const char *what)
{
	char path[96];
	char *argv[] = { program(c, path, sizeof(path), "psql"), (char *)"-X", (char *)"-q", (char *)"-v",
		(char *)"ON_ERROR_STOP=1", (char *)"-h", c->dir, (char *)"-U", (char *)user, (char *)"-d",
		(char *)database, (char *)how, (char *)what, NULL };
	return cluster_run(c, argv) == 0;
}

void cluster_sql(struct cluster *c, const char *database, const char *sql)
{
	if (psql(c, database, "postgres", "-c", sql))
		return;
	show_log(c);
	die(EXIT_FAILURE, "psql failed: %s", sql);
}

bool cluster_try_file(struct cluster *c, const char *database, const char *user, const char *path)
{
	return psql(c, database, user, "-f", path);
}

static void make_database(struct cluster *c, const char *name, const char *from)
{
	char sql[128];
	snprintf(sql, sizeof(sql), "CREATE DATABASE \"%s\" TEMPLATE \"%s\"", name, from);
	cluster_sql(c, "postgres", sql);
	if (!cluster_try_file(c, name, "postgres", TEST_DATABASE_DIR "/roles.sql")) {
		show_log(c);
		die(EXIT_FAILURE, "roles.sql failed");
	}
}

void cluster_database(struct cluster *c, const char *name)
{
	make_database(c, name, "template1");
}

void cluster_migrate(struct cluster *c, const char *name, const char *set, const char *folder)
{
	struct arena *a = arena_new(64 * 1024);
	struct db_options options = { .url = cluster_url(c, a, name, "tenantd_migrator"),
		.application_name = "test",
		.connect_ms = 5000,
		.lock_ms = 5000 };
	struct db *db = db_new(&options);
	struct error err = ERROR_INIT;
	struct migrations m;
	size_t applied;
	if (!db_connect(db, &err) || !migrations_read(&m, db, a, set, folder, &err) ||
		!migrations_apply(&m, db, a, false, &applied, &err))
		die(EXIT_FAILURE, "migrations: %s", err.operator);
	db_free(db);
	arena_free(a);
}

void cluster_migrated(struct cluster *c, const char *name)
{
	if (getenv(SHARED)) {
		make_database(c, name, MODEL);
		return;
	}
	cluster_database(c, name);
	cluster_migrate(c, name, MIGRATIONS_SCHEMA, TEST_DATABASE_DIR "/migrations");
}

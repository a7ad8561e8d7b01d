/*
 * Starts and ends the servers of a test program. It must never signal a process that it did not start. Every server is a
 * child of the test, is known by its process id, and ends with the test.
 */
#include "support/stack.h"

#include "core/buf.h"
#include "crypto/token.h"
#include "support/http.h"
#include "support/unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SETTINGS = 48, SKIPPED = 77, PORTS_TRIED = 20, ASKED_IN_A_ROW = 8, WORKERS_MOST = 64 };

#define DATABASE "stack"

extern char **environ;

struct setting {
	const char *section, *key, *value;
};

static struct {
	char dir[64];
	char socket[96];
	char log[96];
	enum stack_server server; /* the one that is asked now */
	struct arena *arena;
	struct cluster pg;
	struct provider *provider;
	pid_t owner; /* the process that called stack_up; the atexit handler does nothing in others */
	pid_t master;
	struct web {
		pid_t pid;
		int port;
		const char *lines; /* NULL: none of a test's own */
	} webs[SERVER_COUNT];
	long log_from;
	char key[65];
	const char *lent; /* NULL: none */
	struct setting settings[SETTINGS];
	size_t setting_count;
} stack;

PRINTF(1, 2) NORETURN static void die(const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	fputs("stack: ", stderr);
	vfprintf(stderr, fmt, args);
	fputc('\n', stderr);
	va_end(args);
	exit(EXIT_FAILURE);
}

/* ---- files ---- */

static const char *path_of(const char *name)
{
	return arena_printf(stack.arena, "%s/%s", stack.dir, name).at;
}

static void show_file(const char *path)
{
	char line[1024];
	FILE *f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		fprintf(stderr, "  %s", line);
	if (f)
		fclose(f);
}

/* ---- configuration ---- */

void stack_set(const char *section, const char *key, const char *value)
{
	size_t i = 0;
	while (i < stack.setting_count &&
		(strcmp(stack.settings[i].section, section) != 0 || strcmp(stack.settings[i].key, key) != 0))
		i++;
	if (i == SETTINGS)
		die("no room for a setting");
	stack.settings[i] = (struct setting){ section, key, value };
	if (i == stack.setting_count)
		stack.setting_count++;
}

/* Sets a key unless a test has set it already. */
static void set_standard(const char *section, const char *key, const char *value)
{
	for (size_t i = 0; i < stack.setting_count; i++)
		if (strcmp(stack.settings[i].section, section) == 0 && strcmp(stack.settings[i].key, key) == 0)
			return;
	stack_set(section, key, value);
}

/* What is different where mod_fcgid starts the pool. */
static const char *value_of(const struct setting *s, bool is_fcgid)
{
	static const struct setting differ[] = { { "server", "listen", "fd:0" }, { "server", "workers", "1" } };
	for (size_t i = 0; is_fcgid && i < COUNT_OF(differ); i++)
		if (strcmp(s->section, differ[i].section) == 0 && strcmp(s->key, differ[i].key) == 0)
			return differ[i].value;
	return s->value;
}

static void write_config(const char *name, bool is_fcgid)
{
	struct buf b;
	buf_init(&b, stack.arena, 16384);
	for (size_t i = 0; i < stack.setting_count; i++) {
		const char *section = stack.settings[i].section;
		bool is_first = true;
		for (size_t j = 0; j < i; j++)
			is_first = is_first && strcmp(stack.settings[j].section, section) != 0;
		if (!is_first)
			continue;
		buf_printf(&b, "[%s]\n", section);
		if (is_fcgid && strcmp(section, "server") == 0)
			buf_printf(&b, "pid_file = %s\n", path_of("fcgid.pid"));
		for (size_t j = i; j < stack.setting_count; j++) {
			const char *value = value_of(&stack.settings[j], is_fcgid);
			if (strcmp(stack.settings[j].section, section) == 0 && value)
				buf_printf(&b, "%s = %s\n", stack.settings[j].key, value);
		}
	}
	files_write(path_of(name), arena_cstr(stack.arena, buf_str(&b)), 0600);
}

/* ---- the user of the web server ---- */

/* Apache does not serve as root: a test that root starts has it serve as the user of its package. NULL: as whoever
 * started the test. */
static const struct passwd *web_user(void)
{
	static struct passwd user;
	if (user.pw_name)
		return &user;
	const struct passwd *found = geteuid() == 0 ? getpwnam("www-data") : NULL;
	if (geteuid() == 0 && !found)
		die("started by root, and there is no user www-data");
	if (!found)
		return NULL;
	user = (struct passwd){
		.pw_name = strdup(found->pw_name), .pw_uid = found->pw_uid, .pw_gid = found->pw_gid
	};
	return &user;
}

static int give_entry(const char *path, const struct stat *s, int type, struct FTW *f)
{
	(void)s, (void)type, (void)f;
	return lchown(path, web_user()->pw_uid, web_user()->pw_gid) == 0 || errno == ENOENT ? 0 : -1;
}

/* mod_proxy_fcgi's user needs a way to the socket. mod_fcgid's user starts tenantd, so that what tenantd reads and writes
 * is given to that user; root reads it still. */
static void let_web_user_in(void)
{
	const struct passwd *user = stack.server == SERVER_LIGHTTPD ? NULL : web_user();
	if (!user)
		return;
	bool is_done = chmod(stack.dir, 0711) == 0;
	if (stack.server == SERVER_FCGID)
		is_done = is_done && nftw(stack.dir, give_entry, 16, FTW_PHYS) == 0 &&
			nftw(stack.provider->directory, give_entry, 16, FTW_PHYS) == 0 &&
			(!stack.lent || nftw(stack.lent, give_entry, 16, FTW_PHYS) == 0) &&
			chown(stack.pg.dir, (uid_t)-1, user->pw_gid) == 0 && chmod(stack.pg.dir, 0710) == 0;
	if (!is_done)
		die("%s cannot be let in: %s", user->pw_name, strerror(errno));
}

/* A copy in the stack's folder of what this user may not be able to reach. */
static const char *bring(const char *from, const char *name)
{
	const char *to = path_of(name);
	char *argv[] = { (char *)"cp", (char *)"-rL", (char *)from, (char *)to, NULL };
	if (!web_user())
		return from;
	mode_t before = umask(022);
	if (access(to, F_OK) != 0 && cluster_run(&stack.pg, argv) != 0)
		die("cannot copy '%s'", from);
	umask(before);
	return to;
}

void stack_lend(const char *dir)
{
	stack.lent = dir;
}

void stack_write_config(void)
{
	write_config("tenantd.ini", false);
	write_config("fcgid.ini", true);
	let_web_user_in();
}

static void set_issuer(
	const char *section, const char *iss, const char *algorithms, const char *key, struct str path)
{
	set_standard(section, "issuer", iss);
	set_standard(section, "audience", "tenantd");
	set_standard(section, "algorithms", algorithms);
	set_standard(section, key, arena_cstr(stack.arena, path));
}

/* Makes the directory of the own issuer's keys, with one key. */
static const char *account_keys(void)
{
	struct str pem, jwk;
	struct error err = ERROR_INIT;
	if (mkdir(path_of("accounts"), 0700) != 0 ||
		!token_key_new(stack.arena, STR("ES256"), STR("first"), &pem, &jwk, &err))
		die("no key for the own issuer");
	files_write(path_of("accounts/first.pem"), arena_cstr(stack.arena, pem), 0600);
	files_write(path_of("accounts/active"), "first\n", 0600);
	return path_of("accounts");
}

static void configure(void)
{
	const struct issuer_config *issuers;
	static const char digits[] = "0123456789abcdef";
	unsigned char random[32];
	int fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read(fd, random, sizeof(random)) != (ssize_t)sizeof(random))
		die("no random bytes");
	close(fd);
	for (size_t i = 0; i < sizeof(random); i++) {
		stack.key[2 * i] = digits[random[i] >> 4];
		stack.key[2 * i + 1] = digits[random[i] & 15];
	}
	files_write(path_of("context.key"), stack.key, 0600);

	stack.provider = provider_new();
	clock_pretend_unix_s(-1); /* the identity provider stops the clock, but tenantd uses the real one */
	issuers = stack.provider->config.issuers;
	set_issuer("issuer.main", ISS_MAIN, "ES256, RS256, EdDSA", "jwks_file", issuers[0].jwks_file);
	set_issuer("issuer.shared", ISS_SHARED, "HS256", "hs256_secret_file", issuers[1].hs256_secret_file);
	set_issuer("issuer.pem", ISS_PEM, "RS256", "pem_file", issuers[2].pem_file);
	set_standard("server", "listen", arena_printf(stack.arena, "unix:%s", stack.socket).at);
	if (web_user())
		set_standard("server", "socket_group", web_user()->pw_name);
	set_standard("server", "workers", arena_printf(stack.arena, "%d", STACK_WORKERS).at);
	set_standard("database", "url", stack_url(stack.arena, "tenantd_app").at);
	set_standard("tenancy", "allowed_envs", "dev, staging, prod");
	set_standard("tenancy", "context_key_file", path_of("context.key"));
	set_standard("accounts", "issuer", "http://accounts.tenantd.test");
	set_standard("accounts", "keys_dir", account_keys());
	/* Every test is a new user at one address. */
	set_standard("limits", "bootstrap_per_address", "off");
	static const char *const limits[] = { "bootstrap_per_issuer", "signup_per_address", "login_per_address",
		"login_per_account", "refresh_per_address", "secret_per_address", "mail_per_address",
		"mail_per_account" };
	for (size_t i = 0; i < COUNT_OF(limits); i++)
		set_standard("limits", limits[i], "off");
	set_standard("log", "target", stack.log);
	set_standard("log", "level", "debug");
	stack_write_config();
}

/* ---- processes ---- */

/* Starts a child that dies with the test and writes its output to a file. Variables that would change what is tested are
 * removed. */
static pid_t launch(const char *output, char *const argv[])
{
	pid_t test = getpid(), pid = fork();
	if (pid < 0)
		die("fork: %s", strerror(errno));
	if (pid > 0)
		return pid;
	int in = open("/dev/null", O_RDONLY), out = open(output, O_WRONLY | O_CREAT | O_APPEND, 0600);
	if (in < 0 || out < 0 || dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0)
		_exit(126);
	if (prctl(PR_SET_PDEATHSIG, SIGTERM) != 0 || getppid() != test)
		_exit(126);
	for (char **v = environ; *v;) {
		struct str name;
		str_split(str_c(*v), '=', &name);
		if (str_starts(name, STR("TENANTD_")) || str_starts(name, STR("PG")))
			unsetenv(strndup(name.at, name.len));
		else
			v++;
	}
	execvp(argv[0], argv);
	_exit(127);
}

static int wait_for(pid_t pid, int seconds)
{
	int status = 0;
	pid_t ended = 0;
	UNTIL(seconds, (ended = waitpid(pid, &status, WNOHANG)) != 0);
	if (ended == 0) {
		kill(pid, SIGKILL);
		(void)waitpid(pid, &status, 0);
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

const char *stack_program(void)
{
	const char *program = getenv("TENANTD_PROGRAM");
	return program ? program : TEST_BUILD_DIR "/tenantd";
}

/* mod_fcgid starts the pool at the first request. The pool says in its file which process it is. */
static pid_t master_of_web(void)
{
	char text[32] = "";
	FILE *f = fopen(path_of("fcgid.pid"), "re");
	if (f) {
		if (!fgets(text, sizeof(text), f))
			text[0] = '\0';
		fclose(f);
	}
	pid_t pid = (pid_t)strtol(text, NULL, 10);
	return pid > 1 && kill(pid, 0) == 0 ? pid : 0;
}

void stack_pool_launch(void)
{
	char *argv[] = { (char *)stack_program(), (char *)"--config", (char *)path_of("tenantd.ini"), NULL };
	stack_write_config();
	if (stack.server != SERVER_FCGID)
		stack.master = launch(path_of("tenantd.out"), argv);
	else if (stack.webs[SERVER_FCGID].pid)
		(void)HTTP("GET", "/healthz"); /* a request makes mod_fcgid start it */
}

int stack_pool_stop(int with_signal)
{
	pid_t master = stack_master();
	bool is_ours = stack.master != 0;
	if (master == 0)
		return 0;
	kill(master, with_signal);
	stack.master = 0;
	if (is_ours)
		return wait_for(master, SOON_S);
	UNTIL(SOON_S, kill(master, 0) != 0); /* the web server collects its status */
	return 0;
}

/* A port that was free a moment ago. */
static int free_port(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (const struct sockaddr *)&at, sizeof(at)) != 0 ||
		getsockname(fd, (struct sockaddr *)&at, &len) != 0)
		die("no free port: %s", strerror(errno));
	close(fd);
	return ntohs(at.sin_port);
}

/* ---- the web server ---- */

static const char *lighttpd_config(void);
static const char *apache_config(void);

/* What a kind of server is started by. */
static const struct {
	const char *name, *program, *flag;
	const char *(*config)(void);
} SERVERS[] = {
	[SERVER_LIGHTTPD] = { "lighttpd", "lighttpd", "-D", lighttpd_config },
	[SERVER_PROXY] = { "proxy", "apache2", "-DFOREGROUND", apache_config },
	[SERVER_FCGID] = { "fcgid", "apache2", "-DFOREGROUND", apache_config },
};

static const char *lines_of_test(void)
{
	const char *lines = stack.webs[stack.server].lines;
	return lines ? lines : "";
}

static const char *lighttpd_config(void)
{
	return arena_printf(stack.arena,
		"server.document-root = \"%s\"\nserver.bind = \"127.0.0.1\"\nserver.port = %d\n"
		"server.errorlog = \"%s/lighttpd.web.log\"\nserver.max-fds = 4096\n"
		"var.tenantd_socket = \"%s\"\nvar.tenantd_errors = \"%s/contrib/lighttpd/errors/error-\"\n"
		"include \"%s/contrib/lighttpd/tenantd.conf\"\n%s\n",
		stack.dir, stack_port(), stack.dir, stack.socket, TEST_SOURCE_DIR, TEST_SOURCE_DIR, lines_of_test())
		.at;
}

/* The modules that the shipped files name, the most common way to serve (mpm_event), and nothing of Debian's own
 * configuration. */
static const char *apache_config(void)
{
	static const char *const modules[] = { "mpm_event", "authz_core", "alias", "mime", "env", "headers",
		"setenvif", "reqtimeout", "buffer", "proxy", "proxy_fcgi", "fcgid" };
	const char *name = SERVERS[stack.server].name,
			   *errors = bring(TEST_SOURCE_DIR "/contrib/lighttpd/errors", "errors");
	struct buf b;
	buf_init(&b, stack.arena, 8192);
	(void)mkdir(path_of(text_of("%s.web", name)), 0700);
	for (size_t i = 0; i < COUNT_OF(modules); i++)
		buf_printf(&b, "LoadModule %s_module /usr/lib/apache2/modules/mod_%s.so\n", modules[i], modules[i]);
	if (web_user())
		buf_printf(&b, "User %s\nGroup %s\n", web_user()->pw_name, web_user()->pw_name);
	buf_printf(&b,
		"ServerName localhost\nServerRoot %s\nDocumentRoot %s\nPidFile %s/%s.web.pid\nDefaultRuntimeDir %s/%s.web\n"
		"ErrorLog %s/%s.web.log\nListen 127.0.0.1:%d\nTypesConfig /dev/null\n"
		"StartServers 1\nServerLimit 16\nThreadsPerChild 64\nMaxRequestWorkers 1024\nServerTokens Prod\n"
		"FcgidIPCDir %s\nFcgidProcessTableFile %s/fcgid.shm\n"
		"Define TENANTD_SOCKET %s\nDefine TENANTD_ERRORS %s/error-\n"
		"Define TENANTD_APACHE %s/contrib/apache\n"
		"Define TENANTD_PROGRAM %s\nDefine TENANTD_CONFIG %s/fcgid.ini\nDefine TENANTD_PROCESSES 1\n"
		"<VirtualHost *>\nInclude %s/contrib/apache/tenantd-%s.conf\n%s\n</VirtualHost>\n",
		stack.dir, stack.dir, stack.dir, name, stack.dir, name, stack.dir, name, stack_port(), stack.dir,
		stack.dir, stack.socket, errors, TEST_SOURCE_DIR, bring(stack_program(), "program"), stack.dir,
		TEST_SOURCE_DIR, name, lines_of_test());
	return arena_cstr(stack.arena, buf_str(&b));
}

static enum stack_server wanted_server(void)
{
	const char *name = getenv("TENANTD_TEST_SERVER");
	if (!name || !*name)
		return SERVER_LIGHTTPD;
	for (size_t i = 0; i < COUNT_OF(SERVERS); i++)
		if (strcmp(SERVERS[i].name, name) == 0)
			return (enum stack_server)i;
	die("TENANTD_TEST_SERVER is \"%s\", and can be lighttpd, proxy or fcgid", name);
}

static bool web_answers(void)
{
	struct http_reply r = HTTP("GET", "/healthz");
	return r.status != 0;
}

void stack_web(enum stack_server server)
{
	stack.server = server;
	struct web *web = &stack.webs[server];
	if (web->pid)
		return;
	const char *name = SERVERS[server].program,
			   *config = path_of(text_of("%s.web.conf", SERVERS[server].name)),
			   *output = path_of(text_of("%s.web.out", SERVERS[server].name)),
			   *installed = text_of("/usr/sbin/%s", name);
	char *argv[] = { (char *)(access(installed, X_OK) == 0 ? installed : name), (char *)SERVERS[server].flag,
		(char *)"-f", (char *)config, NULL };
	for (int i = 0; i < PORTS_TRIED; i++) {
		int status = 0;
		web->port = free_port();
		files_write(config, SERVERS[server].config(), 0600);
		let_web_user_in();
		web->pid = launch(output, argv);
		pid_t ended = 0;
		UNTIL(SOON_S, (ended = waitpid(web->pid, &status, WNOHANG)) != 0 || web_answers());
		if (ended == 0)
			return;
		web->pid = 0;
		if (WIFEXITED(status) && WEXITSTATUS(status) == 127) {
			fprintf(stderr, "stack: %s is not installed\n", name);
			exit(SKIPPED);
		}
	}
	show_file(output);
	show_file(path_of(text_of("%s.web.log", SERVERS[server].name)));
	die("%s does not start", name);
}

void stack_web_with(enum stack_server server, const char *lines)
{
	struct web *web = &stack.webs[server];
	if (web->pid) {
		kill(web->pid, SIGTERM);
		(void)wait_for(web->pid, SOON_S);
	}
	*web = (struct web){ .lines = lines };
	stack_web(server);
}

/* ---- up and down ---- */

static void give_up(void)
{
	show_file(path_of("tenantd.out"));
	show_file(stack.log);
	die("tenantd does not become ready");
}

void stack_pool_wait(void)
{
	bool is_whole = false;
	UNTIL(SOON_S, (is_whole = stack_is_whole()));
	if (!is_whole)
		give_up();
}

void stack_up(void)
{
	files_begin(stack.dir, sizeof(stack.dir), "stack");
	stack.owner = getpid();
	stack.arena = arena_new(65536);
	stack.server = wanted_server();
	if (atexit(stack_down) != 0)
		die("atexit");
	snprintf(stack.socket, sizeof(stack.socket), "%s/tenantd.sock", stack.dir);
	snprintf(stack.log, sizeof(stack.log), "%s/tenantd.log", stack.dir);
	cluster_open(&stack.pg);
	cluster_migrated(&stack.pg, DATABASE);
	configure();
	sql("SELECT tenantd.context_key_add('\\x%s')", stack.key);
	stack_pool_launch();
	stack_web(stack.server);
	stack_pool_wait();
}

void stack_down(void)
{
	if (stack.owner != getpid())
		return;
	stack.owner = 0;
	for (size_t i = 0; i < SERVER_COUNT; i++)
		if (stack.webs[i].pid)
			kill(stack.webs[i].pid, SIGTERM);
	(void)stack_pool_stop(SIGTERM);
	for (size_t i = 0; i < SERVER_COUNT; i++)
		if (stack.webs[i].pid)
			(void)wait_for(stack.webs[i].pid, SOON_S);
	people_leave();
	cluster_close(&stack.pg);
	if (stack.provider)
		provider_free(stack.provider);
	if (getenv("STACK_KEEP"))
		fprintf(stderr, "stack: what was logged is in %s\n", stack.dir);
	else
		files_end(stack.dir);
	arena_free(stack.arena);
	stack.arena = NULL;
}

/* ---- the pool, looked at ---- */

size_t stack_workers(pid_t *out, size_t room)
{
	char path[64];
	size_t n = 0;
	pid_t master = stack_master();
	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", master, master);
	FILE *f = fopen(path, "re");
	while (f && n < room && fscanf(f, "%d", &out[n]) == 1)
		n++;
	if (f)
		fclose(f);
	return n;
}

#define ASKS_ALL "it starts the web servers that it needs, and runs once, behind lighttpd"
#define ABOUT_TENANTD                                                                                        \
	"it is about tenantd's processes and not about the web server, and runs once, behind lighttpd"
/* The tests that a kind of server cannot be asked, each with its reason. */
static const struct {
	enum stack_server server;
	const char *suite, *test; /* no test: the whole program */
	const char *reason;
} EXCUSES[] = {
	{ SERVER_PROXY, "media", "bytes_that_are_compressed_come_in_time",
		"its content is larger than the buffer of the shipped configuration, and the worker may not wait for the client" },
	{ SERVER_FCGID, "media", "bytes_that_are_compressed_come_in_time",
		"nobody else can connect to the socket" },
	{ SERVER_FCGID, "media", "a_slow_upload_is_not_ended_in_its_commit",
		"nobody else can connect to the socket" },
	{ SERVER_PROXY, "servers", NULL, ASKS_ALL },
	{ SERVER_FCGID, "servers", NULL, ASKS_ALL },
	{ SERVER_PROXY, "web_server", NULL, ASKS_ALL },
	{ SERVER_FCGID, "web_server", NULL, ASKS_ALL },
	{ SERVER_PROXY, "starts", NULL, ABOUT_TENANTD },
	{ SERVER_FCGID, "starts", NULL, ABOUT_TENANTD },
	{ SERVER_PROXY, "soak", NULL, ABOUT_TENANTD },
	{ SERVER_FCGID, "soak", NULL, ABOUT_TENANTD },
	{ SERVER_PROXY, "storm", NULL, ABOUT_TENANTD },
	{ SERVER_FCGID, "storm", NULL, ABOUT_TENANTD },
	{ SERVER_FCGID, "gate", "a_refused_reload_is_told_until_one_is_accepted",
		"tenantctl status asks at the socket, and nobody else can connect to it" },
	{ SERVER_FCGID, "operations", NULL,
		"keys are changed while other workers serve, and there is one; and it has a second database system, which only root can reach" },
	{ SERVER_FCGID, "peers", NULL, "nobody else can connect to the socket" },
	{ SERVER_FCGID, "faults", NULL, "there is one worker, and its master is started by the web server" },
	{ SERVER_FCGID, "fairness", NULL, "with one worker nobody is served beside a slow request" },
	{ SERVER_FCGID, "upgrade", NULL,
		"the web server starts the program, so old and new ones are not side by side" },
};

const char *unit_excuse(const char *suite, const char *test)
{
	for (size_t i = 0; i < COUNT_OF(EXCUSES); i++)
		if (stack.server == EXCUSES[i].server && strcmp(EXCUSES[i].suite, suite) == 0 &&
			(!EXCUSES[i].test || strcmp(EXCUSES[i].test, test) == 0))
			return EXCUSES[i].reason;
	return NULL;
}

int stack_rounds(int rounds)
{
	return stack.server == SERVER_FCGID ? 1 : rounds;
}

bool all_workers_answer(const char *token, const char *target, int status)
{
	for (int i = 0; i < ASKED_IN_A_ROW; i++)
		if (HTTP("GET", target, .token = token).status != status)
			return false;
	return true;
}

bool stack_is_ready(void)
{
	return all_workers_answer(NULL, "/readyz", 200);
}

size_t stack_worker_count(void)
{
	for (size_t i = 0; i < stack.setting_count && stack.server != SERVER_FCGID; i++)
		if (strcmp(stack.settings[i].key, "workers") == 0)
			return strtoul(stack.settings[i].value, NULL, 10);
	return stack.server == SERVER_FCGID ? 1 : STACK_WORKERS;
}

bool stack_is_whole(void)
{
	pid_t workers[WORKERS_MOST];
	struct http_reply r = HTTP("GET", "/metrics");
	struct str wanted =
		arena_printf(http_arena(), "tenantd_workers{state=\"idle\"} %zu\n", stack_worker_count() - 1);
	/* The one that answers is busy with that. */
	return r.status == 200 && strstr(r.body.at, wanted.at) && strstr(r.body.at, "{state=\"busy\"} 1\n") &&
		strstr(r.body.at, "{state=\"starting\"} 0\n") &&
		stack_workers(workers, WORKERS_MOST) == stack_worker_count() && stack_is_ready();
}

bool stack_workers_end(const pid_t *workers, size_t count)
{
	bool has_ended = true;
	for (size_t i = 0; i < count && has_ended; i++)
		UNTIL(SOON_S, (has_ended = kill(workers[i], 0) != 0 && errno == ESRCH));
	return has_ended;
}

void stack_reload(void)
{
	pid_t before[WORKERS_MOST];
	size_t count = stack_workers(before, WORKERS_MOST);
	stack_write_config();
	kill(stack_master(), SIGHUP);
	(void)stack_workers_end(before, count);
	stack_pool_wait();
}

int stack_port(void)
{
	return stack.webs[stack.server].port;
}

const char *stack_socket(void)
{
	return stack.socket;
}

const char *stack_dir(void)
{
	return stack.dir;
}

pid_t stack_master(void)
{
	return stack.master ? stack.master : master_of_web();
}

enum stack_server stack_server(void)
{
	return stack.server;
}

struct cluster *stack_cluster(void)
{
	return &stack.pg;
}

struct str stack_url(struct arena *a, const char *user)
{
	return cluster_url(&stack.pg, a, DATABASE, user);
}

struct provider *stack_provider(void)
{
	return stack.provider;
}

const char *stack_context_key(void)
{
	return stack.key;
}

void stack_log_mark(void)
{
	struct stat s;
	stack.log_from = stat(stack.log, &s) == 0 ? (long)s.st_size : 0;
}

size_t stack_log(const char *has, const char *and)
{
	char *line = NULL;
	size_t room = 0, n = 0;
	FILE *f = fopen(stack.log, "re");
	if (!f || fseek(f, stack.log_from, SEEK_SET) != 0)
		die("no log");
	while (getline(&line, &room, f) > 0)
		n += strstr(line, has) && (!and || strstr(line, and));
	free(line);
	fclose(f);
	return n;
}

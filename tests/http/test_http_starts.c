/*
 * The ways to be started that no other program takes: by spawn-fcgi and by lighttpd, which pass the socket as descriptor 0,
 * and by a service manager that has the socket open already. The pool with a socket of its own serves all other programs,
 * and mod_fcgid starts the pool when TENANTD_TEST_SERVER says so.
 */
#include "support/http.h"
#include "support/stack.h"
#include "support/unit.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PASSED_FD = 3, BACKLOG = 64 };

static const char *in_stack(const char *name)
{
	return text_of("%s/%s", stack_dir(), name);
}

/* Runs the command, with `socket` as the one that a service manager passes, unless it is negative. */
static pid_t start(char *const argv[], int socket)
{
	pid_t test = getpid(), pid = fork();
	CU_ASSERT_FATAL(pid >= 0);
	if (pid > 0)
		return pid;
	int out = open(in_stack("started.out"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (out < 0 || dup2(out, STDERR_FILENO) < 0 || prctl(PR_SET_PDEATHSIG, SIGTERM) != 0 || getppid() != test)
		_exit(126);
	if (socket >= 0) {
		dup2(socket, PASSED_FD);
		setenv("LISTEN_PID", text_of("%d", getpid()), 1);
		setenv("LISTEN_FDS", "1", 1);
	}
	execvp(argv[0], argv);
	_exit(127);
}

/* What was started serves requests, and ends when it is told to. */
static void serves_and_ends(pid_t pid)
{
	bool is_ready = false;
	int status = -1;
	UNTIL(SOON_S, waitpid(pid, &status, WNOHANG) != 0 || (is_ready = stack_is_ready()));
	CU_ASSERT(is_ready);
	if (!is_ready)
		return;
	const char *who = someone("starter");
	CU_ASSERT_EQUAL(HTTP("GET", "/v1/auth/me", .token = token(who, tenant_of(who), "dev")).status, 200);
	kill(pid, SIGTERM);
	pid_t ended = 0;
	UNTIL(SOON_S, (ended = waitpid(pid, &status, WNOHANG)) != 0);
	CU_ASSERT_EQUAL(ended, pid);
	CU_ASSERT(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void spawn_fcgi_starts_a_pool(void)
{
	char *argv[] = { (char *)"spawn-fcgi", (char *)"-n", (char *)"-s", (char *)stack_socket(), (char *)"--",
		(char *)stack_program(), (char *)"--config", (char *)in_stack("fcgid.ini"), NULL };
	serves_and_ends(start(argv, -1));
	CU_ASSERT_EQUAL(access(stack_socket(), F_OK), 0); /* it is the launcher's */
	unlink(stack_socket());
}

static void lighttpd_starts_a_pool(void)
{
	pid_t pid = 0;
	stack_web_with(SERVER_LIGHTTPD,
		text_of(
			"$HTTP[\"url\"] =~ \"\" {\n\tfastcgi.server = ( \"/\" => (( \"socket\" => \"%s\", \"max-procs\" => 1,\n"
			"\t\t\"bin-path\" => \"%s --config %s\", \"check-local\" => \"disable\" )) )\n}",
			in_stack("bin.sock"), stack_program(), in_stack("fcgid.ini")));
	UNTIL(SOON_S, stack_is_ready());
	CU_ASSERT(stack_is_ready());
	FILE *f = fopen(in_stack("fcgid.pid"), "re");
	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	CU_ASSERT_EQUAL(fscanf(f, "%d", &pid), 1);
	fclose(f);
	CU_ASSERT_EQUAL(kill(pid, 0), 0);
	stack_web_with(SERVER_LIGHTTPD, "");
	UNTIL(SOON_S, kill(pid, 0) != 0); /* lighttpd ends what it started */
	CU_ASSERT_NOT_EQUAL(kill(pid, 0), 0);
}

static void a_service_manager_passes_its_socket(void)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char *argv[] = { (char *)stack_program(), (char *)"--config", (char *)in_stack("tenantd.ini"), NULL };
	snprintf(at.sun_path, sizeof(at.sun_path), "%s", stack_socket());
	CU_ASSERT_EQUAL(bind(fd, (const struct sockaddr *)&at, sizeof(at)), 0);
	CU_ASSERT_EQUAL(listen(fd, BACKLOG), 0);
	serves_and_ends(start(argv, fd));
	serves_and_ends(start(argv, fd)); /* the socket stays for the next one */
	close(fd);
	unlink(stack_socket());
}

int main(void)
{
	static const struct unit_test tests[] = {
		TEST(spawn_fcgi_starts_a_pool),
		TEST(lighttpd_starts_a_pool),
		TEST(a_service_manager_passes_its_socket),
	};
	stack_up();
	/* From here on nobody listens but what a test starts. */
	if (stack_server() == SERVER_LIGHTTPD && stack_pool_stop(SIGTERM) != 0)
		return EXIT_FAILURE;
	return unit_main("starts", tests, COUNT_OF(tests));
}

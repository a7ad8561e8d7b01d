/* Giving messages away: to a program that stands in for sendmail, and to a folder. */
#include "test_mail.h"

#include "mail/deliver.h"
#include "support/files.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#define ID "0f8fad5b-d9cb-469f-a165-70867728950e"

static struct error err;

static const char *in_scratch(const char *name)
{
	return arena_printf(arena, "%s/%s", scratch, name).at;
}

static struct str read_back(const char *name)
{
	struct str out = STR("");
	struct error why = ERROR_INIT;
	if (!config_read_file(arena, "test", str_c(in_scratch(name)), 1 << 20, false, &out, &why))
		fprintf(stderr, "%s\n", why.operator);
	return out;
}

/* The command line of a process; "" when it has ended. */
static struct str read_process(int64_t pid)
{
	static char text[256];
	FILE *f = fopen(arena_printf(arena, "/proc/%lld/cmdline", (long long)pid).at, "re");
	size_t len = f ? fread(text, 1, sizeof(text), f) : 0;
	if (f)
		fclose(f);
	return str_of(text, len);
}

/* A program in place of sendmail that keeps what it was given and exits with `status`. */
static struct config with_program(int status)
{
	struct config c = mail_config();
	c.mail.spool = STR("");
	files_write(in_scratch("sendmail"),
		arena_printf(arena,
			"#!/bin/sh\ncd '%s' || exit 99\nfor a; do echo \"$a\"; done >args\ncat >message\nenv >environ\n"
			"ls -l /proc/$$/fd >files\nexit %d\n",
			scratch, status)
			.at,
		0700);
	c.mail.sendmail = arena_printf(arena, "%s  -i -X  one", in_scratch("sendmail"));
	return c;
}

static enum delivery give_within(
	int patience_ms, const struct config *c, const char *recipient, const char *message)
{
	struct parcel parcel = { .kind = STR("invitation"),
		.recipient = str_c(recipient),
		.message = str_c(message),
		.patience_ms = patience_ms };
	err = (struct error)ERROR_INIT;
	return uuid_parse(STR(ID), &parcel.id) ? deliver(arena, c, &parcel, &err) : DELIVERY_NEVER;
}

static enum delivery give(const struct config *c, const char *recipient, const char *message)
{
	return give_within(60 * 1000, c, recipient, message);
}

void spool_has_whole_messages_of_the_owner_alone(void)
{
	struct config c = mail_config();
	struct stat s;
	c.mail.spool = str_c(in_scratch("spool"));
	CU_ASSERT_FALSE(delivery_is_ready(&c, &err));
	CU_ASSERT_EQUAL(give(&c, "ann@example.com", "x"), DELIVERY_LATER);
	CU_ASSERT(strstr(err.operator, "spool") != NULL);
	CU_ASSERT_EQUAL_FATAL(mkdir(c.mail.spool.at, 0700), 0);
	CU_ASSERT(delivery_is_ready(&c, &err));
	files_write(in_scratch("spool/." ID ".part"), "left by a sender that ended", 0600);
	CU_ASSERT_EQUAL(give(&c, "ann@example.com", "the message\n"), DELIVERY_DONE);
	CU_ASSERT(str_eq(read_back("spool/invitation-" ID ".eml"), STR("the message\n")));
	CU_ASSERT(stat(in_scratch("spool/invitation-" ID ".eml"), &s) == 0 && (s.st_mode & 0777) == 0600);
	CU_ASSERT_EQUAL(give(&c, "ann@example.com", "again\n"), DELIVERY_DONE);
	CU_ASSERT(str_eq(read_back("spool/invitation-" ID ".eml"), STR("again\n")));
	CU_ASSERT_NOT_EQUAL(access(in_scratch("spool/." ID ".part"), F_OK), 0);
}

void sendmail_gets_the_message_and_nothing_else(void) /* T116 */
{
	struct config c = with_program(0);
	setenv("TENANTD_DATABASE_ADMIN_URL", "password=hunter2", 1);
	int open_file = dup(2);
	CU_ASSERT_EQUAL(give(&c, "ann@example.com", "Subject: x\n\n.\nbody\n"), DELIVERY_DONE);
	close(open_file);
	unsetenv("TENANTD_DATABASE_ADMIN_URL");
	CU_ASSERT(str_eq(read_back("message"), STR("Subject: x\n\n.\nbody\n")));
	CU_ASSERT(str_eq(read_back("args"), STR("-i\n-X\none\n-f\nno-reply@example.com\n--\nann@example.com\n")));
	CU_ASSERT(holds(read_back("environ"), "PATH="));
	CU_ASSERT_FALSE(holds(read_back("environ"), "hunter2") || holds(read_back("environ"), "TENANTD_"));
	CU_ASSERT_FALSE(holds(read_back("files"), arena_printf(arena, " %d -> ", open_file).at));
}

void recipient_is_never_an_option_or_a_command(void) /* T123 */
{
	static const char *const odd[] = { "-oQ/tmp@example.com", "$(touch${IFS}x)@example.com",
		"`id`@example.com", "a;id@example.com", "|id@example.com" };
	struct config c = with_program(0);
	for (size_t i = 0; i < COUNT_OF(odd); i++) {
		CU_ASSERT_EQUAL(give(&c, odd[i], "x"), DELIVERY_DONE);
		CU_ASSERT(str_eq(read_back("args"),
			arena_printf(arena, "-i\n-X\none\n-f\nno-reply@example.com\n--\n%s\n", odd[i])));
	}
}

void exit_status_decides_whether_to_try_again(void)
{
	static const struct {
		int status;
		enum delivery how;
	} cases[] = { { 0, DELIVERY_DONE }, { 75, DELIVERY_LATER }, { 64, DELIVERY_LATER },
		{ 69, DELIVERY_LATER }, { 70, DELIVERY_LATER }, { 1, DELIVERY_LATER }, { 77, DELIVERY_LATER },
		{ 65, DELIVERY_NEVER }, { 67, DELIVERY_NEVER }, { 68, DELIVERY_NEVER } };
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct config c = with_program(cases[i].status);
		CU_ASSERT_EQUAL(give(&c, "ann@example.com", "s3cret"), cases[i].how);
		CU_ASSERT((cases[i].status == 0) == (err.operator[0] == '\0'));
		CU_ASSERT(strstr(err.operator, "s3cret") == NULL);
	}
	struct config c = with_program(0);
	files_write(in_scratch("sendmail"), "#!/bin/sh\nkill -9 $$\n", 0700);
	CU_ASSERT_EQUAL(give(&c, "ann@example.com", "x"), DELIVERY_LATER);
	CU_ASSERT(strstr(err.operator, "signal 9") != NULL);
}

void program_that_does_not_end_is_ended_with_its_children(void)
{
	struct config c = with_program(0);
	files_write(in_scratch("sendmail"),
		arena_printf(arena, "#!/bin/sh\nsleep 600 &\necho $! >'%s/child'\nwait\n", scratch).at, 0700);
	enum delivery how = DELIVERY_DONE;
	/* However slow the machine is: in one of the tries it gets to start its child. */
	for (int ms = 50; ms < 20 * 1000 && access(in_scratch("child"), R_OK) != 0; ms *= 2)
		how = give_within(ms, &c, "ann@example.com", "x");
	CU_ASSERT_EQUAL(how, DELIVERY_LATER);
	CU_ASSERT(strstr(err.operator, "took too long") != NULL);
	int64_t child = 0;
	CU_ASSERT_FATAL(str_to_int64(str_trim(read_back("child")), &child) && child > 1);
	bool is_gone = false;
	/* It is nobody's child any more, and may stay as a zombie where no process collects those. */
	UNTIL(20, (is_gone = !holds(read_process(child), "sleep")));
	CU_ASSERT(is_gone);
}

void delivery_that_cannot_work_is_known_before(void)
{
	struct config c = with_program(0);
	CU_ASSERT(delivery_is_ready(&c, &err));
	c.mail.sendmail = STR("/nonexistent/sendmail -i");
	CU_ASSERT_FALSE(delivery_is_ready(&c, &err));
	CU_ASSERT(strstr(err.operator, "cannot run '/nonexistent/sendmail'") != NULL);
	CU_ASSERT_EQUAL(give(&c, "ann@example.com", "x"), DELIVERY_LATER);
	c = with_program(0);
	c.mail.from = STR("");
	CU_ASSERT_FALSE(delivery_is_ready(&c, &err));
	CU_ASSERT(strstr(err.operator, "[mail] from") != NULL);
}

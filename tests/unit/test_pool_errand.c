/* The work that the master has done by its timer, in a child of its own: what a test's errand does is said by what is
 * configured as [mail] attempts. */
#include "test_pool.h"

#include "core/clock.h"
#include "pool/worker_signals.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

enum { OUTLAST = 1, FAIL, OBEY, BE_DEAF };

/* A line in the file that [mail] spool names. */
static void write_line(const struct config *config, const char *line)
{
	int fd = open(config->mail.spool.at, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, line, strlen(line)) != (ssize_t)strlen(line))
		_exit(9);
	close(fd);
}

static int64_t mail_interval(const struct config *config, size_t number)
{
	return number == 0 ? config->mail.interval : 0;
}

static int errand(const struct config *config, size_t number)
{
	(void)number;
	int64_t enough = clock_mono_us() + 1300 * 1000; /* more than an interval */
	write_line(config, "begin\n");
	switch (config->mail.attempts) {
	case OUTLAST:
		UNTIL(PATIENCE_MS / 1000, clock_mono_us() > enough);
		break;
	case OBEY:
		UNTIL(PATIENCE_MS / 1000, worker_should_stop());
		break;
	case BE_DEAF:
		for (;;)
			pause();
	default:
		return 1;
	}
	write_line(config, "end\n");
	return 0;
}

/* Its end asks for new workers: the first time when [mail] attempts says so, and never again. */
static int bring_news(const struct config *config, size_t number)
{
	(void)number;
	write_line(config, "news\n");
	return config->mail.attempts == FAIL ? 1 : ERRAND_NEWS;
}

static int64_t news_pause(const struct config *config)
{
	return config->mail.keep;
}

static char lines[96];

static void configure(const struct world *w, int manner, int interval)
{
	char more[256];
	snprintf(lines, sizeof(lines), "%s/errands", w->dir);
	snprintf(more, sizeof(more),
		"[database]\nerrands_url = dbname=nowhere\n[mail]\ninterval = %d\nattempts = %d\nspool = %s\n",
		interval, manner, lines);
	world_config(w, more);
}

static void begin(struct world *w, int manner, int interval)
{
	world_begin(w);
	w->workers = 1;
	w->drain_s = manner == BE_DEAF ? 1 : w->drain_s;
	w->errand = (struct errand_kind){ "test-errand", 1, errand, mail_interval, NULL, 60 };
	configure(w, manner, interval);
	world_start(w, NULL);
}

/* What the errands wrote. */
static const char *told(void)
{
	static char text[4096];
	int fd = open(lines, O_RDONLY | O_CLOEXEC);
	ssize_t len = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);
	text[len > 0 ? len : 0] = '\0';
	if (fd >= 0)
		close(fd);
	return text;
}

void errands_follow_each_other_one_at_a_time(void)
{
	struct world w;
	char answer[ANSWER];
	begin(&w, OUTLAST, 1);
	EVENTUALLY(strcmp(told(), "begin\n") == 0);
	CU_ASSERT_TRUE(ask(&w, "self", answer)); /* the only worker serves meanwhile */
	EVENTUALLY(strncmp(told(), "begin\nend\nbegin\nend\nbegin\n", 26) == 0);
	CU_ASSERT_EQUAL(log_count(&w, "errand.failed"), 0);
	world_end(&w);
}

void errand_that_fails_comes_later_and_later(void)
{
	struct world w;
	char answer[ANSWER];
	begin(&w, FAIL, 1);
	EVENTUALLY(log_has(&w, "\"pause_ms\":2000"));
	CU_ASSERT_TRUE(log_has(&w, "\"pause_ms\":1000"));
	CU_ASSERT_TRUE(ask(&w, "self", answer));
	CU_ASSERT_EQUAL(log_count(&w, "worker.died"), 0);
	world_end(&w);
}

/* Counts the workers' generations as the log tells of them: no request is refused meanwhile. */
void errand_with_news_renews_the_workers(void)
{
	struct world w;
	char before[ANSWER], answer[ANSWER];
	world_begin(&w);
	w.workers = 1;
	w.errand = (struct errand_kind){ "test-news", 1, bring_news, mail_interval, news_pause, 60 };
	configure(&w, OBEY, 86400);
	world_start(&w, NULL);
	CU_ASSERT_TRUE(ask(&w, "self", before));
	EVENTUALLY(log_count(&w, "master.renewed") == 1);
	EVENTUALLY(ask(&w, "self", answer) && log_count(&w, "worker.left") == 1);
	CU_ASSERT_EQUAL(log_count(&w, "worker.died"), 0);
	CU_ASSERT_STRING_EQUAL(told(), "news\n");
	kill(w.master, SIGHUP); /* a configuration that takes over makes the errand due */
	EVENTUALLY(log_count(&w, "master.renewed") == 2);
	CU_ASSERT_STRING_EQUAL(told(), "news\nnews\n");
	world_end(&w);
}

void errand_may_finish_when_the_master_drains(void)
{
	struct world w;
	begin(&w, OBEY, 1);
	EVENTUALLY(strcmp(told(), "begin\n") == 0);
	kill(w.master, SIGTERM);
	CU_ASSERT_EQUAL(world_wait_master(&w), 0);
	CU_ASSERT_STRING_EQUAL(told(), "begin\nend\n");
	world_end(&w);
}

void errand_that_does_not_leave_is_killed(void)
{
	struct world w;
	begin(&w, BE_DEAF, 1);
	EVENTUALLY(strcmp(told(), "begin\n") == 0);
	kill(w.master, SIGTERM);
	CU_ASSERT_EQUAL(world_wait_master(&w), 0);
	CU_ASSERT_TRUE(log_has(&w, "errand.watchdog"));
	CU_ASSERT_STRING_EQUAL(told(), "begin\n");
	world_end(&w);
}

void errand_leaves_when_the_master_dies(void)
{
	struct world w;
	begin(&w, OBEY, 1);
	EVENTUALLY(strcmp(told(), "begin\n") == 0);
	kill(w.master, SIGKILL);
	CU_ASSERT_EQUAL(world_wait_master(&w), 1000 + SIGKILL);
	EVENTUALLY(strcmp(told(), "begin\nend\n") == 0);
	world_end(&w);
}

void reload_changes_how_often_errands_come(void)
{
	struct world w;
	begin(&w, OUTLAST, 86400);
	EVENTUALLY(strcmp(told(), "begin\nend\n") == 0);
	configure(&w, OUTLAST, 1);
	kill(w.master, SIGHUP);
	EVENTUALLY(strncmp(told(), "begin\nend\nbegin\nend\n", 20) == 0);
	configure(&w, OUTLAST, 0);
	kill(w.master, SIGHUP);
	EVENTUALLY(log_count(&w, "master.handed_over") == 2);
	world_end(&w);
}

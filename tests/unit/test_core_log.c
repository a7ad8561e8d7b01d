/* Each log event is one line with one JSON object, without secrets, and no value can break the line (T82, T116). */
#include "support/files.h"
#include "test_core.h"

#include "core/clock.h"
#include "core/json.h"
#include "core/log.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char scratch[64], file[96], content[64 * 1024];

static void begin(enum log_level level)
{
	struct error err = ERROR_INIT;
	files_begin(scratch, sizeof(scratch), "core");
	snprintf(file, sizeof(file), "%s/log", scratch);
	CU_ASSERT(log_open(file, level, &err));
}

/* Goes back to stderr; the file's text is in `content`. */
static void end(void)
{
	struct error err = ERROR_INIT;
	CU_ASSERT(log_open("stderr", LOG_LEVEL_ERROR, &err));
	FILE *f = fopen(file, "r");
	size_t len = f ? fread(content, 1, sizeof(content) - 1, f) : 0;
	content[len] = '\0';
	if (f)
		fclose(f);
	files_end(scratch);
}

static void a_line_is_one_json_object(void)
{
	begin(LOG_LEVEL_INFO);
	LOG(INFO, "request", LOG_C("path", "/v1/me"), LOG_INT("status", -5), LOG_C("empty", ""),
		LOG_C("none", NULL));
	end();
	struct arena *a = arena_new(1024);
	struct error err = ERROR_INIT;
	struct str s;
	int64_t n;
	const struct json *v = json_parse(a, str_c(content), &err);
	CU_ASSERT_PTR_NOT_NULL_FATAL(v);
	CU_ASSERT(json_string(json_get(v, STR("time")), &s) && s.len == strlen("2026-01-02T03:04:05.000006Z"));
	CU_ASSERT(str_ends(s, STR("Z")) && s.at[10] == 'T' && s.at[19] == '.');
	CU_ASSERT(json_string(json_get(v, STR("level")), &s) && str_eq(s, STR("info")));
	CU_ASSERT(json_string(json_get(v, STR("event")), &s) && str_eq(s, STR("request")));
	CU_ASSERT(json_int64(json_get(v, STR("pid")), &n) && n == getpid());
	CU_ASSERT(json_int64(json_get(v, STR("status")), &n) && n == -5);
	CU_ASSERT_PTR_NULL(json_get(v, STR("empty")));
	CU_ASSERT_PTR_NULL(json_get(v, STR("none")));
	arena_free(a);
}

static void a_child_names_its_own_process(void)
{
	begin(LOG_LEVEL_INFO);
	LOG(INFO, "parent", LOG_INT("n", 1));
	pid_t child = fork();
	if (child == 0) {
		LOG(INFO, "child", LOG_INT("n", 1));
		_exit(0);
	}
	CU_ASSERT(waitpid(child, NULL, 0) == child);
	end();
	char expected[64];
	snprintf(expected, sizeof(expected), "\"event\":\"child\",\"pid\":%d,", (int)child);
	CU_ASSERT_PTR_NOT_NULL(strstr(content, expected));
}

/* The date is written anew each second only: so up to a line of the next one. */
static void a_line_tells_when_it_was_written(void)
{
	int64_t began = clock_unix_us(), last = began;
	while (last / 1000000 == began / 1000000) {
		struct tm utc = { 0 };
		begin(LOG_LEVEL_INFO);
		LOG(INFO, "now", LOG_INT("n", 1));
		end();
		const char *point = strptime(content, "{\"time\":\"%Y-%m-%dT%H:%M:%S", &utc);
		CU_ASSERT_FATAL(point && *point == '.');
		int64_t told = (int64_t)timegm(&utc) * 1000000 + strtoll(point + 1, NULL, 10);
		CU_ASSERT_FATAL(told >= last && told <= clock_unix_us());
		last = told;
	}
}

/* T82 */
static void line_ends_and_control_characters_are_inert(void)
{
	begin(LOG_LEVEL_INFO);
	LOG(WARN, "request", LOG_C("path", "/a\r\n{\"level\":\"forged\"}\x1b[2J\"\\"), LOG_C("bad", "\xff\xc0"));
	end();
	CU_ASSERT_EQUAL(strchr(content, '\n'), content + strlen(content) - 1);
	CU_ASSERT_PTR_NULL(strpbrk(content, "\r\x1b\xff"));
	CU_ASSERT_PTR_NOT_NULL(strstr(content, "/a\\r\\n{\\\"level\\\":"));
}

/* T116 */
static void secrets_are_redacted_by_their_name(void)
{
	begin(LOG_LEVEL_INFO);
	LOG(INFO, "x", LOG_C("Authorization", "s3cret"), LOG_C("set-cookie", "s3cret"),
		LOG_C("new_password", "s3cret"), LOG_C("access_token", "s3cret"), LOG_C("HS256_SECRET", "s3cret"),
		LOG_C("X-Api-Key", "s3cret"), LOG_INT("token", 31337));
	end();
	CU_ASSERT_PTR_NULL(strstr(content, "s3cret"));
	CU_ASSERT_PTR_NULL(strstr(content, "31337"));
	CU_ASSERT_PTR_NOT_NULL(strstr(content, "\"Authorization\":\"[redacted]\""));
}

static void lower_levels_are_dropped(void)
{
	enum log_level level;
	begin(LOG_LEVEL_WARN);
	LOG(INFO, "quiet", LOG_INT("n", 1));
	LOG(WARN, "heard", LOG_INT("n", 1));
	log_event(LOG_LEVEL_ERROR, "bare", NULL, 0);
	end();
	CU_ASSERT_PTR_NULL(strstr(content, "quiet"));
	CU_ASSERT_PTR_NOT_NULL(strstr(content, "heard"));
	CU_ASSERT_PTR_NOT_NULL(strstr(content, "bare"));
	CU_ASSERT(log_level_parse(STR("warn"), &level) && level == LOG_LEVEL_WARN);
	CU_ASSERT_FALSE(log_level_parse(STR("WARN"), &level));
}

static void long_lines_are_cut_at_a_field(void)
{
	static char big[20000];
	memset(big, 'x', sizeof(big) - 1);
	begin(LOG_LEVEL_INFO);
	LOG(INFO, "long", LOG_C("first", "kept"), LOG_C("big", big), LOG_C("after", "lost"));
	end();
	struct arena *a = arena_new(1024);
	struct error err = ERROR_INIT;
	bool cut = false;
	const struct json *v = json_parse(a, str_c(content), &err);
	CU_ASSERT_PTR_NOT_NULL_FATAL(v);
	CU_ASSERT(json_bool(json_get(v, STR("cut")), &cut) && cut);
	CU_ASSERT_PTR_NOT_NULL(json_get(v, STR("first")));
	CU_ASSERT_PTR_NULL(json_get(v, STR("big")));
	arena_free(a);
}

static void reopening_follows_a_rotation(void)
{
	struct error err = ERROR_INIT;
	struct stat s;
	char old[128];
	begin(LOG_LEVEL_INFO);
	LOG(INFO, "before", LOG_INT("n", 1));
	CU_ASSERT(stat(file, &s) == 0 && (s.st_mode & 0137) == 0);
	snprintf(old, sizeof(old), "%s.1", file);
	CU_ASSERT_EQUAL(rename(file, old), 0);
	CU_ASSERT(log_open(file, LOG_LEVEL_INFO, &err));
	LOG(INFO, "after", LOG_INT("n", 1));
	unlink(old);
	end();
	CU_ASSERT_PTR_NULL(strstr(content, "before"));
	CU_ASSERT_PTR_NOT_NULL(strstr(content, "after"));
	CU_ASSERT_FALSE(log_open("/nonexistent/dir/log", LOG_LEVEL_INFO, &err));
	CU_ASSERT_PTR_NOT_NULL(strstr(err.operator, "/nonexistent/dir/log"));
}

/* T116: root opens the log at start, in a directory that may be the workers'. */
static void log_that_is_a_link_is_refused(void)
{
	struct error err = ERROR_INIT;
	char target[128];
	begin(LOG_LEVEL_INFO);
	snprintf(target, sizeof(target), "%s.elsewhere", file);
	CU_ASSERT(unlink(file) == 0 && symlink(target, file) == 0);
	CU_ASSERT_FALSE(log_open(file, LOG_LEVEL_INFO, &err));
	CU_ASSERT_NOT_EQUAL(access(target, F_OK), 0);
	end();
}

static const struct unit_test tests[] = {
	TEST(a_line_is_one_json_object),
	TEST(a_child_names_its_own_process),
	TEST(a_line_tells_when_it_was_written),
	TEST(line_ends_and_control_characters_are_inert),
	TEST(secrets_are_redacted_by_their_name),
	TEST(lower_levels_are_dropped),
	TEST(long_lines_are_cut_at_a_field),
	TEST(reopening_follows_a_rotation),
	TEST(log_that_is_a_link_is_refused),
};
const struct core_tests core_log = { tests, COUNT_OF(tests) };

/* Bytes, arenas, buffers, errors, clocks, uuids, traces and the names of a context. */
#include "test_core.h"

#include "core/buf.h"
#include "core/clock.h"
#include "core/context.h"
#include "core/hex.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static void numbers_are_taken_whole_or_not_at_all(void)
{
	int64_t n = -1;
	CU_ASSERT(str_to_int64(STR("9223372036854775807"), &n) && n == INT64_MAX);
	CU_ASSERT(str_to_int64(STR("0"), &n) && n == 0);
	static const char *const refused[] = { "", "-1", "+1", " 1", "1 ", "12x", "9223372036854775808",
		"10000000000000000000", "18446744073709551616" };
	for (size_t i = 0; i < COUNT_OF(refused); i++)
		CU_ASSERT_FALSE(str_to_int64(str_c(refused[i]), &n));
	CU_ASSERT_EQUAL(n, 0);
}

static void strings_are_cut_and_compared_by_length(void)
{
	struct str head, rest = str_split(STR("a,b,,c"), ',', &head);
	CU_ASSERT(str_eq(head, STR("a")) && str_eq(rest, STR("b,,c")));
	rest = str_split(STR("abc"), ',', &head);
	CU_ASSERT(str_eq(head, STR("abc")) && str_is_empty(rest) && rest.at != NULL);
	CU_ASSERT(str_eq(str_trim(STR(" \t\r\n x y \n")), STR("x y")));
	CU_ASSERT(str_is_empty(str_trim(STR(" \n"))));
	CU_ASSERT(str_eq_nocase(STR("BeArEr"), STR("bearer")) && !str_eq_nocase(STR("K"), STR("\xe2\x84\xaa")));
	CU_ASSERT(!str_eq(STR("a\0b"), STR("a\0c")));
	CU_ASSERT(str_starts(STR("abc"), STR("ab")) && !str_starts(STR("a"), STR("ab")));
	CU_ASSERT(str_ends(STR("abc"), STR("bc")) && !str_ends(STR("c"), STR("bc")));
	CU_ASSERT_EQUAL(str_find(STR("abc"), 'x'), 3);
	CU_ASSERT_EQUAL(str_skip(STR("abc"), 9).len, 0);
	CU_ASSERT(str_has_control(STR("a\nb")) && str_has_control(STR("\x7f")) && !str_has_control(STR("a b")));
	CU_ASSERT_PTR_NOT_NULL(str_c(NULL).at);
}

/* Each byte at each place of a text that ends in each place of a word. */
static void plain_bytes_are_counted_up_to_the_first_other(void)
{
	char text[24];
	CU_ASSERT_EQUAL(str_plain(STR("")), 0);
	for (size_t len = 1; len <= sizeof(text); len++) {
		for (size_t at = 0; at < len; at++) {
			for (int c = 0; c < 256; c++) {
				bool is_plain = c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
				memset(text, 'a' + (int)at, sizeof(text));
				text[at] = (char)c;
				CU_ASSERT_EQUAL(str_plain(str_of(text, len)), is_plain ? len : at);
				CU_ASSERT_EQUAL(str_has_control(str_of(text, len)), c < 0x20 || c == 0x7f);
			}
		}
	}
}

static void only_well_formed_utf8_passes(void)
{
	static const char *const good[] = { "", "plain text of some length", "\xc3\xa9", "\xef\xbf\xbf",
		"12345678\xf0\x9f\x98\x80", "\xf4\x8f\xbf\xbf" };
	static const char *const bad[] = { "\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x80\x80", "\xed\xa0\x80",
		"\xf0\x80\x80\x80", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xc3", "\xe2\x82", "12345678\xff",
		"\xc3(" };
	for (size_t i = 0; i < COUNT_OF(good); i++)
		CU_ASSERT(str_is_utf8(str_c(good[i])));
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		CU_ASSERT_FALSE(str_is_utf8(str_c(bad[i])));
}

/* T91: arena_alloc clears nothing, so zero bytes at the same place were wiped by the reset. */
static void reset_wipes_every_byte_handed_out(void)
{
	struct arena *a = arena_new(1024);
	for (int round = 0; round < 3; round++) {
		char *first = arena_alloc(a, 300), *second = arena_alloc(a, 300);
		for (int i = 0; i < 300; i++) {
			CU_ASSERT_EQUAL(first[i], 0);
			CU_ASSERT_EQUAL(second[i], 0);
		}
		memset(first, 's', 300);
		memset(second, 's', 300);
		char *beyond = arena_alloc(a, 5000);
		memset(beyond, 's', 5000);
		CU_ASSERT_EQUAL(arena_used(a), 5600);
		arena_reset(a);
		CU_ASSERT_EQUAL(arena_used(a), 0);
	}
	char *again = arena_alloc(a, 1000);
	for (int i = 0; i < 1000; i++)
		CU_ASSERT_EQUAL(again[i], 0);
	arena_free(a);
}

static void allocations_are_aligned_and_apart(void)
{
	struct arena *a = arena_new(512);
	char *last = NULL;
	for (size_t size = 0; size < 200; size++) {
		char *at = arena_alloc(a, size);
		CU_ASSERT_EQUAL((uintptr_t)at % _Alignof(max_align_t), 0);
		CU_ASSERT(at != last);
		memset(at, 0xff, size);
		last = at;
	}
	arena_free(a);
}

static void growing_keeps_the_bytes(void)
{
	struct arena *a = arena_new(512);
	char *at = arena_alloc(a, 10);
	memcpy(at, "0123456789", 10);
	char *in_place = arena_grow(a, at, 10, 100);
	CU_ASSERT_PTR_EQUAL(in_place, at);
	CU_ASSERT_EQUAL(in_place[99], 0);
	char *moved = arena_grow(a, in_place, 100, 4000);
	char *far = arena_grow(a, moved, 4000, 100000);
	CU_ASSERT(memcmp(far, "0123456789", 10) == 0 && far[10] == 0 && far[99999] == 0);
	CU_ASSERT_EQUAL(arena_used(a), 100 + 100000);
	arena_free(a);
}

static char order[8];

static void note(void *object)
{
	strcat(order, object);
}

static void adopted_objects_are_released_last_first(void)
{
	struct arena *a = arena_new(512);
	char one[] = "1", two[] = "2", three[] = "3";
	order[0] = '\0';
	CU_ASSERT_PTR_EQUAL(arena_adopt(a, one, note), one);
	arena_adopt(a, two, note);
	CU_ASSERT_PTR_NULL(arena_adopt(a, NULL, note));
	arena_adopt(a, three, note);
	arena_reset(a);
	CU_ASSERT_STRING_EQUAL(order, "321");
	arena_adopt(a, one, note);
	arena_free(a);
	CU_ASSERT_STRING_EQUAL(order, "3211");
}

static void copies_are_terminated(void)
{
	struct arena *a = arena_new(512);
	struct str s = arena_str(a, (struct str){ "abcdef", 3 });
	CU_ASSERT(s.len == 3 && s.at[3] == '\0');
	CU_ASSERT_STRING_EQUAL(arena_cstr(a, STR("x")), "x");
	CU_ASSERT(str_eq(arena_printf(a, "%s-%d", "a", 7), STR("a-7")));
	CU_ASSERT_EQUAL(arena_printf(a, "%0500d", 7).len, 500);
	arena_free(a);
}

/* The exit status of a child that runs `act` with stderr closed. */
static int status_of(void (*act)(void))
{
	int status = 0;
	fflush(NULL);
	pid_t child = fork();
	if (child == 0) {
		close(STDERR_FILENO);
		setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
		act();
		_exit(0);
	}
	CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
	return status;
}

static void ask_for_too_much(void)
{
	arena_array(NULL, SIZE_MAX / 4, 8); /* the product does not fit: no arena is looked at */
}

static void no_memory_ends_the_process(void)
{
	int status = status_of(ask_for_too_much);
	CU_ASSERT(WIFEXITED(status) && WEXITSTATUS(status) == 71);
}

static void break_a_promise(void)
{
	BUG("promise %d", 1);
}

static void a_bug_aborts(void)
{
	int status = status_of(break_a_promise);
	CU_ASSERT(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

static void buffers_hold_their_limit(void)
{
	struct arena *a = arena_new(512);
	struct buf b;
	buf_init(&b, a, 10);
	CU_ASSERT(str_is_empty(buf_str(&b)));
	buf_add(&b, STR("0123456789"));
	CU_ASSERT(buf_ok(&b) && str_eq(buf_str(&b), STR("0123456789")));
	buf_add_char(&b, 'x');
	CU_ASSERT(!buf_ok(&b) && buf_str(&b).len == 10);
	buf_init(&b, a, 100000);
	for (int i = 0; i < 10000; i++)
		buf_printf(&b, "%05d", i);
	CU_ASSERT(buf_ok(&b) && buf_str(&b).len == 50000 && strlen(buf_str(&b).at) == 50000);
	CU_ASSERT(memcmp(buf_str(&b).at + 49995, "09999", 5) == 0);
	static const int64_t numbers[] = { 0, 9, -10, INT64_MAX, INT64_MIN };
	buf_init(&b, a, 100);
	for (size_t i = 0; i < COUNT_OF(numbers); i++)
		buf_add_int(&b, numbers[i]);
	CU_ASSERT(str_eq(buf_str(&b), STR("09-109223372036854775807-9223372036854775808")));
	buf_init(&b, a, 4);
	buf_printf(&b, "%s", "12345");
	CU_ASSERT(!buf_ok(&b) && buf_str(&b).len == 0);
	char storage[4];
	buf_over(&b, storage, sizeof(storage));
	buf_add_c(&b, "abc");
	CU_ASSERT(buf_ok(&b));
	CU_ASSERT_STRING_EQUAL(storage, "abc");
	buf_add_char(&b, 'd');
	CU_ASSERT_FALSE(buf_ok(&b));
	arena_free(a);
}

static void lists_have_a_separator_between_items_only(void)
{
	struct arena *a = arena_new(512);
	struct buf b;
	buf_init(&b, a, 7);
	buf_add_item(&b, ", ", STR("one"));
	CU_ASSERT_STRING_EQUAL(buf_str(&b).at, "one");
	buf_add_item(&b, ", ", STR("a"));
	CU_ASSERT_STRING_EQUAL(buf_str(&b).at, "one, a");
	buf_add_item(&b, ", ", STR("b"));
	CU_ASSERT_FALSE(buf_ok(&b));
	arena_free(a);
}

static void json_strings_are_escaped(void)
{
	struct arena *a = arena_new(512);
	struct buf b;
	buf_init(&b, a, 1000);
	buf_add_json(&b, STR("a\"b\\c\r\n\t\x01\x7f\xc3\xa9\xff\xc0\x80 end"));
	CU_ASSERT_STRING_EQUAL(buf_str(&b).at,
		"\"a\\\"b\\\\c\\r\\n\\t\\u0001\\u007f\xc3\xa9\xef\xbf\xbd\xef\xbf\xbd"
		"\xef\xbf\xbd end\"");
	arena_free(a);
}

static void errors_have_unique_codes_and_sqlstates(void)
{
	for (int i = 0; i < ERROR_COUNT; i++) {
		const struct error_info *one = error_info((enum error_code)i);
		CU_ASSERT(one->status >= 200 && one->status < 600);
		for (int j = 0; j < i; j++) {
			const struct error_info *other = error_info((enum error_code)j);
			CU_ASSERT_STRING_NOT_EQUAL(one->code, other->code);
			CU_ASSERT(one->sqlstate[0] == '\0' || strcmp(one->sqlstate, other->sqlstate) != 0);
		}
		if (one->sqlstate[0] != '\0')
			CU_ASSERT_EQUAL(error_by_sqlstate(str_c(one->sqlstate)), (enum error_code)i);
	}
	CU_ASSERT_EQUAL(error_by_sqlstate(STR("")), ERR_NONE);
	CU_ASSERT_EQUAL(error_by_sqlstate(STR("23505")), ERR_NONE);
}

static void an_error_keeps_the_two_voices_apart(void)
{
	struct error err = ERROR_INIT;
	CU_ASSERT_FALSE(error_log(&err, ERR_INTERNAL, "password of '%s'", "db"));
	CU_ASSERT_STRING_EQUAL(err.detail, "");
	CU_ASSERT_STRING_EQUAL(err.operator, "password of 'db'");
	CU_ASSERT_FALSE(error_set(&err, ERR_CONFLICT, "slug is taken"));
	CU_ASSERT_STRING_EQUAL(err.operator, "");
	CU_ASSERT_EQUAL(err.code, ERR_CONFLICT);
}

static void field_errors_are_bounded_and_cut_between_characters(void)
{
	struct error err = ERROR_INIT;
	char name[80];
	memset(name, 'n', sizeof(name));
	memcpy(name + 62, "\xc3\xa9", 2); /* would be cut in two */
	CU_ASSERT_FALSE(error_field(&err, (struct str){ name, sizeof(name) }, "is wrong"));
	CU_ASSERT_EQUAL(err.code, ERR_INVALID_REQUEST);
	CU_ASSERT_EQUAL(strlen(err.fields[0].name), 62);
	for (int i = 0; i < 20; i++)
		error_field(&err, STR("x"), "%d", i);
	CU_ASSERT_EQUAL(err.field_count, ERROR_FIELDS);
	CU_ASSERT_STRING_EQUAL(err.fields[1].why, "0");
	char text[400];
	memset(text, 'a', sizeof(text));
	memcpy(text + 254, "\xe2\x82\xac", 3);
	text[399] = '\0';
	error_set(&err, ERR_CONFLICT, "%s", text);
	CU_ASSERT_EQUAL(strlen(err.detail), 254);
	memcpy(text + 252, "\xe2\x82\xac", 3);
	error_set(&err, ERR_CONFLICT, "%s", text);
	CU_ASSERT_EQUAL(strlen(err.detail), 255);
}

static void tests_may_pretend_a_time(void)
{
	clock_pretend_unix_s(1000);
	CU_ASSERT_EQUAL(clock_unix_s(), 1000);
	clock_pretend_unix_s(-1);
	CU_ASSERT(clock_unix_s() > 1600000000);
	int64_t before = clock_mono_us();
	CU_ASSERT(clock_mono_us() >= before);
}

static void uuids_have_one_form(void)
{
	struct uuid u = { { 0 } }, v;
	CU_ASSERT_FALSE(uuid_is_set(&u));
	CU_ASSERT(uuid_parse(STR("0191F0B4-7E2C-7ABC-8DEF-0123456789AB"), &u));
	CU_ASSERT_STRING_EQUAL(u.text, "0191f0b4-7e2c-7abc-8def-0123456789ab");
	CU_ASSERT(uuid_parse(STR("0191f0b4-7e2c-7abc-8def-0123456789ab"), &v) && uuid_eq(&u, &v));
	static const char *const refused[] = { "", "0191f0b47e2c7abc8def0123456789ab",
		"{0191f0b4-7e2c-7abc-8def-0123456789ab}", "0191f0b4-7e2c-7abc-8def-0123456789a",
		"0191f0b4-7e2c-7abc-8def-0123456789abc", "0191f0b4-7e2c-7abc-8def-0123456789ag",
		"0191f0b4a7e2c-7abc-8def-0123456789ab", "0191f0b4-7e2c-7abc-8def-0123456789a\n" };
	for (size_t i = 0; i < COUNT_OF(refused); i++)
		CU_ASSERT_FALSE(uuid_parse(str_c(refused[i]), &v));
	CU_ASSERT(uuid_eq(&u, &v));
}

static void bytes_become_lower_case_digits_and_come_back(void)
{
	struct arena *a = arena_new(1024);
	char digits[] = "....!";
	hex_into(digits, "\x0a\xff", 2);
	CU_ASSERT_STRING_EQUAL(digits, "0aff!");
	CU_ASSERT_STRING_EQUAL(hex_encode(a, "\x00\x9f\xe1", 3).at, "009fe1");
	CU_ASSERT_EQUAL(hex_encode(a, "", 0).len, 0);
	static const char all[] = "0123456789abcdef";
	for (int c = 0; c < 256; c++) {
		const char *at = c != '\0' ? strchr(all, c >= 'A' && c <= 'F' ? c + 'a' - 'A' : c) : NULL;
		CU_ASSERT_EQUAL(hex_value((char)c), at ? at - all : -1);
	}
	for (int byte = 0; byte < 256; byte++) {
		unsigned char b = (unsigned char)byte;
		hex_into(digits, &b, 1);
		CU_ASSERT_EQUAL(hex_value(digits[0]) * 16 + hex_value(digits[1]), byte);
	}
	arena_free(a);
}

static void a_valid_traceparent_is_continued(void)
{
	struct trace t;
	trace_begin(&t, STR("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00"));
	CU_ASSERT_STRING_EQUAL(t.id, "4bf92f3577b34da6a3ce929d0e0e4736");
	CU_ASSERT_STRING_NOT_EQUAL(t.span, "00f067aa0ba902b7");
	CU_ASSERT(strncmp(t.parent, "00-4bf92f3577b34da6a3ce929d0e0e4736-", 36) == 0);
	CU_ASSERT_STRING_EQUAL(t.parent + 52, "-00");
	trace_begin(&t, STR("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-ff-more"));
	CU_ASSERT_STRING_EQUAL(t.id, "4bf92f3577b34da6a3ce929d0e0e4736");
	CU_ASSERT_STRING_EQUAL(t.parent + 52, "-01");
}

static void a_malformed_traceparent_begins_a_new_trace(void)
{
	static const char *const ignored[] = { "", "00",
		"00-00000000000000000000000000000000-00f067aa0ba902b7-01",
		"00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
		"ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
		"00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
		"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
		"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0",
		"cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01.more",
		"00-4bf92f3577b34da6a3ce929d0e0e473\"-00f067aa0ba902b7-01" };
	struct trace t, other;
	for (size_t i = 0; i < COUNT_OF(ignored); i++) {
		trace_begin(&t, str_c(ignored[i]));
		trace_begin(&other, str_c(ignored[i]));
		CU_ASSERT_EQUAL(strlen(t.parent), 55);
		CU_ASSERT(strncmp(t.id, "4bf92f35", 8) != 0 && strncmp(t.id, "4BF9", 4) != 0);
		CU_ASSERT_STRING_NOT_EQUAL(t.id, other.id);
	}
}

static void envs_are_normalised_and_never_guessed(void)
{
	enum env e = ENV_NONE;
	CU_ASSERT(env_parse(STR(" Development "), &e) && e == ENV_DEV);
	CU_ASSERT(env_parse(STR("STAGE"), &e) && e == ENV_STAGING);
	CU_ASSERT(env_parse(STR("production\n"), &e) && e == ENV_PROD);
	static const char *const refused[] = { "", " ", "none", "test", "prod,dev", "pro d" };
	for (size_t i = 0; i < COUNT_OF(refused); i++)
		CU_ASSERT_FALSE(env_parse(str_c(refused[i]), &e));
	for (int i = 1; i < ENV_COUNT; i++)
		CU_ASSERT(env_parse(str_c(env_name((enum env)i)), &e) && e == (enum env)i);
	CU_ASSERT_STRING_EQUAL(env_name(ENV_NONE), "");
	CU_ASSERT_STRING_EQUAL(least_name(LEAST_TENANT_ADMIN), "tenant_admin");
	CU_ASSERT_STRING_EQUAL(tenant_guard_name(TENANT_OPEN), "open");
}

static const struct unit_test tests[] = {
	TEST(numbers_are_taken_whole_or_not_at_all),
	TEST(strings_are_cut_and_compared_by_length),
	TEST(plain_bytes_are_counted_up_to_the_first_other),
	TEST(only_well_formed_utf8_passes),
	TEST(reset_wipes_every_byte_handed_out),
	TEST(allocations_are_aligned_and_apart),
	TEST(growing_keeps_the_bytes),
	TEST(adopted_objects_are_released_last_first),
	TEST(copies_are_terminated),
	TEST(no_memory_ends_the_process),
	TEST(a_bug_aborts),
	TEST(buffers_hold_their_limit),
	TEST(lists_have_a_separator_between_items_only),
	TEST(json_strings_are_escaped),
	TEST(errors_have_unique_codes_and_sqlstates),
	TEST(an_error_keeps_the_two_voices_apart),
	TEST(field_errors_are_bounded_and_cut_between_characters),
	TEST(tests_may_pretend_a_time),
	TEST(uuids_have_one_form),
	TEST(bytes_become_lower_case_digits_and_come_back),
	TEST(a_valid_traceparent_is_continued),
	TEST(a_malformed_traceparent_begins_a_new_trace),
	TEST(envs_are_normalised_and_never_guessed),
};
const struct core_tests core_values = { tests, COUNT_OF(tests) };

/* Counting, summing over slots, the text format, and that docs/metrics.md agrees with the table. */
#include "test_core.h"

#include "core/metrics.h"

static const char *route_name(size_t i)
{
	return i == 0 ? "/v1/auth/me" : "/v1/members/{user_id}";
}

static void slots_are_summed(void)
{
	struct arena *a = arena_new(1024);
	struct buf out;
	static struct {
		char other[24];
		struct metrics_slot slot;
	} slots[3];
	memset(slots, 0, sizeof(slots));
	for (int i = 0; i < 3; i++) {
		metrics_use(&slots[i].slot);
		metrics_count(COUNT_TENANTS_CREATED);
		metrics_request(1, 200, 1000);
		metrics_request(1, 204, 1001);
		metrics_request(1, 404, 9999999);
	}
	CU_ASSERT_EQUAL(metrics_value(COUNT_TENANTS_CREATED), 1);
	metrics_use(NULL);
	CU_ASSERT_EQUAL(metrics_value(COUNT_TENANTS_CREATED), 0);
	buf_init(&out, a, 1000000);
	metrics_print(&out, &slots[0].slot, 3, sizeof(slots[0]), 2, route_name);
	const char *text = buf_str(&out).at;
	static const char *const lines[] = { "\ntenantd_tenants_created_total 3\n",
		"\ntenantd_auth_failures_total{reason=\"expired\"} 0\n",
		"_bucket{route=\"/v1/members/{user_id}\",class=\"2xx\",le=\"0.0005\"} 0\n",
		"_bucket{route=\"/v1/members/{user_id}\",class=\"2xx\",le=\"0.001\"} 3\n",
		"_bucket{route=\"/v1/members/{user_id}\",class=\"2xx\",le=\"0.0025\"} 6\n",
		"_bucket{route=\"/v1/members/{user_id}\",class=\"2xx\",le=\"+Inf\"} 6\n",
		"_sum{route=\"/v1/members/{user_id}\",class=\"2xx\"} 0.006003\n",
		"_count{route=\"/v1/members/{user_id}\",class=\"2xx\"} 6\n",
		"_bucket{route=\"/v1/members/{user_id}\",class=\"4xx\",le=\"2.5\"} 0\n",
		"_bucket{route=\"/v1/members/{user_id}\",class=\"4xx\",le=\"+Inf\"} 3\n",
		"_sum{route=\"/v1/members/{user_id}\",class=\"4xx\"} 29.999997\n" };
	for (size_t i = 0; i < COUNT_OF(lines); i++)
		CU_ASSERT_PTR_NOT_NULL(strstr(text, lines[i]));
	CU_ASSERT_PTR_NULL(strstr(text, "/v1/auth/me")); /* never asked for */
	arena_free(a);
}

static void families_are_announced_once(void)
{
	struct arena *a = arena_new(1024);
	struct buf out;
	static struct metrics_slot slot;
	buf_init(&out, a, 1000000);
	metrics_print(&out, &slot, 1, sizeof(slot), 2, route_name);
	struct str rest = buf_str(&out), line;
	while (!str_is_empty(rest)) {
		rest = str_split(rest, '\n', &line);
		if (!str_starts(line, STR("# TYPE ")))
			continue;
		char needle[160];
		snprintf(needle, sizeof(needle), "%.*s\n", STR_ARG(line));
		const char *first = strstr(buf_str(&out).at, needle);
		CU_ASSERT_PTR_NOT_NULL_FATAL(first);
		CU_ASSERT_PTR_NULL(strstr(first + 1, needle));
	}
	arena_free(a);
}

/* The rows of docs/metrics.md for the counters: | `family` | label names | help | */
static void docs_list_every_counter_and_no_other(void)
{
	static const struct {
		const char *family, *label, *help;
	} table[] = {
#define X(name, family, label, help) { family, label, help },
		COUNTER_TABLE(X)
#undef X
	};
	char *docs = read_source("docs/metrics.md");
	size_t families = 0, rows = 0;
	for (size_t i = 0; i < COUNT_OF(table); i++) {
		char row[256];
		struct str label;
		if (table[i].label[0] != '\0') { /* each value is named */
			CU_ASSERT_PTR_NOT_NULL(strstr(docs, strchr(table[i].label, '"')));
		}
		if (table[i].help[0] == '\0')
			continue;
		(void)str_split(str_c(table[i].label), '=', &label);
		snprintf(
			row, sizeof(row), "| `%s` | counter | %.*s | %s", table[i].family, STR_ARG(label), table[i].help);
		families++;
		if (!strstr(docs, row)) {
			CU_FAIL("a counter is not in docs/metrics.md");
			fprintf(stderr, "docs/metrics.md lacks: %s\n", row);
		}
	}
	char *section = strstr(docs, "## Counters"), *next = section ? strstr(section + 1, "\n## ") : NULL;
	CU_ASSERT_PTR_NOT_NULL_FATAL(next);
	for (char *at = section; (at = strstr(at, "\n| `")) && at < next; at++)
		rows++;
	CU_ASSERT_EQUAL(rows, families);
	CU_ASSERT_PTR_NOT_NULL(
		strstr(docs, "| `tenantd_http_request_duration_seconds` | histogram | route, class |"));
	free(docs);
}

static const struct unit_test tests[] = {
	TEST(slots_are_summed),
	TEST(families_are_announced_once),
	TEST(docs_list_every_counter_and_no_other),
};
const struct core_tests core_metrics = { tests, COUNT_OF(tests) };

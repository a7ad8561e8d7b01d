/* Values against the types of their columns, as text and as JSON (T77, T78, T79). */
#include "resource/value.h"
#include "test_resource.h"

struct sample {
	const char *column, *text;
};

static const struct sample good[] = {
	{ "n", "2147483647" },
	{ "n", "-2147483648" },
	{ "n", "007" },
	{ "small", "-32768" },
	{ "big", "9223372036854775807" },
	{ "big", "-9223372036854775808" },
	{ "amount", "12.50" },
	{ "amount", ".5" },
	{ "amount", "1e30" },
	{ "amount", "5." },
	{ "ratio", "-1.5E-10" },
	{ "half", "3.4e38" },
	{ "name", "\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f\xe2\x82\xac" },
	{ "is_done", "true" },
	{ "id", "7e8deba4-7ac8-4032-8F3C-1a34b58351c5" },
	{ "at", "2024-02-29" },
	{ "at", "2024-02-29T23:59:59.123456789Z" },
	{ "at", "2024-02-29 10:00+02" },
	{ "at", "2000-02-29T10:00:00-0930" },
	{ "local", "0001-01-01T00:00:00" },
	{ "day", "9999-12-31" },
	{ "hour", "23:59:59" },
	{ "state", "new" },
	{ "state", "old, and \"quoted\"" },
	{ "doc", "{\"a\":[1]}" },
	{ "raw", "\\x" },
	{ "raw", "\\x00fF" },
};

static const struct sample bad[] = {
	{ "n", "2147483648" },
	{ "n", "" },
	{ "n", "12x" },
	{ "n", "1.0" },
	{ "n", "1e3" },
	{ "n", " 1" },
	{ "n", "--1" },
	{ "small", "32768" },
	{ "big", "9223372036854775808" },
	{ "big", "1000000000000000000000000000000" },
	{ "amount", "1e400" },
	{ "amount", "NaN" },
	{ "amount", "Infinity" },
	{ "amount", "." },
	{ "amount", "1e" },
	{ "amount", "1,5" },
	{ "ratio", "1e309" },
	{ "ratio", "inf" },
	{ "ratio", "0x10" },
	{ "half", "1e39" },
	{ "name", "abcdef" },
	{ "is_done", "t" },
	{ "is_done", "TRUE" },
	{ "is_done", "1" },
	{ "id", "{7e8deba4-7ac8-4032-8f3c-1a34b58351c5}" },
	{ "at", "infinity" },
	{ "at", "now" },
	{ "at", "2023-02-29" },
	{ "at", "0000-01-01" },
	{ "at", "2024-02-29T24:00:00Z" },
	{ "at", "2024-06-30T23:59:60Z" },
	{ "at", "2024-02-29T10:00:00 Europe/Berlin" },
	{ "at", "2024-2-9" },
	{ "at", "2024-02-29T10:00:00+16" },
	{ "at", "2024-02-29T10:00:00 02:00" },
	{ "at", "2024-02-29T10:00:00.Z" },
	{ "at", "2024-02-29T" },
	{ "at", "+12024-01-01" },
	{ "local", "2024-01-01T10:00:00Z" },
	{ "day", "1900-02-29" },
	{ "day", "2024-04-31" },
	{ "day", "2024-01-01 BC" },
	{ "hour", "24:00" },
	{ "hour", "9:00" },
	{ "state", "NEW" },
	{ "doc", "{'a':1}" },
	{ "doc", "" },
	{ "raw", "\\x0" },
	{ "raw", "00" },
};

static const struct column *column(const char *name)
{
	return resource_column(test_resource(), str_c(name));
}

static void good_texts_pass(void)
{
	for (size_t i = 0; i < COUNT_OF(good); i++) {
		const char *fault = value_fault(column(good[i].column), str_c(good[i].text));
		if (fault)
			printf("%s: %s %s\n", good[i].column, good[i].text, fault);
		CU_ASSERT(fault == NULL);
	}
}

static void bad_texts_do_not(void)
{
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		const char *fault = value_fault(column(bad[i].column), str_c(bad[i].text));
		if (!fault)
			printf("%s takes %s\n", bad[i].column, bad[i].text);
		CU_ASSERT(fault != NULL);
	}
	CU_ASSERT(value_fault(column("body"), str_of("a\0b", 3)) != NULL);
}

static void json_is_never_coerced(void)
{
	static const struct sample right[] = {
		{ "n", "1" },
		{ "big", "-9223372036854775808" },
		{ "amount", "1.50" },
		{ "amount", "0.1000" },
		{ "amount", "-12345678.90" },
		{ "amount", "150e-2" },
		{ "amount", "1234e4" },
		{ "amount", "0" },
		{ "amount", "0.000e99" },
		{ "weight", "1000000000000000000000000000000" },
		{ "weight", "0.123456789012345678901234567890" },
		{ "ratio", "1e300" },
		{ "is_done", "false" },
		{ "name", "\"abcde\"" },
		{ "at", "\"2024-02-29T10:00:00Z\"" },
		{ "doc", "[1,null]" },
		{ "doc", "\"text\"" },
		{ "tags", "[]" },
		{ "raw", "\"\\\\xff\"" },
	};
	static const struct sample wrong[] = {
		{ "n", "\"1\"" },
		{ "n", "1.5" },
		{ "n", "1e3" },
		{ "n", "true" },
		{ "n", "2147483648" },
		{ "big", "9223372036854775808" },
		{ "amount", "\"1.5\"" },
		{ "amount", "1e400" },
		{ "amount", "1.005" },
		{ "amount", "1e-3" },
		{ "amount", "12345e-4" },
		{ "amount", "1e-99999999999999999999" },
		{ "amount", "123456789" },
		{ "amount", "1e8" },
		{ "amount", "1000000000000000000000000000000" },
		{ "amounts", "[1.5, 1.005]" },
		{ "half", "1e39" },
		{ "is_done", "\"true\"" },
		{ "is_done", "1" },
		{ "name", "5" },
		{ "name", "\"abcdef\"" },
		{ "at", "20240229" },
		{ "tags", "\"{a}\"" },
		{ "state", "\"lost\"" },
		{ "id", "\"x\"" },
		{ "raw", "\"ff\"" },
	};
	for (size_t i = 0; i < COUNT_OF(right) + COUNT_OF(wrong); i++) {
		bool fits = i < COUNT_OF(right);
		const struct sample *s = fits ? &right[i] : &wrong[i - COUNT_OF(right)];
		const struct json *v = json_parse(arena, str_c(s->text), &error);
		CU_ASSERT_PTR_NOT_NULL_FATAL(v);
		const char *fault = value_fault_json(column(s->column), v);
		if (fits != (fault == NULL))
			printf("%s: %s\n", s->column, s->text);
		CU_ASSERT_EQUAL(fits, fault == NULL);
	}
}

const struct unit_test value_tests[] = {
	TEST(good_texts_pass),
	TEST(bad_texts_do_not),
	TEST(json_is_never_coerced),
};
const size_t value_test_count = COUNT_OF(value_tests);

/* TXT records, against a name server that says what a test tells it to. */
#include "core/limits.h"
#include "domains/txt.h"
#include "support/names.h"
#include "support/unit.h"

#define RECORD "_tenantd-challenge.firm.example"
#define PROOF "tenantd-domain-verification=abc"

static const char *address;

static bool stops(void)
{
	return true;
}

/* Asks for RECORD and PROOF; "there", "absent" or "unknown", and why. */
static const char *found(bool (*should_stop)(void))
{
	static const char *const words[] = { "there", "absent", "unknown" };
	static char told[512];
	struct error err = ERROR_INIT;
	struct str why = STR("");
	struct arena *a = arena_new(LIMIT_REQUEST_POOL);
	struct txt_resolver *r = txt_open(a, str_c(address), &err);
	CU_ASSERT_PTR_NOT_NULL_FATAL(r);
	enum domain_record f = txt_look_up(r, STR(RECORD), STR(PROOF), should_stop, &why);
	snprintf(told, sizeof(told), "%s: %.*s", words[f], STR_ARG(why));
	txt_close(r);
	arena_free(a);
	return told;
}

static void a_name_that_does_not_exist_has_no_record(void)
{
	CU_ASSERT_STRING_EQUAL(found(NULL), "absent: " RECORD " has no TXT record");
}

static void a_record_must_be_the_same_to_the_last_byte(void)
{
	static const char *const others[] = { "", "tenantd-domain-verification=abcd",
		"tenantd-domain-verification=ab", " tenantd-domain-verification=abc",
		"TENANTD-DOMAIN-VERIFICATION=ABC", "v=spf1 -all" };
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		names_add(RECORD, others[i]);
	CU_ASSERT_STRING_EQUAL(found(NULL), "absent: " RECORD " has TXT records, and none of the 6 says this");
	names_add(RECORD, PROOF);
	names_add(RECORD, "one more");
	CU_ASSERT_STRING_EQUAL(found(NULL), "there: ");
	names_remove(RECORD);
}

static void the_strings_of_one_record_are_joined_and_those_of_two_are_not(void)
{
	names_add(RECORD, "tenantd-domain-|verification=|abc");
	CU_ASSERT_STRING_EQUAL(found(NULL), "there: ");
	names_remove(RECORD);
	names_add(RECORD, "tenantd-domain-verification=");
	names_add(RECORD, "abc");
	CU_ASSERT_STRING_EQUAL(found(NULL), "absent: " RECORD " has TXT records, and none of the 2 says this");
	names_remove(RECORD);
}

static void a_name_server_that_fails_says_nothing(void)
{
	static const enum names_fault faults[] = { NAMES_FAIL, NAMES_SILENT, NAMES_BROKEN, NAMES_OTHER };
	names_add(RECORD, PROOF);
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		names_fault(faults[i]);
		CU_ASSERT_NSTRING_EQUAL(found(NULL), "unknown: DNS did not answer", 27);
	}
	names_fault(NAMES_GOOD);
	CU_ASSERT_STRING_EQUAL(found(NULL), "there: ");
	names_remove(RECORD);
}

static void who_must_stop_does_not_wait(void)
{
	names_fault(NAMES_SILENT);
	CU_ASSERT_NSTRING_EQUAL(found(stops), "unknown: ", 9);
	names_fault(NAMES_GOOD);
}

static void servers_that_are_none_are_refused(void)
{
	struct error err = ERROR_INIT;
	struct arena *a = arena_new(LIMIT_REQUEST_POOL);
	CU_ASSERT_PTR_NULL(txt_open(a, STR("nowhere"), &err));
	CU_ASSERT(strstr(err.operator, "the resolver cannot be set up") != NULL);
	arena_free(a);
}

int main(void)
{
	static const struct unit_test tests[] = {
		TEST(a_name_that_does_not_exist_has_no_record),
		TEST(a_record_must_be_the_same_to_the_last_byte),
		TEST(the_strings_of_one_record_are_joined_and_those_of_two_are_not),
		TEST(a_name_server_that_fails_says_nothing),
		TEST(who_must_stop_does_not_wait),
		TEST(servers_that_are_none_are_refused),
	};
	address = names_begin();
	return unit_main("domains", tests, sizeof(tests) / sizeof(tests[0]));
}

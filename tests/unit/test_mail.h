/* The tests of the room mail, in three files; what they share. */
#ifndef TENANTD_TEST_MAIL_H
#define TENANTD_TEST_MAIL_H

#include "core/config.h"
#include "support/unit.h"

extern struct arena *arena;
extern char scratch[64]; /* a folder of this run */

/* A configuration with the shipped templates, which spools into the scratch folder. */
struct config mail_config(void);
bool holds(struct str text, const char *part);

/* The tests of each file as X(name). */
#define MAIL_TESTS(X)                                                                                        \
	X(values_take_the_place_of_their_names)                                                                  \
	X(values_are_never_read_as_templates)                                                                    \
	X(values_are_escaped_in_html_alone)                                                                      \
	X(values_lose_what_is_invisible)                                                                         \
	X(line_that_shows_nothing_is_left_out)                                                                   \
	X(brace_without_a_name_is_a_brace)                                                                       \
	X(name_without_a_value_is_refused)                                                                       \
	X(every_kind_has_its_templates)                                                                          \
	X(link_begins_with_the_configured_url)                                                                   \
	X(link_leads_into_the_tenant_and_the_env_of_the_mail)                                                    \
	X(time_is_shown_as_people_read_it)                                                                       \
	X(mail_that_cannot_be_rendered_says_why_and_no_secret)                                                   \
	X(template_of_another_folder_is_taken)                                                                   \
	X(message_has_these_headers_and_two_parts)                                                               \
	X(hostile_names_stay_inside_their_header)                                                                \
	X(subject_that_looks_encoded_is_encoded)                                                                 \
	X(encoded_words_fit_and_divide_no_character)                                                             \
	X(long_subject_is_cut)                                                                                   \
	X(body_beyond_ascii_is_quoted_printable)                                                                 \
	X(body_cannot_end_its_part)                                                                              \
	X(address_that_is_none_is_refused)                                                                       \
	X(spool_has_whole_messages_of_the_owner_alone)                                                           \
	X(sendmail_gets_the_message_and_nothing_else)                                                            \
	X(recipient_is_never_an_option_or_a_command)                                                             \
	X(exit_status_decides_whether_to_try_again)                                                              \
	X(program_that_does_not_end_is_ended_with_its_children)                                                  \
	X(delivery_that_cannot_work_is_known_before)

#define X(name) void name(void);
MAIL_TESTS(X)
#undef X

#endif

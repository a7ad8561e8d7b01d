/* tenantctl mail: sends the mail that is due, and shows the outbox. What a mail says is never shown, because secrets are in it. */
#include "ctl.h"

#include "mail/post.h"

#include <stdio.h>

enum ctl_status ctl_mail_run(struct ctl *ctl)
{
	struct error err = ERROR_INIT;
	struct mail_tally tally = { 0 };
	int64_t limit = 0;
	if (!ctl_limit(ctl, "mails", &limit))
		return CTL_USAGE;
	if (!ctl_connect_for_errands(ctl, &err) || !mail_is_ready(&ctl->config, &err))
		return ctl_fail(&err);
	bool good = mail_run(ctl->db, &ctl->config, limit, NULL, &tally, &err);
	printf("%lld sent, %lld to be tried again, %lld given up\n", (long long)tally.sent,
		(long long)tally.later, (long long)tally.dead);
	return good ? CTL_OK : ctl_fail(&err);
}

enum { ID, ENV, STATE, ATTEMPTS, CREATED, KIND, RECIPIENT, ERROR, WHOLE };

#define MAILS                                                                                                \
	"SELECT id, env, state, attempts, to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI'), kind,"   \
	" recipient, coalesce(error, ''), row_to_json(m) FROM tenantd.operator_mail($1::tenantd.env, $2, $3) m"

static void print_mails(struct arena *a, const struct rows *rows)
{
	printf("%-36s  %-7s  %-6s  %5s  %-16s  %-18s  %s\n", "id", "env", "state", "tries", "queued (UTC)",
		"kind", "recipient");
	for (size_t i = 0; i < rows->count; i++) {
		struct str why = ctl_clean(a, rows_value(rows, i, ERROR, NULL));
		printf("%-36.*s  %-7.*s  %-6.*s  %5.*s  %-16.*s  %-18.*s  %.*s%s%.*s\n",
			STR_ARG(rows_value(rows, i, ID, NULL)), STR_ARG(rows_value(rows, i, ENV, NULL)),
			STR_ARG(rows_value(rows, i, STATE, NULL)), STR_ARG(rows_value(rows, i, ATTEMPTS, NULL)),
			STR_ARG(rows_value(rows, i, CREATED, NULL)), STR_ARG(rows_value(rows, i, KIND, NULL)),
			STR_ARG(ctl_clean(a, rows_value(rows, i, RECIPIENT, NULL))), why.len > 0 ? "  " : "",
			STR_ARG(why));
	}
}

enum ctl_status ctl_mail_list(struct ctl *ctl)
{
	static const char *const states[] = { "queued", "sent", "dead" };
	struct error err = ERROR_INIT;
	struct rows rows;
	int64_t limit = LIMIT_PAGE_DEFAULT;
	const char *state = ctl_option(ctl, "--state");
	bool is_state = !state;
	for (size_t i = 0; i < COUNT_OF(states) && !is_state; i++)
		is_state = strcmp(state, states[i]) == 0;
	if (!is_state)
		return ctl_misused(ctl, "'%s' is no state: queued, sent or dead", state);
	struct value values[3] = { VALUE_NULL, value_or_null(str_c(state)) };
	if (!ctl_limit(ctl, "mails", &limit) || !ctl_env(ctl, &values[0]))
		return CTL_USAGE;
	values[2] = VALUE(arena_printf(ctl->arena, "%lld", (long long)limit));
	if (!ctl_connect(ctl, &err) ||
		!db_query(ctl->db, ctl->arena, MAILS, values, COUNT_OF(values), &rows, &err))
		return ctl_fail(&err);
	if (ctl_option(ctl, "--json"))
		ctl_print_json_rows(&rows, WHOLE);
	else
		print_mails(ctl->arena, &rows);
	return CTL_OK;
}

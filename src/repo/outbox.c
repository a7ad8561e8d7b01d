/* The calls of the sender of mail. */
#include "repo/outbox.h"

#include "repo/envs.h"

/* A sender must not take the mail of another env: its links would lead to the wrong server. */
bool outbox_next(struct db *db, struct arena *a, const struct config *c, struct outbox_mail *mail,
	bool *found, struct error *err)
{
	struct rows rows;
	const struct value values[] = { VALUE(envs_served(a, c)),
		VALUE(arena_printf(a, "%lld", (long long)c->mail.attempts)),
		VALUE(arena_printf(a, "%d s", LIMIT_MAIL_LEASE_S)) };
	if (!db_query(db, a,
			"SELECT id, kind, recipient, params, attempt, env FROM tenantd.mail_next($1::tenantd.env[], $2, $3)",
			values, COUNT_OF(values), &rows, err))
		return false;
	*found = rows.count > 0;
	if (!*found)
		return true;
	mail->kind = rows_value(&rows, 0, 1, NULL);
	mail->recipient = rows_value(&rows, 0, 2, NULL);
	mail->params = rows_value(&rows, 0, 3, NULL);
	mail->env = rows_value(&rows, 0, 5, NULL);
	return (uuid_parse(rows_value(&rows, 0, 0, NULL), &mail->id) &&
			   str_to_int64(rows_value(&rows, 0, 4, NULL), &mail->attempt)) ||
		error_log(err, ERR_INTERNAL, "the outbox gave a mail without an id");
}

bool outbox_tried(struct db *db, struct arena *a, const struct outbox_mail *mail, const char *problem,
	bool give_up, struct str *state, struct error *err)
{
	struct rows rows;
	const struct value values[] = { VALUE_C(mail->id.text),
		VALUE(arena_printf(a, "%lld", (long long)mail->attempt)), value_or_null(str_c(problem)),
		VALUE_C(give_up ? "true" : "false") };
	if (!db_query(db, a, "SELECT tenantd.mail_tried($1, $2, $3, $4)", values, COUNT_OF(values), &rows, err))
		return false;
	*state = rows.count > 0 ? rows_value(&rows, 0, 0, NULL) : STR("");
	return true;
}

bool outbox_forget(struct db *db, struct arena *a, const struct config *c, struct error *err)
{
	struct rows rows;
	const struct value values[] = { VALUE(envs_served(a, c)),
		VALUE(arena_printf(a, "%lld s", (long long)c->mail.keep)) };
	return db_query(db, a, "SELECT tenantd.mail_forget($1::tenantd.env[], now() - $2::interval)", values,
		COUNT_OF(values), &rows, err);
}

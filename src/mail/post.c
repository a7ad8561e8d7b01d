/* The run over the mail that is due. Must never write to the log what a mail says or to whom it goes. */
#include "mail/post.h"

#include "core/clock.h"
#include "core/log.h"
#include "mail/deliver.h"
#include "mail/message.h"
#include "mail/render.h"
#include "repo/outbox.h"

bool mail_is_ready(const struct config *c, struct error *err)
{
	return delivery_is_ready(c, err) && mail_templates_are_good(c, err);
}

/* What cannot be written now cannot be written later: DELIVERY_NEVER. */
static enum delivery send(
	struct arena *a, const struct config *c, const struct outbox_mail *mail, struct error *err)
{
	struct buf b;
	struct mail_message message = { .from = c->mail.from,
		.from_name = c->mail.from_name,
		.to = mail->recipient,
		.id = mail->id,
		.at = clock_unix_s() };
	const struct mail what = { mail->env, mail->kind, mail->params };
	buf_init(&b, a, LIMIT_MAIL);
	if (!mail_render(a, c, &what, &message.parts, err) || !message_write(&b, &message, err))
		return DELIVERY_NEVER;
	const struct parcel parcel = { mail->id, mail->kind, mail->recipient, buf_str(&b), LIMIT_SENDMAIL_MS };
	return deliver(a, c, &parcel, err);
}

static void note(
	const struct outbox_mail *mail, struct str state, const char *problem, struct mail_tally *tally)
{
	const struct log_field fields[] = { LOG_C("mail", mail->id.text), LOG_STR("kind", mail->kind),
		LOG_INT("attempt", mail->attempt), LOG_C("why", problem) };
	if (str_eq(state, STR("sent"))) {
		tally->sent++;
		log_event(LOG_LEVEL_INFO, "mail.sent", fields, COUNT_OF(fields));
	} else if (str_eq(state, STR("dead"))) {
		tally->dead++;
		log_event(LOG_LEVEL_ERROR, "mail.given_up", fields, COUNT_OF(fields));
	} else if (str_eq(state, STR("queued"))) {
		tally->later++;
		log_event(LOG_LEVEL_WARN, "mail.not_sent", fields, COUNT_OF(fields));
	} else
		log_event(LOG_LEVEL_WARN, "mail.taken_over", fields, COUNT_OF(fields));
}

static bool send_next(struct db *db, struct arena *a, const struct config *c, struct mail_tally *tally,
	bool *found, struct error *err)
{
	struct outbox_mail mail;
	struct error why = ERROR_INIT;
	struct str state;
	if (!outbox_next(db, a, c, &mail, found, err))
		return false;
	if (!*found)
		return true;
	enum delivery how = send(a, c, &mail, &why);
	bool give_up = how == DELIVERY_NEVER || mail.attempt >= c->mail.attempts;
	const char *problem = how == DELIVERY_DONE ? "" : why.operator;
	if (!outbox_tried(db, a, &mail, problem, give_up, &state, err))
		return false;
	note(&mail, state, problem, tally);
	return true;
}

bool mail_run(struct db *db, const struct config *c, int64_t limit, bool (*should_stop)(void),
	struct mail_tally *tally, struct error *err)
{
	struct arena *a = arena_new(LIMIT_REQUEST_POOL);
	bool found = true, good = true;
	*tally = (struct mail_tally){ 0 };
	for (int64_t n = 0; good && found && (limit == 0 || n < limit); n++) {
		if (should_stop && should_stop())
			break;
		good = send_next(db, a, c, tally, &found, err);
		arena_reset(a); /* overwrites the secrets */
	}
	good = good && outbox_forget(db, a, c, err);
	arena_free(a);
	return good;
}

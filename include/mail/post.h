/*
 * Sends the mail that is due, one mail after the other: takes it from the outbox, renders it, gives it away, and says in
 * the outbox how that ended. Several may do so at once. A mail that failed is tried again after a pause, and given up
 * after [mail] attempts, or at once when no attempt could be better.
 */
#ifndef TENANTD_MAIL_POST_H
#define TENANTD_MAIL_POST_H

#include "core/config.h"
#include "db/conn.h"

struct mail_tally {
	int64_t sent, later, dead;
};

/* False, before a mail is taken, when no mail at all could be sent: what [mail] names is not there, or a template
 * is not good. */
MUST_CHECK bool mail_is_ready(const struct config *c, struct error *err);
/* Stops when none is due, after `limit` mails (0: no bound), and between two mails when `should_stop` says so (NULL:
 * never). False when it cannot go on, such as when the database is lost; the tally is right in any case. */
MUST_CHECK bool mail_run(struct db *db, const struct config *c, int64_t limit, bool (*should_stop)(void),
	struct mail_tally *tally, struct error *err);

#endif

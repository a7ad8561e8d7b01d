/*
 * The outbox of mail, as its sender sees it: through the functions of db/functions/mail.sql, as tenantd_errands. The outbox
 * belongs to no tenant, so there is no context here.
 */
#ifndef TENANTD_REPO_OUTBOX_H
#define TENANTD_REPO_OUTBOX_H

#include "core/config.h"
#include "core/uuid.h"
#include "db/pipeline.h"

struct outbox_mail {
	struct uuid id;
	struct str env, kind, recipient;
	struct str params; /* JSON, with secrets in it */
	int64_t attempt; /* the first is 1 */
};

/* Takes the mail that has waited longest among those of the envs that are served here. *found is false when none is
 * due. */
MUST_CHECK bool outbox_next(struct db *db, struct arena *a, const struct config *c, struct outbox_mail *mail,
	bool *found, struct error *err);
/* Says how the attempt ended: `problem` is "" when the mail was sent. *state is "sent", "queued" or "dead"; "" when the mail was
 * another sender's by now. */
MUST_CHECK bool outbox_tried(struct db *db, struct arena *a, const struct outbox_mail *mail,
	const char *problem, bool give_up, struct str *state, struct error *err);
/* Forgets the mails that ended more than [mail] keep ago. */
MUST_CHECK bool outbox_forget(struct db *db, struct arena *a, const struct config *c, struct error *err);

#endif

/*
 * Gives one message away: to the program of [mail] sendmail, or as a file to the folder of [mail] spool. The program is
 * started without a shell, as PROGRAM OPTIONS -f FROM -- RECIPIENT, with the message as its standard input, a bare
 * environment (no variable of ours, for they may hold passwords) and no other open file. Its exit status is read as
 * sysexits.h has it.
 */
#ifndef TENANTD_MAIL_DELIVER_H
#define TENANTD_MAIL_DELIVER_H

#include "core/config.h"
#include "core/uuid.h"

enum delivery {
	DELIVERY_DONE,
	DELIVERY_LATER, /* it may work another time */
	DELIVERY_NEVER /* the recipient or the message is refused for good */
};

/* A mail that is ready to go. */
struct parcel {
	struct uuid id;
	struct str kind, recipient, message;
	int patience_ms; /* after this time the program is killed */
};

/* False when no mail can be given away now, whatever mail it is: the program or the folder is not there. */
MUST_CHECK bool delivery_is_ready(const struct config *c, struct error *err);
/* `err` says why when it is not DELIVERY_DONE; nothing of the message is in it. */
enum delivery deliver(
	struct arena *a, const struct config *c, const struct parcel *parcel, struct error *err);

#endif

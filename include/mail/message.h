/*
 * Writes a mail as programs pass it on (RFC 5322, 2045 to 2047): headers, and the text and the HTML as two
 * alternatives. Lines end with LF, as the sendmail interface and an .eml file want it. Whatever the parts hold,
 * the message has these headers and no others, and all of it is ASCII (T123): a header that is not plain ASCII, or
 * would be too long, is an encoded word, and a body that is not is quoted-printable.
 */
#ifndef TENANTD_MAIL_MESSAGE_H
#define TENANTD_MAIL_MESSAGE_H

#include "core/buf.h"
#include "core/error.h"
#include "core/uuid.h"
#include "mail/render.h"

struct mail_message {
	struct str from, from_name; /* an address, and "" or a name */
	struct str to;
	struct mail_parts parts;
	/* Of the mail in the outbox. It makes the Message-ID, so a mail that is sent twice is known by it. */
	struct uuid id;
	int64_t at; /* when it is sent, seconds since 1970 */
};

/* False, with a text for the operator, when `from` or `to` is no address that every mail server takes (ASCII, without
 * quoted parts), or the message is too long. */
MUST_CHECK bool message_write(struct buf *b, const struct mail_message *m, struct error *err);

#endif

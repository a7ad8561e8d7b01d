/*
 * The kinds of mail, in one table: what each one may show and where its link leads. A kind is queued by name in
 * the database (tenantd.mail_queue), and its two templates have that name. A test compares the table with the
 * templates that are shipped and with what the functions of the database queue.
 */
#ifndef TENANTD_MAIL_KINDS_H
#define TENANTD_MAIL_KINDS_H

#include "core/str.h"

struct mail_kind {
	const char *name;
	const char *params; /* what the act that queues it tells, separated by spaces */
	/* The path of {link} behind [server] public_url; NULL: there is no link. The env of the mail follows, so that its
	 * reader signs in to the right one; then the token, when the mail has one, as the fragment, which a browser does
	 * not send: so it is in no log of a server and in no Referer. */
	const char *link;
	bool is_in_tenant; /* the path is one below the pages of the tenant, whose id stands in params */
};

const struct mail_kind *mail_kinds(size_t *count);
/* NULL when there is no such kind. */
const struct mail_kind *mail_kind_find(struct str name);

#endif

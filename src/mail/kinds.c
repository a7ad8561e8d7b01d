/* The table of the kinds of mail. A kind that is not here is not sent. */
#include "mail/kinds.h"

static const struct mail_kind kinds[] = {
	{ "account_exists", "", NULL },
	{ "account_made", "tenant_name token expires_at", "/console/reset" },
	{ "domain_missing", "tenant_name domain record value until", NULL },
	{ "email_verify", "token expires_at", "/console/verify" },
	{ "invitation", "tenant_name inviter role token expires_at", "/console/accept" },
	{ "join_approved", "tenant_name role", NULL },
	{ "join_rejected", "tenant_name", NULL },
	{ "join_requested", "tenant_name asker email unverified_email message", NULL },
	{ "ownership_offered", "tenant_name offerer expires_at", NULL },
	{ "password_changed", "at", NULL },
	{ "password_reset", "token expires_at", "/console/reset" },
};

const struct mail_kind *mail_kinds(size_t *count)
{
	*count = COUNT_OF(kinds);
	return kinds;
}

const struct mail_kind *mail_kind_find(struct str name)
{
	for (size_t i = 0; i < COUNT_OF(kinds); i++)
		if (str_eq(name, str_c(kinds[i].name)))
			return &kinds[i];
	return NULL;
}

/* The table of the kinds of mail. A kind that is not here is not sent. */
#include "mail/kinds.h"

static const struct mail_kind kinds[] = {
	{ "account_exists", "", "/console/signin", false },
	{ "account_made", "tenant_name token expires_at", "/console/reset", false },
	{ "domain_missing", "tenant_name domain record value until", NULL, false },
	{ "email_verify", "token expires_at", "/console/verify", false },
	{ "invitation", "tenant_name inviter role token expires_at", "/console/accept", false },
	{ "join_approved", "tenant_name tenant_id role", "", true },
	{ "join_rejected", "tenant_name", NULL, false },
	{ "join_requested", "tenant_name tenant_id asker email unverified_email message", "/requests", true },
	{ "ownership_offered", "tenant_name tenant_id offerer expires_at", "", true },
	{ "password_changed", "at", "/console/forgot", false },
	{ "password_reset", "token expires_at", "/console/reset", false },
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

/* All verbs, one line for each file of src/repo that has their statements. */
#ifndef TENANTD_REPO_VERBS_H
#define TENANTD_REPO_VERBS_H

#include "repo/verb.h"

extern const struct verb identity_bootstrap, identity_me; /* identity.c */
extern const struct verb account_salt, account_open, account_ask, account_enter, session_refresh,
	session_switch, session_list, session_end, session_logout, session_logout_everywhere, password_change,
	password_reset_request, password_reset, email_verify_request, email_verify; /* accounts.c */
extern const struct verb tenant_get, tenant_change, onboarding_get, onboarding_step,
	onboarding_complete; /* tenants.c */
extern const struct verb member_list, member_get, member_change, member_remove, member_leave; /* members.c */
extern const struct verb invitation_list, invitation_get, invitation_create, invitation_create_many,
	invitation_resend, invitation_revoke, invitation_accept, invitation_decline, my_invitation_accept,
	my_invitation_decline, my_invitation_list; /* invitations.c */
extern const struct verb join_list, join_approve, join_reject, join_ask, join_withdraw,
	my_join_list; /* join_requests.c */
extern const struct verb api_key_list, api_key_create, api_key_revoke; /* api_keys.c */
extern const struct verb domain_list, domain_add, domain_get, domain_change, domain_verify,
	domain_remove; /* domains.c */
extern const struct verb audit_list, audit_access, audit_activity; /* audit.c */
extern const struct verb ownership_list, ownership_offer, ownership_accept, ownership_decline,
	ownership_withdraw; /* ownership.c */
extern const struct verb admin_tenant_list, admin_tenant_create, admin_tenant_get, admin_tenant_rename,
	admin_tenant_suspend, admin_tenant_reactivate, admin_tenant_close, admin_tenant_reopen, admin_member_list,
	admin_member_put, admin_audit_list, admin_event_list, admin_user_list, admin_user_get, admin_reassign,
	admin_activity; /* administration.c */

#endif

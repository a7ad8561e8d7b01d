/* All verbs, one line for each file of src/repo that has their statements. */
#ifndef TENANTD_REPO_VERBS_H
#define TENANTD_REPO_VERBS_H

#include "repo/verb.h"

extern const struct verb identity_bootstrap, identity_me; /* identity.c */
extern const struct verb tenant_get, tenant_change, onboarding_get, onboarding_complete; /* tenants.c */
extern const struct verb member_list, member_get, member_change, member_remove, member_leave; /* members.c */
extern const struct verb invitation_list, invitation_get, invitation_create, invitation_create_many,
	invitation_resend, invitation_revoke, invitation_accept, invitation_decline,
	my_invitation_list; /* invitations.c */
extern const struct verb join_list, join_approve, join_reject, join_ask, join_withdraw,
	my_join_list; /* join_requests.c */
extern const struct verb audit_list; /* audit.c */

#endif

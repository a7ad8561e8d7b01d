/* The handlers of every family, for the route table (app/routes). */
#ifndef TENANTD_API_HANDLERS_H
#define TENANTD_API_HANDLERS_H

#include "api/call.h"

handler api_bootstrap, api_me; /* api/auth.c */
handler api_tenant_get, api_tenant_patch, api_onboarding_get, api_onboarding_complete; /* api/tenant.c */
handler api_member_list, api_member_get, api_member_patch, api_member_delete,
	api_member_leave; /* api/members.c */
handler api_audit_list; /* api/audit.c */
handler api_resources, api_data_list, api_data_create, api_data_change_many,
	api_data_remove_many; /* api/data.c */
handler api_data_show, api_data_change, api_data_replace, api_data_remove, api_data_act, api_data_act_on_all;
handler api_content_show, api_content_put, api_content_remove; /* api/content.c */

#endif

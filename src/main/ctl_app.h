/* What those commands share that look at the database as the workers do. */
#ifndef TENANTD_MAIN_CTL_APP_H
#define TENANTD_MAIN_CTL_APP_H

#include "ctl.h"
#include "repo/gate.h"

/* Connects as the workers' role ([database] url) in place of any connection there was, as the user that serves: see
 * ctl_act_as_server. After ctl_configure. */
MUST_CHECK bool ctl_connect_app(struct ctl *ctl, struct error *err);
/* The isolation gate over that connection. */
MUST_CHECK bool ctl_gate(struct ctl *ctl, struct gate_report *report, struct error *err);

enum ctl_status ctl_isolation_check(struct ctl *ctl);
enum ctl_status ctl_doctor(struct ctl *ctl);
enum ctl_status ctl_routes(struct ctl *ctl);
enum ctl_status ctl_resources(struct ctl *ctl);
enum ctl_status ctl_openapi(struct ctl *ctl);

#endif

/* tenantctl isolation-check: runs the isolation gate as a worker does, with the role that serves, and
 * mends what it finds. */
#include "ctl_app.h"

#include <stdio.h>

static void write_check(struct buf *b, const struct gate_check *c)
{
	bool held = str_is_empty(c->finding);
	const struct {
		const char *name;
		struct str value;
	} fields[] = {
		{ "object", c->object },
		{ "attempt", c->attempt },
		{ "finding", c->finding },
		{ "stops", held ? STR("") : str_c(gate_stops_name(c->stops)) },
		{ "mend", c->mend },
		{ "mend_as", c->mend_as },
	};
	json_write_line(b);
	json_write_open(b, NULL, '{');
	for (size_t i = 0; i < COUNT_OF(fields); i++) {
		if (str_is_empty(fields[i].value))
			json_write_raw(b, fields[i].name, "null");
		else
			json_write_text(b, fields[i].name, fields[i].value);
	}
	json_write_close(b, '}');
}

static enum ctl_status print_json(struct arena *a, const struct gate_report *report)
{
	struct buf b;
	buf_init(&b, a, LIMIT_RESPONSE);
	json_write_open(&b, NULL, '[');
	for (size_t i = 0; i < report->count; i++)
		write_check(&b, &report->checks[i]);
	json_write_close(&b, ']');
	return ctl_print_json(&b);
}

static void print_text(const struct gate_check *c)
{
	static const char *const words[] = { "note", "CLOSED", "OPEN" };
	bool held = str_is_empty(c->finding);
	printf("%-6s %.*s: %.*s%s%.*s\n", held ? "held" : words[c->stops], STR_ARG(c->object),
		STR_ARG(c->attempt), held ? "" : ": ", STR_ARG(c->finding));
	if (!held && !str_is_empty(c->mend))
		printf("       mend, as %.*s: %.*s\n", STR_ARG(c->mend_as), STR_ARG(c->mend));
}

/* Runs the SQL that mends a finding, as the role that may run it. This tool cannot log in as a superuser,
 * so that such findings are left to a person. */
static bool mend(struct ctl *ctl, const struct gate_check *c, struct error *err)
{
	if (str_eq(c->mend_as, STR("superuser")))
		return error_log(err, ERR_FORBIDDEN, "only a superuser may run it");
	bool is_own = str_eq(c->mend_as, STR("tenantd_app"));
	if (!(is_own ? ctl_connect_app(ctl, err) : ctl_connect(ctl, err)))
		return false;
	struct str script = is_own ? c->mend
							   : arena_printf(ctl->arena, "BEGIN; SET LOCAL ROLE %.*s; %.*s; COMMIT",
									 STR_ARG(c->mend_as), STR_ARG(c->mend));
	return db_script(ctl->db, ctl->arena, script, NULL, err);
}

static void mend_all(struct ctl *ctl, const struct gate_report *report)
{
	for (size_t i = 0; i < report->count; i++) {
		const struct gate_check *c = &report->checks[i];
		struct error err = ERROR_INIT;
		if (!gate_is_mendable(c))
			continue;
		bool ok = mend(ctl, c, &err);
		printf("%s %.*s: %.*s%s%s\n", ok ? "mended" : "left  ", STR_ARG(c->object), STR_ARG(c->mend),
			ok ? "" : ": ", ok ? "" : err.operator);
	}
}

static void print_report(const struct gate_report *report, bool all)
{
	for (size_t i = 0; i < report->count; i++)
		if (!str_is_empty(report->checks[i].finding) || all)
			print_text(&report->checks[i]);
	if (report->findings == 0)
		printf("isolated: %zu checks, every wall held\n", report->count);
	else if (report->open == 0)
		printf("isolated: every wall held; %zu of %zu checks found something else\n", report->findings,
			report->count);
	else
		printf("NOT isolated: %zu of %zu checks found an opening; workers refuse to serve\n", report->open,
			report->count);
}

enum ctl_status ctl_isolation_check(struct ctl *ctl)
{
	struct error err = ERROR_INIT;
	struct gate_report report;
	bool json = ctl_option(ctl, "--json") != NULL, mends = ctl_option(ctl, "--mend") != NULL;
	if (!ctl_configure(ctl, &err) || !ctl_gate(ctl, &report, &err))
		return ctl_fail(&err);
	if (mends && report.findings > 0) {
		mend_all(ctl, &report);
		if (!ctl_gate(ctl, &report, &err))
			return ctl_fail(&err);
	}
	if (!json)
		print_report(&report, ctl_option(ctl, "--all") != NULL);
	else if (print_json(ctl->arena, &report) != CTL_OK)
		return CTL_FAILED;
	return report.findings == 0 ? CTL_OK : CTL_FAILED;
}

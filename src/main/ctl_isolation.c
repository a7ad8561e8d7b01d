/* tenantctl isolation-check: the isolation gate as a worker runs it, with the very role that serves. */
#include "core/buf.h"
#include "ctl_app.h"

#include <stdio.h>

static void print_check_json(struct arena *a, const struct gate_check *c, bool is_first)
{
	struct buf b;
	buf_init(&b, a, LIMIT_BODY);
	buf_add_c(&b, is_first ? "{\"object\":" : ",\n{\"object\":");
	buf_add_json(&b, c->object);
	buf_add_c(&b, ",\"attempt\":");
	buf_add_json(&b, c->attempt);
	buf_add_c(&b, ",\"finding\":");
	if (str_is_empty(c->finding))
		buf_add_c(&b, "null");
	else
		buf_add_json(&b, c->finding);
	buf_add_char(&b, '}');
	printf("%.*s", STR_ARG(buf_str(&b)));
}

enum ctl_status ctl_isolation_check(struct ctl *ctl)
{
	struct error err = ERROR_INIT;
	struct gate_report report;
	bool json = ctl_option(ctl, "--json") != NULL, all = ctl_option(ctl, "--all") != NULL;
	if (!ctl_configure(ctl, &err) || !ctl_gate(ctl, &report, &err))
		return ctl_fail(&err);
	if (json)
		putchar('[');
	for (size_t i = 0; i < report.count; i++) {
		const struct gate_check *c = &report.checks[i];
		bool held = str_is_empty(c->finding);
		if (json)
			print_check_json(ctl->arena, c, i == 0);
		else if (!held || all)
			printf("%-5s %.*s: %.*s%s%.*s\n", held ? "held" : "OPEN", STR_ARG(c->object), STR_ARG(c->attempt),
				held ? "" : ": ", STR_ARG(c->finding));
	}
	if (json)
		puts("]");
	else if (report.findings == 0)
		printf("isolated: %zu checks, every wall held\n", report.count);
	else
		printf("NOT isolated: %zu of %zu checks found an opening; workers refuse to serve\n", report.findings,
			report.count);
	return report.findings == 0 ? CTL_OK : CTL_FAILED;
}

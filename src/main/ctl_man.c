/*
 * tenantctl man: the manual pages as troff (man(7)). tenantctl(1) comes from the table of commands and tenantd.conf(5) from that
 * of the keys, so that they cannot say anything else than the programs do; tenantd(8) and the rest is text.
 */
#include "config.h"

#include "ctl.h"

#include <stdio.h>

#define TEXT(a, ...) arena_cstr(a, arena_printf(a, __VA_ARGS__))

/* A dot or an apostrophe at the start of a line would be a request to troff, a backslash begins an escape, and a plain
 * hyphen may be broken or printed as another sign. */
static void put_text(const char *text)
{
	bool is_line_start = true;
	for (const char *at = text; *at; at++) {
		if (is_line_start && (*at == '.' || *at == '\''))
			fputs("\\&", stdout);
		if (*at == '\\')
			fputs("\\e", stdout);
		else if (*at == '-')
			fputs("\\-", stdout);
		else
			putchar(*at);
		is_line_start = *at == '\n';
	}
}

static void put_line(const char *text)
{
	put_text(text);
	putchar('\n');
}

static void begin(const char *name, const char *section, const char *what)
{
	printf(".TH %s %s \"\" \"tenantd " PACKAGE_VERSION "\"\n.SH NAME\n%s \\- ", name, section, name);
	put_line(what);
}

static void put_section(const char *title, const char *text)
{
	printf(".SH \"%s\"\n", title);
	if (text[0])
		put_line(text);
}

/* An entry of a list: its first line in bold, then the text. */
static void put_entry(const char *title, const char *text)
{
	fputs(".TP\n.B ", stdout);
	put_line(title);
	put_line(text);
}

static void print_files(void)
{
	put_section("FILES", "");
	put_entry(SYSCONFDIR "/tenantd/tenantd.ini", "The configuration, see tenantd.conf(5).");
	put_entry(PKGDATADIR,
		"Migrations, templates of mail, files that web servers include, an example configuration.");
}

static void print_tenantd(struct arena *a)
{
	static const struct {
		const char *title, *text;
	} options[] = {
		{ "-c, --config FILE", "The configuration. Without it, $TENANTD_CONFIG names it." },
		{ "-t, --check",
			"Read the configuration and every key file that it names, say what is wrong, and leave." },
		{ "--help-config", "Print every key of the configuration." },
		{ "-h, --help", "Print the options." },
		{ "-V, --version", "Print the version." },
	}, signals[] = {
		{ "SIGHUP",
			"Read the configuration and the keys again, open the log file again, and replace each worker once a new one "
			"serves. No request is dropped. A configuration that is refused changes nothing." },
		{ "SIGTERM, SIGINT", "Finish the requests that have begun, and leave." },
	}, statuses[] = {
		{ "0", "It left after a signal." },
		{ "64", "It was called wrongly." },
		{ "69", "The socket, the user or the pid file cannot be used." },
		{ "78", "The configuration was refused." },
	};
	(void)a;
	begin("tenantd", "8", "the tenancy layer behind a web server");
	put_section("SYNOPSIS", "tenantd [--config FILE] [--check]");
	put_section("DESCRIPTION",
		"A pool of FastCGI workers with one database connection each. It verifies tokens, knows tenants, users, "
		"memberships and roles, serves registered tables as resources of a tenant, and leaves an audit row for every "
		"change. It runs in the foreground. When a service manager opened its socket (sd_listen_fds(3)), it takes that "
		"one; it tells the manager when it is ready (sd_notify(3)) and gives signs of life.");
	put_section("OPTIONS", "");
	for (size_t i = 0; i < COUNT_OF(options); i++)
		put_entry(options[i].title, options[i].text);
	put_section("SIGNALS", "");
	for (size_t i = 0; i < COUNT_OF(signals); i++)
		put_entry(signals[i].title, signals[i].text);
	put_section("EXIT STATUS", "");
	for (size_t i = 0; i < COUNT_OF(statuses); i++)
		put_entry(statuses[i].title, statuses[i].text);
	print_files();
	put_section("SEE ALSO", "tenantctl(1), tenantd.conf(5)");
}

static void print_tenantctl(struct arena *a)
{
	size_t count;
	const struct ctl_command *commands = ctl_commands(&count);
	begin("tenantctl", "1", "the tool of the operator of tenantd");
	put_section("SYNOPSIS", "tenantctl COMMAND [--config FILE] [OPTION]...");
	put_section("DESCRIPTION",
		"Reads the configuration of tenantd and logs in to its database as the migrator ([database] admin_url), for some "
		"commands as the workers or as the role that sends mail.");
	put_section("COMMANDS", "");
	for (size_t i = 0; i < count; i++)
		put_entry(TEXT(a, "%s%s%s", commands[i].words, commands[i].usage[0] ? " " : "", commands[i].usage),
			commands[i].help);
	put_section("OPTIONS", "");
	put_entry("--config FILE", "The configuration. Without it, $TENANTD_CONFIG names it.");
	put_entry("--help", "After a command or its first word: print the help of these alone.");
	put_entry("--version", "Print the version.");
	put_section("EXIT STATUS", "0 when it worked, 1 when it did not, 2 when it was called wrongly.");
	print_files();
	put_section("SEE ALSO", "tenantd(8), tenantd.conf(5)");
}

static void print_config(struct arena *a)
{
	size_t count;
	const struct config_key *keys = config_keys(&count);
	begin("tenantd.conf", "5", "the configuration of tenantd");
	put_section("DESCRIPTION",
		SYSCONFDIR
		"/tenantd/tenantd.ini has sections in brackets and lines of the form KEY = VALUE. A comment begins with "
		"# or ; at the start of a line. Lists are separated by commas. A variable of the environment overrides a key: "
		"TENANTD_SECTION_KEY in upper case. An unknown section or key keeps tenantd from starting. Others must not be able "
		"to read the file, nor the files of keys that it names, when there is a secret in it.");
	for (size_t i = 0; i < count; i++) {
		const struct config_key *k = &keys[i];
		if (i == 0 || strcmp(k->section, keys[i - 1].section) != 0)
			put_section(TEXT(a, "[%s]", k->section), "");
		const char *standard = !k->standard ? "required"
			: k->standard[0]                ? TEXT(a, "default: %s", k->standard)
											: "default: none";
		put_entry(TEXT(a, "%s (%s)", k->key, k->type), TEXT(a, "%s (%s)", k->help, standard));
	}
	put_section("SEE ALSO", "tenantd(8), tenantctl(1)");
}

enum ctl_status ctl_man(struct ctl *ctl)
{
	static const struct {
		const char *name;
		void (*print)(struct arena *a);
	} pages[] = { { "tenantd.8", print_tenantd }, { "tenantctl.1", print_tenantctl },
		{ "tenantd.conf.5", print_config } };
	for (size_t i = 0; i < COUNT_OF(pages); i++)
		if (strcmp(ctl->args[0], pages[i].name) == 0) {
			pages[i].print(ctl->arena);
			return CTL_OK;
		}
	return ctl_misused(ctl, "the pages are tenantd.8, tenantctl.1 and tenantd.conf.5");
}

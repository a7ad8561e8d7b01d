/*
 * tenantctl, the operator's tool: finds the command in its one table and runs it. The table has each
 * command's usage and help; each of the files ctl_*.c holds one group of commands. Must never need more
 * rights than [database] admin_url gives.
 */
#include "config.h"

#include "core/log.h"
#include "ctl.h"
#include "ctl_app.h"

#include <stdio.h>
#include <stdlib.h>

static const struct ctl_command commands[] = {
	{ "setup",
		"[--public-url URL] [--env LIST] [--database NAME] [--user NAME] [--socket-group NAME] [--superuser URL] [--areas] "
		"[--directory DIR] [--dry-run] [--by-hand]",
		"make user, keys, configuration, database and roles on this host, as root; repeat it at any time: what is there stays as "
		"it is. --env: those that are served, prod unless it says otherwise; --superuser: a connection string instead of "
		"psql as the user postgres; --areas: with the shipped resources; --dry-run: only say what would be done; --by-hand: "
		"print what to run where no superuser can be had",
		ctl_setup },
	{ "migrate up", "[--set NAME] [--directory DIR] [--put-back]",
		"apply the migrations that did not run yet, then give the context key to the database; --set areas: "
		"the "
		"shipped resources, any other NAME: the application's own in DIR",
		ctl_migrate_up },
	{ "migrate status", "[--set NAME] [--directory DIR] [--json]", "list every migration and whether it ran",
		ctl_migrate_status },
	{ "migrate verify", "[--set NAME] [--directory DIR]",
		"fail unless what ran is what is on disk, all of it", ctl_migrate_verify },
	{ "context-key new", "FILE", "make a context key in a new file, for [tenancy] context_key_file",
		ctl_context_key_new },
	{ "context-key add", "", "give the configured context key to the database, beside those it has",
		ctl_context_key_add },
	{ "context-key list", "[--json]", "list the context keys of the database by their ids",
		ctl_context_key_list },
	{ "context-key drop", "ID [--force]",
		"take a context key from the database; one that workers use only with --force: they are refused from then on",
		ctl_context_key_drop },
	{ "doctor", "[--directory DIR] [--json]",
		"look at everything a worker needs and say what is wrong with it", ctl_doctor },
	{ "status", "",
		"ask the running server whether it is ready, what its workers do, and whether the configuration on disk is the one in force",
		ctl_status },
	{ "isolation-check", "[--mend] [--all] [--json]",
		"try every wall between tenants as the workers' role; fail, name each finding and the SQL that mends "
		"it; --mend runs "
		"that, but for what only a superuser may",
		ctl_isolation_check },
	{ "routes", "[--json]", "list the routes with their guards", ctl_routes },
	{ "resources", "[--json]", "list the tables that are served under /v1/data/, with the least roles",
		ctl_resources },
	{ "openapi", "", "print the description of the API that /v1/openapi.json gives", ctl_openapi },
	{ "tenant list", "[--env E] [--search TEXT] [--limit N] [--after ID] [--json]",
		"list tenants, oldest first, 100 unless --limit says otherwise, and say how many more there are "
		"behind the last",
		ctl_tenant_list },
	{ "tenant suspend", "ID_OR_SLUG [--env E] [--reason TEXT]",
		"suspend a tenant: its members are refused; a slug needs its env", ctl_tenant_suspend },
	{ "tenant reactivate", "ID_OR_SLUG [--env E] [--reason TEXT]",
		"let a suspended tenant go on where it was", ctl_tenant_reactivate },
	{ "tenant close", "ID_OR_SLUG [--env E] [--reason TEXT] [--grace DAYS]",
		"close a tenant; it can be reopened for 30 days unless --grace says otherwise", ctl_tenant_close },
	{ "tenant reopen", "ID_OR_SLUG [--env E] [--reason TEXT]", "take the closing of a tenant back",
		ctl_tenant_reopen },
	{ "tenant export", "ID_OR_SLUG [--env E] --out DIR",
		"write everything that belongs to a tenant, as it is at one instant, to a new folder: its rows, members, files and "
		"audit, as JSON lines with a manifest",
		ctl_tenant_export },
	{ "tenant import", "DIR [--env E] [--slug SLUG] [--dry-run]",
		"bring back a tenant that was exported, with the same ids; --env: into this env, --slug: under this slug. All of it "
		"is stored, or nothing",
		ctl_tenant_import },
	{ "tenant erase", "ID_OR_SLUG [--env E] [--confirm SLUG]",
		"remove everything that belongs to a closed tenant, for good, and print a signed receipt; without --confirm: say how "
		"much there is",
		ctl_tenant_erase },
	{ "user list", "[--search TEXT] [--admins] [--limit N] [--after ID] [--json]",
		"list users, oldest first, 100 unless --limit says otherwise; --admins: system administrators alone; "
		"--json has all memberships",
		ctl_user_list },
	{ "user show", "ID_OR_EMAIL_OR_ISSUER [SUBJECT] [--json]",
		"show a user with all their memberships, in every env", ctl_user_show },
	{ "user export", "ID_OR_EMAIL_OR_ISSUER [SUBJECT] --out DIR",
		"write what is known of a person, in every tenant, to a new folder", ctl_user_export },
	{ "user erase", "ID_OR_EMAIL_OR_ISSUER [SUBJECT] [--confirm ID]",
		"end a person's memberships, remove their account and the rows that only they see, and forget who they were, for "
		"good; prints a signed receipt. Without --confirm: say what would be done",
		ctl_user_erase },
	{ "erasure list", "[--limit N] [--json]",
		"list the receipts of tenants and users that were erased, newest first; --json has them as they were signed",
		ctl_erasure_list },
	{ "statement check", "FILE --keys JWKS",
		"print what a signed statement says, such as a receipt, if one of these public keys signed it",
		ctl_statement_check },
	{ "user grant-system-admin", "ID_OR_EMAIL_OR_ISSUER [SUBJECT] [--reason TEXT]",
		"make a user a system administrator; one that is named by issuer and subject need not have signed in "
		"before",
		ctl_user_grant },
	{ "user revoke-system-admin", "ID_OR_EMAIL_OR_ISSUER [SUBJECT] [--reason TEXT]",
		"take that from a user, with effect from their next request", ctl_user_revoke },
	{ "backfill metadata",
		"EXPORT --issuer NAME [--mapping FILE] [--tenant-path PATH] [--role-path PATH] [--env E] [--create-tenants] "
		"[--dry-run] [--out FILE] [--format F] [--json]",
		"bring the users of an identity provider's export (CSV or JSON) into their tenants, which a mapping (CSV) or "
		"a path in their metadata names; --out writes what the provider must be told, F is supabase or json",
		ctl_backfill_metadata },
	{ "seed", "[FILE] --env E [--issuer NAME] [--dry-run] [--json]",
		"fill an env for trying things out, with the people, tenants, members, invitations and requests to join of a "
		"file (JSON); without FILE: of the shipped example. Repeat it at any time: what is there stays as it is. "
		"Never in prod, nor in an env that the file does not name. --issuer: those who have a subject come with "
		"tokens of [issuer.NAME], and the others sign in here",
		ctl_seed },
	{ "mail run", "[--limit N]", "send the mail that is due, once; several runs may go on at the same time",
		ctl_mail_run },
	{ "mail list", "[--env E] [--state STATE] [--limit N] [--json]",
		"list the outbox, newest first, 100 mails unless --limit says otherwise; STATE is queued, sent or dead",
		ctl_mail_list },
	{ "domains check", "", "look up the DNS records that prove the tenants' domains, those that are due",
		ctl_domains_check },
	{ "audit access", "--tenant ID_OR_SLUG --at TIME [--env E] [--json]",
		"list who had which role and status in a tenant at a time, by its audit log; a slug needs its env",
		ctl_audit_access },
	{ "audit checkpoint", "",
		"chain the audit rows that were written since the last time: list them with their digests, signed by [governance] "
		"key_file",
		ctl_audit_checkpoint },
	{ "audit export", "[--tenant ID_OR_SLUG] [--env E] [--out FILE]",
		"print the audit log of a tenant with its checkpoints, as lines of JSON; a slug needs its env. Without --tenant: of what "
		"happens in no tenant",
		ctl_audit_export },
	{ "audit verify", "[FILE] [--keys JWKS] [--expect DIGEST] [--tenant ID_OR_SLUG] [--env E]",
		"check an exported audit log by its checkpoints, and name the first row that was edited, deleted, inserted or "
		"reordered. Without FILE: the logs of the database, or of the tenant. --keys: the public keys, when not those of this "
		"installation; --expect: the digest of a checkpoint that must be there",
		ctl_audit_verify },
	{ "retention run", "[--dry-run]",
		"remove what has served its time: audit rows that a checkpoint covers, old mail, kept answers, sessions, links and limits; "
		"--dry-run: only say how much",
		ctl_retention_run },
	{ "retention set", "ID_OR_SLUG DAYS [--env E]",
		"keep the audit rows of a tenant for so many days, more or fewer than [governance] audit_days; DAYS is a number, or "
		"'default'; a slug needs its env",
		ctl_retention_set },
	{ "cutover force", "[--env E] --reason TEXT",
		"let header_fallback be off in an env, or in all, although clients still need the header",
		ctl_cutover_force },
	{ "cutover", "[--env E] [--json]",
		"list the clients that name their tenant by a header, and say whether header_fallback may be off",
		ctl_cutover },
	{ "keys new", "[--alg A] [--private FILE] [--jwk FILE] [--kid K]",
		"make a signing key (ES256 unless --alg says RS256, EdDSA or HS256) for the own issuer, in [accounts] "
		"keys_dir; the first one is active at once. With --private it is written there instead, and its public "
		"half is added to a JWKS file",
		ctl_keys_new },
	{ "keys activate", "KID", "let this key sign from the next reload on", ctl_keys_activate },
	{ "keys retire", "KID", "delete a key that does not sign: its tokens are refused from the next reload on",
		ctl_keys_retire },
	{ "keys list", "[--json]", "list the keys of the own issuer", ctl_keys_list },
	{ "token",
		"--key FILE --alg A --issuer I --audience A --sub S [--kid K] [--email E] [--name N] [--env E] "
		"[--tenant ID] [--ttl SECONDS] [--claim NAME=VALUE]...",
		"sign an access token and print it, for tests; VALUE is JSON, else text", ctl_token },
	{ "man", "PAGE", "print a manual page as troff: tenantd.8, tenantctl.1 or tenantd.conf.5", ctl_man },
};

const struct ctl_command *ctl_commands(size_t *count)
{
	*count = COUNT_OF(commands);
	return commands;
}

static void print_command(const struct ctl_command *c)
{
	printf("  tenantctl %s%s%s\n      %s\n", c->words, c->usage[0] ? " " : "", c->usage, c->help);
}

/* Prints the help of the commands that begin with `words`, or of all when there is none. */
static void print_help(struct str words)
{
	printf("usage: tenantctl COMMAND [--config FILE] …\n\n");
	for (size_t i = 0; i < COUNT_OF(commands); i++)
		if (str_starts(str_c(commands[i].words), words))
			print_command(&commands[i]);
	printf("\n  --config FILE  the configuration; default $TENANTD_CONFIG, else " SYSCONFDIR
		   "/tenantd/tenantd.ini\n"
		   "  --help         after a command or its first word: of these alone\n"
		   "  --version\n\n"
		   "Exits 0 when it worked, 1 when it did not, 2 when it was called wrongly.\n");
}

/* How many words the command has, when argv begins with them; else 0. */
static int match(const char *words, int argc, char **argv)
{
	struct str rest = str_c(words), word;
	int n = 0;
	while (!str_is_empty(rest)) {
		rest = str_split(rest, ' ', &word);
		if (n >= argc || !str_eq(word, str_c(argv[n])))
			return 0;
		n++;
	}
	return n;
}

/* The words before the first option or unknown word. --help is about these. */
static struct str help_topic(int argc, char **argv)
{
	static char topic[64];
	size_t len = 0;
	for (int i = 0; i < argc && argv[i][0] != '-' && len < sizeof(topic); i++) {
		int n = snprintf(topic + len, sizeof(topic) - len, "%s%s", i > 0 ? " " : "", argv[i]);
		struct str longer = str_of(topic, len + (size_t)n);
		bool is_known = false;
		for (size_t c = 0; c < COUNT_OF(commands) && longer.len < sizeof(topic); c++)
			is_known = is_known || str_starts(str_c(commands[c].words), longer);
		if (!is_known)
			break;
		len = longer.len;
	}
	return str_of(topic, len);
}

static bool has_word(int argc, char **argv, const char *word)
{
	for (int i = 0; i < argc; i++)
		if (strcmp(argv[i], word) == 0)
			return true;
	return false;
}

static enum ctl_status run_command(struct ctl *ctl, int argc, char **argv)
{
	for (size_t i = 0; i < COUNT_OF(commands); i++) {
		int words = match(commands[i].words, argc, argv);
		if (words == 0)
			continue;
		ctl->command = &commands[i];
		return ctl_parse(ctl, argc - words, argv + words) ? commands[i].run(ctl) : CTL_USAGE;
	}
	fprintf(stderr, "tenantctl: no such command, see tenantctl --help\n");
	return CTL_USAGE;
}

int main(int argc, char **argv)
{
	argc--, argv++;
	if (argc > 0 && (has_word(argc, argv, "--help") || has_word(argc, argv, "-h"))) {
		print_help(help_topic(argc, argv));
		return CTL_OK;
	}
	if (argc > 0 && strcmp(argv[0], "--version") == 0) {
		puts("tenantctl " PACKAGE_VERSION);
		return CTL_OK;
	}
	struct error err = ERROR_INIT;
	if (!log_open("stderr", LOG_LEVEL_WARN, &err))
		return (int)ctl_fail(&err);
	struct ctl ctl = { .arena = arena_new(LIMIT_REQUEST_POOL) };
	enum ctl_status status = run_command(&ctl, argc, argv);
	db_free(ctl.db);
	arena_free(ctl.arena);
	if (fflush(stdout) != 0 && status == CTL_OK) {
		fputs("tenantctl: the output could not be written\n", stderr);
		status = CTL_FAILED;
	}
	return (int)status;
}

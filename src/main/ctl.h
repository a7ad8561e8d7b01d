/*
 * The inside of tenantctl: a row of its one table of commands, what a command is given, and what the commands
 * share. The usage text of a command is also its grammar, so that --help and the parser cannot disagree.
 */
#ifndef TENANTD_MAIN_CTL_H
#define TENANTD_MAIN_CTL_H

#include "core/config.h"
#include "core/json_write.h"
#include "db/pipeline.h"

/* What tenantctl exits with: it worked, it did not, it was called wrongly. */
enum ctl_status { CTL_OK, CTL_FAILED, CTL_USAGE };

enum { CTL_GIVEN = 48, CTL_ARGS = 4 };

struct ctl {
	struct arena *arena; /* the process's */
	const char *config_path;
	const struct ctl_command *command;
	struct {
		const char *name; /* "--env" */
		const char *value; /* "" for a flag */
	} given[CTL_GIVEN];
	size_t given_count;
	const char *args[CTL_ARGS]; /* without dashes */
	size_t arg_count;
	struct config config; /* after ctl_configure */
	struct db_options options;
	struct db *db; /* after ctl_connect */
};

struct ctl_command {
	const char *words; /* "migrate up" */
	/* "[--directory DIR] [--json] NAME": what is in brackets may be left out, an option with a word after
	 * it takes a value, and "..." after that word allows the option more than once. Every command takes
	 * --config and --help. */
	const char *usage;
	const char *help;
	enum ctl_status (*run)(struct ctl *ctl);
};

/* The one table of commands, in the order in which help lists them. */
const struct ctl_command *ctl_commands(size_t *count);
/* The value of an option, "" for a flag, NULL when it was not given. */
const char *ctl_option(const struct ctl *ctl, const char *name);
/* The i-th value of an option that may be repeated; NULL after the last. */
const char *ctl_option_at(const struct ctl *ctl, const char *name, size_t i);
/* Reads what follows the command's words; says what is wrong with it on stderr. */
MUST_CHECK bool ctl_parse(struct ctl *ctl, int argc, char **argv);

/* Prints what went wrong: the text for the operator, else that for the caller, else the title. */
enum ctl_status ctl_fail(const struct error *err);
/* Says what is wrong with the arguments. */
PRINTF(2, 3) enum ctl_status ctl_misused(const struct ctl *ctl, const char *fmt, ...);
/* The value of --env as a parameter for SQL; null when it was not given. False, with a message, when it is
 * not dev, staging or prod. */
MUST_CHECK bool ctl_env(const struct ctl *ctl, struct value *env);
/* The value of --limit, a number of `what`, which stays as it is when it was not given. False, with a message, when it is no
 * number above 0. */
MUST_CHECK bool ctl_limit(const struct ctl *ctl, const char *what, int64_t *limit);
/* The second argument, which names a user together with the first; null unless the first is an issuer. */
struct value ctl_subject(const struct ctl *ctl);

/* The file that --config, the environment or the installation names. */
const char *ctl_config_path(struct ctl *ctl);
MUST_CHECK bool ctl_configure(struct ctl *ctl, struct error *err);
/* From here on, files and the database are reached as [server] user: only so does root see what the workers will see. Another
 * user stays who they are, and so does root when the configuration names nobody. After ctl_configure. */
MUST_CHECK bool ctl_act_as_server(struct ctl *ctl, struct error *err);
/* The same as the first of [server] peers, who alone may connect to the server's socket when there are any. */
MUST_CHECK bool ctl_act_as_peer(struct ctl *ctl, struct error *err);
/* Takes that back. */
MUST_CHECK bool ctl_act_as_self(struct ctl *ctl, struct error *err);
/* The user that files and the database are reached as. */
const char *ctl_acts_as(struct arena *a);
/* Lets [server] user read a file that root made, or enter a folder: the group becomes theirs. Does nothing for others than
 * root. After ctl_configure. */
MUST_CHECK bool ctl_hand_over(const struct ctl *ctl, const char *path, unsigned mode, struct error *err);
/* Configures, and connects as the migrator ([database] admin_url). */
MUST_CHECK bool ctl_connect(struct ctl *ctl, struct error *err);
/* The same as the role that sends mail and looks up domains ([database] errands_url). */
MUST_CHECK bool ctl_connect_for_errands(struct ctl *ctl, struct error *err);
/* The section [issuer.NAME] of the configuration, tenantd's own issuer not among them. */
MUST_CHECK bool ctl_find_issuer(
	const struct ctl *ctl, const char *name, const struct issuer_config **issuer, struct error *err);
/* Prints what json_write gathered, and a line break; fails when it did not fit in the buffer. */
enum ctl_status ctl_print_json(struct buf *b);
/* Prints a JSON array of a column whose values are JSON, each on a line. */
void ctl_print_json_rows(const struct rows *rows, size_t column);
/* The name of the person at the terminal, for the audit row. Under sudo the login name is still theirs. */
struct str ctl_operator_name(struct arena *a);
/* Says on stderr, so that a program that reads a list from stdout gets nothing else, how many more there are
 * than were listed, and how to get them. `found` is the column that counts from the list's first row to the
 * end, `id` the one by which it goes on. */
void ctl_tell_of_more(const struct rows *rows, size_t found, size_t id);
/* Makes a text safe for a terminal: control characters become '?'. A name should have none, but this does
 * not rely on it. */
struct str ctl_clean(struct arena *a, struct str s);
/* Makes a new file and opens it for writing; -1 when it exists already or cannot be made. */
MUST_CHECK int ctl_open_new(const char *path, unsigned mode, struct error *err);
/* Makes a new file with these bytes; false when the file exists already or cannot be written. */
MUST_CHECK bool ctl_write_new(const char *path, struct str bytes, unsigned mode, struct error *err);

enum ctl_status ctl_audit_access(struct ctl *ctl);
enum ctl_status ctl_audit_checkpoint(struct ctl *ctl);
enum ctl_status ctl_audit_export(struct ctl *ctl);
enum ctl_status ctl_audit_verify(struct ctl *ctl);
enum ctl_status ctl_backfill_metadata(struct ctl *ctl);
enum ctl_status ctl_context_key_add(struct ctl *ctl);
enum ctl_status ctl_context_key_drop(struct ctl *ctl);
enum ctl_status ctl_context_key_list(struct ctl *ctl);
enum ctl_status ctl_context_key_new(struct ctl *ctl);
enum ctl_status ctl_cutover(struct ctl *ctl);
enum ctl_status ctl_cutover_force(struct ctl *ctl);
enum ctl_status ctl_erasure_list(struct ctl *ctl);
enum ctl_status ctl_keys_new(struct ctl *ctl);
/* The same for a key of the own issuer; an empty alg is ES256, an empty kid a new one. */
enum ctl_status ctl_keys_add(struct ctl *ctl, struct str alg, struct str kid);
enum ctl_status ctl_keys_activate(struct ctl *ctl);
enum ctl_status ctl_keys_retire(struct ctl *ctl);
enum ctl_status ctl_keys_list(struct ctl *ctl);
enum ctl_status ctl_domains_check(struct ctl *ctl);
enum ctl_status ctl_mail_list(struct ctl *ctl);
enum ctl_status ctl_mail_run(struct ctl *ctl);
enum ctl_status ctl_man(struct ctl *ctl);
enum ctl_status ctl_migrate_status(struct ctl *ctl);
enum ctl_status ctl_migrate_up(struct ctl *ctl);
enum ctl_status ctl_migrate_verify(struct ctl *ctl);
enum ctl_status ctl_retention_run(struct ctl *ctl);
enum ctl_status ctl_retention_set(struct ctl *ctl);
enum ctl_status ctl_seed(struct ctl *ctl);
enum ctl_status ctl_setup(struct ctl *ctl);
enum ctl_status ctl_statement_check(struct ctl *ctl);
enum ctl_status ctl_status(struct ctl *ctl);
enum ctl_status ctl_tenant_close(struct ctl *ctl);
enum ctl_status ctl_tenant_erase(struct ctl *ctl);
enum ctl_status ctl_tenant_export(struct ctl *ctl);
enum ctl_status ctl_tenant_import(struct ctl *ctl);
enum ctl_status ctl_tenant_list(struct ctl *ctl);
enum ctl_status ctl_tenant_reactivate(struct ctl *ctl);
enum ctl_status ctl_tenant_reopen(struct ctl *ctl);
enum ctl_status ctl_tenant_suspend(struct ctl *ctl);
enum ctl_status ctl_token(struct ctl *ctl);
enum ctl_status ctl_user_erase(struct ctl *ctl);
enum ctl_status ctl_user_export(struct ctl *ctl);
enum ctl_status ctl_user_grant(struct ctl *ctl);
enum ctl_status ctl_user_list(struct ctl *ctl);
enum ctl_status ctl_user_revoke(struct ctl *ctl);
enum ctl_status ctl_user_show(struct ctl *ctl);

/* Gives the key of the configuration to the database and says so; both migrate and context-key need it. */
MUST_CHECK bool ctl_install_context_key(struct ctl *ctl, struct str *id, struct error *err);

#endif

/*
 * The inside of `tenantctl backfill metadata`: the users of an export, the memberships that somebody wants for them, what
 * became of each, and what is told about it. All texts live in the arena of the command.
 */
#ifndef TENANTD_MAIN_BACKFILL_H
#define TENANTD_MAIN_BACKFILL_H

#include "ctl.h"

/* What became of a wanted membership. The words of the first part are those of tenantd.backfill_member.
 * X(enumerator, word, reason for the operator; NULL: it is there now) */
#define BACKFILL_OUTCOMES(X)                                                                                 \
	X(BACKFILL_JOINED, "joined", NULL)                                                                       \
	X(BACKFILL_PRESENT, "present", NULL)                                                                     \
	X(BACKFILL_KEPT, "kept", "a membership is there with another role or status, and stays as it is")        \
	X(BACKFILL_NO_TENANT, "no_tenant", "there is no such tenant; --create-tenants makes it")                 \
	X(BACKFILL_NO_OWNER, "no_owner", "there is no such tenant, and no owner of it was brought")              \
	X(BACKFILL_OTHER_ENV, "other_env", "the tenant with this id is in another env")                          \
	X(BACKFILL_NOT_OPEN, "not_open", "the tenant is suspended or closed: nobody joins it")                   \
	X(BACKFILL_BAD_TENANT, "bad_tenant", "the tenant is neither an id nor a slug that is allowed")           \
	X(BACKFILL_BAD_ROLE, "bad_role", "the role is not member, tenant_admin or owner")                        \
	X(BACKFILL_BAD_ENV, "bad_env", "the env is not one of [tenancy] allowed_envs")                           \
	X(BACKFILL_NO_USER, "no_user", "the export has no such user")                                            \
	X(BACKFILL_NO_NAME, "no_name", "the line names a user neither by subject nor by email")                  \
	X(BACKFILL_NOT_SAME, "not_same", "the subject and the email are those of different users")               \
	X(BACKFILL_TWO_USERS, "two_users", "the export has two users with this address: name the subject")       \
	X(BACKFILL_UNVERIFIED, "unverified", "the address is not verified: name the subject")                    \
	X(BACKFILL_GONE, "gone", "the provider has this user as deleted or disabled")

enum backfill_outcome {
#define X(name, word, why) name,
	BACKFILL_OUTCOMES(X)
#undef X
		BACKFILL_OUTCOME_COUNT
};

struct backfill_user {
	size_t place; /* the line of a CSV file, the number of the user in JSON */
	struct str subject;
	struct str email, name; /* empty: none that is fit to be kept */
	bool is_verified;
	bool is_gone;
	struct str tenant, role; /* what the paths found; empty: nothing */
	bool is_wanted; /* in some tenant */
	bool was_made; /* by this run */
	const struct backfill_want
		*told; /* the membership that the provider is told: the first one; NULL: none */
	bool has_more; /* than that one */
};

struct backfill_want {
	size_t place; /* in the mapping, or in the export when there is no mapping */
	struct str who; /* as the line names them */
	struct backfill_user *user; /* NULL when refused for that */
	struct str tenant, role, env; /* as written, a UUID in lower case */
	enum backfill_outcome outcome;
	struct str tenant_id; /* when it is there */
	bool is_active;
	bool made_tenant;
	struct str has; /* of BACKFILL_KEPT: role and status */
};

struct backfill {
	struct ctl *ctl;
	const struct issuer_config *issuer;
	struct str tenant_path, role_path; /* of the metadata; empty: not asked for */
	bool is_dry;
	bool export_has_lines; /* CSV */
	struct backfill_user *users;
	size_t user_count;
	struct backfill_want *wants;
	size_t want_count;
};

/* Reads the users of the export at `path`, in CSV or JSON. */
MUST_CHECK bool backfill_read_export(struct backfill *b, const char *path, struct error *err);
/* Reads which memberships are wanted, from the mapping at `path`, or from what the paths found when it is NULL. */
MUST_CHECK bool backfill_read_wants(struct backfill *b, const char *path, struct error *err);

/* The word of an outcome, and the reason for the operator or NULL. */
const char *backfill_outcome_word(enum backfill_outcome outcome);
const char *backfill_outcome_why(enum backfill_outcome outcome);

/* True when what the provider must be told can be written in this form ("supabase" or "json"). */
MUST_CHECK bool backfill_can_tell(const struct backfill *b, struct str form, struct error *err);
/* Writes it to a new file. */
MUST_CHECK bool backfill_tell(const struct backfill *b, struct str form, const char *path, struct error *err);
/* Prints what was done; CTL_FAILED when a line was refused. */
enum ctl_status backfill_report(const struct backfill *b, bool is_json);

#endif

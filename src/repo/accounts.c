/* The accounts of the own issuer. Each verb is one function of the database (db/functions/accounts.sql); the answers that a
 * token is made of have the columns claims, user, tenant, refresh token. */
#include "repo/verbs.h"

/* The columns are the cost and the salt. */
const struct verb account_salt = {
	.statement = { "account_salt", "SELECT s.cost, s.salt FROM tenantd.account_salt($1, $2) s" },
	.kind = VERB_ONE,
};

const struct verb account_open = {
	.statement = { "account_open", "SELECT * FROM tenantd.signup($1, $2, $3, $4, $5, $6, $7, $8)" },
	.kind = VERB_ONE,
};

const struct verb account_ask = {
	.statement = { "account_ask", "SELECT tenantd.signup_confirmed($1, $2, $3, $4, $5, $6)" },
	.kind = VERB_DONE,
};

const struct verb account_enter = {
	.statement = { "account_enter", "SELECT * FROM tenantd.login($1, $2, $3, $4, $5)" },
	.kind = VERB_ONE,
};

const struct verb session_refresh = {
	.statement = { "session_refresh", "SELECT * FROM tenantd.refresh($1)" },
	.kind = VERB_ONE,
	.missing = ERR_UNAUTHENTICATED,
	.missing_detail = "this refresh token is not good any more: sign in again",
};

const struct verb session_switch = {
	.statement = { "session_switch", "SELECT * FROM tenantd.switch_tenant($1)" },
	.kind = VERB_ONE,
};

const struct verb session_list = {
	.statement = { "session_list", "SELECT tenantd.session_list()" },
	.kind = VERB_ONE,
};

const struct verb session_end = {
	.statement = { "session_end", "SELECT tenantd.session_end($1)" },
	.kind = VERB_DONE,
};

const struct verb session_logout = {
	.statement = { "session_logout", "SELECT tenantd.logout()" },
	.kind = VERB_DONE,
};

const struct verb session_logout_everywhere = {
	.statement = { "session_logout_everywhere", "SELECT tenantd.logout_everywhere()" },
	.kind = VERB_DONE,
};

const struct verb password_change = {
	.statement = { "password_change", "SELECT tenantd.password_change($1, $2, $3, $4)" },
	.kind = VERB_DONE,
};

const struct verb password_reset_request = {
	.statement = { "password_reset_request", "SELECT tenantd.password_reset_request($1)" },
	.kind = VERB_DONE,
};

const struct verb password_reset = {
	.statement = { "password_reset", "SELECT tenantd.password_reset($1, $2, $3, $4)" },
	.kind = VERB_DONE,
};

const struct verb email_verify_request = {
	.statement = { "email_verify_request", "SELECT tenantd.email_verify_request()" },
	.kind = VERB_DONE,
};

const struct verb email_verify = {
	.statement = { "email_verify", "SELECT tenantd.email_verify($1)" },
	.kind = VERB_DONE,
};

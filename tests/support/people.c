/*
 * The people of the tests: the superuser, who prepares data by SQL, and callers with their tokens, owners and members.
 * The program ends when one of them cannot be made.
 */
#include "support/people.h"

#include "db/pipeline.h"
#include "support/http.h"
#include "support/stack.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static struct db_options options;
static struct db *admin;
static char url[160];

PRINTF(1, 2) NORETURN static void die(const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	fputs("people: ", stderr);
	vfprintf(stderr, fmt, args);
	fputc('\n', stderr);
	va_end(args);
	exit(EXIT_FAILURE);
}

/* ---- SQL ---- */

PRINTF(1, 0) static bool run(const char *fmt, va_list args, struct rows *rows)
{
	struct error err = ERROR_INIT;
	char *text;
	int len = vasprintf(&text, fmt, args);
	if (len < 0)
		out_of_memory();
	if (!admin) {
		struct str found = stack_url(http_arena(), "postgres");
		snprintf(url, sizeof(url), "%.*s", STR_ARG(found));
		options = (struct db_options){ .url = str_c(url), .application_name = "test", .connect_ms = 20000 };
		admin = db_new(&options);
	}
	if (!db_is_connected(admin) || !db_is_alive(admin)) {
		bool connected = false;
		UNTIL(SOON_S, (connected = db_connect(admin, &err)));
		if (!connected)
			die("no database: %s", err.operator);
	}
	err = (struct error)ERROR_INIT;
	bool good = db_script(admin, http_arena(), str_of(text, (size_t)len), rows, &err);
	if (!good)
		fprintf(stderr, "  sql: %s: %s\n", text, err.operator);
	free(text);
	return good;
}

void people_leave(void)
{
	db_free(admin);
	admin = NULL;
}

void sql(const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	if (!run(fmt, args, NULL))
		die("the statement failed");
	va_end(args);
}

bool sql_try(const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	bool good = run(fmt, args, NULL);
	va_end(args);
	return good;
}

PRINTF(1, 0) static const char *first_value(const char *fmt, va_list args)
{
	struct rows rows;
	if (!run(fmt, args, &rows))
		die("the question failed");
	return rows.count ? arena_cstr(http_arena(), rows_value(&rows, 0, 0, NULL)) : "";
}

const char *ask(const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	const char *value = first_value(fmt, args);
	va_end(args);
	return value;
}

int64_t ask_number(const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	const char *value = first_value(fmt, args);
	va_end(args);
	return strtoll(value, NULL, 10);
}

/* ---- tokens ---- */

struct str claims_now(const char *issuer, const struct member *members, size_t count)
{
	struct arena *a = http_arena();
	struct member all[16];
	size_t n = 0;
	long long now = (long long)clock_unix_s();
	if (count + 2 > COUNT_OF(all))
		die("too many claims");
	for (size_t i = 0; i < count; i++)
		all[n++] = members[i];
	/* The first of a name counts, so what a test says goes before these. */
	bool has_iat = false, has_exp = false;
	for (size_t i = 0; i < count; i++) {
		has_iat = has_iat || (members[i].name && strcmp(members[i].name, "iat") == 0);
		has_exp = has_exp || (members[i].name && strcmp(members[i].name, "exp") == 0);
	}
	if (!has_iat)
		all[n++] = (struct member){ "iat", arena_printf(a, "%lld", now - 10).at };
	if (!has_exp)
		all[n++] = (struct member){ "exp", arena_printf(a, "%lld", now + 3600).at };
	return claims_with(a, issuer, all, n);
}

const char *token_of(const char *issuer, const char *header, const struct member *members, size_t count)
{
	struct arena *a = http_arena();
	return arena_cstr(
		a, craft(a, "ES256", stack_provider()->es, str_c(header), claims_now(issuer, members, count)));
}

static const char *quoted(const char *text)
{
	return text ? arena_printf(http_arena(), "\"%s\"", text).at : NULL;
}

const char *token(const char *subject, const char *tenant, const char *env)
{
	struct arena *a = http_arena();
	const struct member members[] = {
		{ "sub", quoted(subject) },
		{ "email", arena_printf(a, "\"%s@example.com\"", subject).at },
		{ "email_verified", "true" },
		{ env ? "env" : NULL, quoted(env) },
		{ tenant ? "app_metadata" : NULL,
			tenant ? arena_printf(a, "{\"tenant_id\":\"%s\"}", tenant).at : NULL },
	};
	return token_of(ISS_MAIN, HEADER_ES, members, COUNT_OF(members));
}

const char *someone(const char *name)
{
	static int number;
	return arena_printf(http_arena(), "%s-%d", name, ++number).at;
}

static const char *tenant_in(const char *env, const char *owner)
{
	struct http_reply r = HTTP("POST", "/v1/auth/bootstrap", .token = token(owner, NULL, env));
	if (!http_is(&r, 200, ""))
		die("no tenant for %s", owner);
	return http_text(&r, "tenant_id");
}

const char *tenant_of(const char *owner)
{
	return tenant_in("dev", owner);
}

const char *active_tenant_in(const char *env, const char *owner)
{
	const char *tenant = tenant_in(env, owner);
	sql("UPDATE tenantd.tenants SET status = 'active', organization_name = 'O' WHERE id = '%s'", tenant);
	return tenant;
}

const char *active_tenant_of(const char *owner)
{
	return active_tenant_in("dev", owner);
}

struct two_tenants two_tenants(void)
{
	const char *owner = someone("owner"), *other = someone("other");
	struct two_tenants t = { .tenant = active_tenant_of(owner), .other_tenant = active_tenant_of(other) };
	t.token = token(owner, t.tenant, "dev");
	t.other = token(other, t.other_tenant, "dev");
	return t;
}

int64_t events_of(const char *tenant, const char *action)
{
	return ask_number(
		"SELECT count(*) FROM tenantd.audit_events WHERE tenant_id = '%s' AND action = '%s'", tenant, action);
}

const char *member_of(const char *tenant, const char *subject, const char *role, const char *status)
{
	return ask(
		"WITH u AS (INSERT INTO tenantd.users (issuer, subject, email, email_verified)"
		" VALUES ('" ISS_MAIN "', '%s', '%s@example.com', true) ON CONFLICT (issuer, subject)"
		" DO UPDATE SET email = excluded.email RETURNING id)"
		" INSERT INTO tenantd.tenant_members (tenant_id, env, user_id, role, status, joined_at)"
		" SELECT '%s', t.env, u.id, '%s', '%s', now() FROM u, tenantd.tenants t WHERE t.id = '%s'"
		" ON CONFLICT (tenant_id, user_id) DO UPDATE SET role = excluded.role, status = excluded.status"
		" RETURNING user_id",
		subject, subject, tenant, role, status, tenant);
}

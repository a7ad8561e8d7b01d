/*
 * What a request costs and what it leaves behind, for every route of the table: dispatch() is called with a server struct
 * made here and a real database. A successful request takes one round trip, and a refused one a second for its audit
 * row. After every request the connection must be idle, without a transaction and without a context.
 */
#include "api/types.h"
#include "app/dispatch.h"
#include "app/routes.h"
#include "core/clock.h"
#include "core/log.h"
#include "support/cases.h"
#include "support/cluster.h"
#include "support/routes.h"
#include "support/tokens.h"
#include "support/unit.h"

static const char key_hex[] = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

static struct {
	struct cluster cluster;
	struct arena *life, *request;
	struct provider *provider;
	struct db_options options, admin_options;
	struct db *admin;
	struct server server;
	struct { /* of a streamed body, bytes; it breaks where it is said to */
		size_t size, at, breaks_at;
	} upload;
	size_t received, room; /* bytes that went to the peer, and that it takes */
	struct str answered; /* the body of the last answer */
	const char *range, *prefer, *env; /* headers of the next requests */
} world;

#define TENANT TARGET_TENANT

static void sql(const char *text)
{
	struct error err = ERROR_INIT;
	if (db_script(world.admin, world.life, str_c(text), NULL, &err))
		return;
	fprintf(stderr, "%s: %s\n", text, err.operator);
	exit(EXIT_FAILURE);
}

/* An owner, a member, a stranger, and what the route is about (NULL: any); the tenant in onboarding. */
static void set_the_scene(const struct route *route)
{
	sql("BEGIN;"
		"INSERT INTO tenantd.users (issuer, subject) VALUES ('" ISS_MAIN "', 'owner'), ('" ISS_MAIN
		"', 'stranger'),"
		" ('" ISS_MAIN "', 'member'), ('" ISS_MAIN "', 'sysadmin') ON CONFLICT DO NOTHING;"
		"UPDATE tenantd.users SET system_admin = true WHERE subject = 'sysadmin';"
		"INSERT INTO tenantd.users (id, issuer, subject, email, email_verified)"
		" VALUES ('" TARGET "', '" ISS_MAIN "', 'target', 'target@example.com', true) ON CONFLICT DO NOTHING;"
		"INSERT INTO tenantd.tenants (id, env, slug, name, status) VALUES ('" TENANT
		"', 'dev', 'target', 'r',"
		" 'suspended'), ('" TARGET "', 'dev', 'administered', 't', 'suspended') ON CONFLICT DO NOTHING;"
		"UPDATE tenantd.tenants SET status = 'suspended';"
		"DELETE FROM tenantd.ownership_offers;"
		"DELETE FROM tenantd.tenant_members;"
		"INSERT INTO tenantd.tenant_members (tenant_id, env, user_id, role, status) SELECT '" TENANT
		"', 'dev', id,"
		" CASE WHEN subject = 'owner' THEN 'owner' ELSE 'member' END::tenantd.role, 'active'"
		" FROM tenantd.users WHERE subject IN ('owner', 'member');"
		"DELETE FROM tenantd.api_keys;"
		"INSERT INTO tenantd.api_keys (tenant_id, env, id, name, role, digest, created_by, expires_at)"
		" VALUES ('" TENANT "', 'dev', '" TARGET "', 'k', 'member', sha256('x'), '" TARGET "', 'infinity');"
		"INSERT INTO tenantd.tenant_members (tenant_id, env, user_id, role, status)"
		" SELECT '" TARGET "', 'dev', id, 'owner', 'active' FROM tenantd.users WHERE subject = 'owner';"
		"INSERT INTO tenantd.ownership_offers (tenant_id, env, id, offered_by, user_id)"
		" SELECT '" TENANT "', 'dev', '" TARGET "', o.id, m.id FROM tenantd.users o, tenantd.users m"
		" WHERE o.subject = 'owner' AND m.subject = 'member';"
		"UPDATE tenantd.tenants SET status = 'onboarding' WHERE id = '" TENANT "'; COMMIT");
	sql(target_script(world.request, route));
}

static struct str bearer(const char *subject, bool names_tenant, const char *env)
{
	struct arena *a = world.request;
	long long now = (long long)clock_unix_s();
	struct str claims = CLAIMS(a, ISS_MAIN, { "sub", arena_printf(a, "\"%s\"", subject).at },
		{ "iat", arena_printf(a, "%lld", now).at }, { "exp", arena_printf(a, "%lld", now + 600).at },
		{ "email", arena_printf(a, "\"%s@example.com\"", subject).at }, { "email_verified", "true" },
		{ "env", arena_printf(a, "\"%s\"", env).at },
		{ names_tenant ? "app_metadata" : NULL, "{\"tenant_id\":\"" TENANT "\"}" });
	struct str compact =
		craft(a, "ES256", world.provider->es, STR("{\"alg\":\"ES256\",\"kid\":\"es1\"}"), claims);
	return arena_printf(a, "Bearer %.*s", STR_ARG(compact));
}

/* Everything that a request can be made of here. */
struct ask {
	const char *method, *target, *body;
	struct str authorization;
	const char *slug;
};

static struct str text_or_none(const char *text)
{
	return text ? str_c(text) : STR("");
}

static bool next_piece(void *from, struct str *piece, struct error *err)
{
	static char bytes[LIMIT_MEDIA_PIECE];
	(void)from;
	size_t left = world.upload.size - world.upload.at;
	memset(bytes, (int)('a' + world.upload.at / sizeof(bytes)), sizeof(bytes));
	*piece = str_of(bytes, left < sizeof(bytes) ? left : sizeof(bytes));
	world.upload.at += piece->len;
	return world.upload.at < world.upload.breaks_at || error_set(err, ERR_REQUEST_TIMEOUT, "broken");
}

static bool take_piece(void *to, struct str piece, struct error *err)
{
	(void)to;
	world.received += piece.len;
	return world.received <= world.room || error_log(err, ERR_UNAVAILABLE, "gone");
}

/* Sends it through dispatch(): the status; *flushes are those of the request alone. */
static int serve(const struct ask *ask, uint64_t *flushes)
{
	struct request req;
	struct response res;
	struct error err = ERROR_INIT;
	size_t length;
	struct str body = text_or_none(ask->body);
	const struct param params[] = {
		{ STR("REQUEST_METHOD"), str_c(ask->method) },
		{ STR("REQUEST_URI"), str_c(ask->target) },
		{ STR("REMOTE_ADDR"), STR("127.0.0.1") },
		{ STR("CONTENT_TYPE"), ask->body ? STR("application/json") : STR("") },
		{ STR("CONTENT_LENGTH"), arena_printf(world.request, "%zu", body.len) },
		{ STR("HTTP_AUTHORIZATION"), ask->authorization.at ? ask->authorization : STR("") },
		{ STR("HTTP_X_TENANT_SLUG"), text_or_none(ask->slug) },
		{ STR("HTTP_X_ENV"), text_or_none(world.env) },
		{ STR("HTTP_RANGE"), text_or_none(world.range) },
		{ STR("HTTP_PREFER"), text_or_none(world.prefer) },
	};
	const struct byte_source stream = { next_piece, NULL };
	CU_ASSERT_FATAL(request_parse(&req, world.request, params, COUNT_OF(params), LIMIT_BODY, &length, &err));
	req.body = body;
	req.stream = strcmp(ask->method, "PUT") == 0 && world.upload.size > 0 ? &stream : NULL;
	world.upload.at = world.received = 0;
	response_init(&res, world.request);
	res.peer = (struct byte_sink){ take_piece, NULL };
	uint64_t before = db_flushes(world.server.source.db);
	dispatch(&world.server, &req, NULL, &res);
	*flushes = db_flushes(world.server.source.db) - before;
	world.answered = res.body;
	return res.status;
}

/* Idle, and no context: the setting is transaction-local, and nothing of it may be seen by the next statement. */
static bool is_clean(void)
{
	struct rows rows;
	struct error err = ERROR_INIT;
	struct db *db = world.server.source.db;
	return db_is_connected(db) && db_is_idle(db) &&
		db_query(db, world.request,
			"SELECT coalesce(current_setting('tenantd.context', true), ''), tenantd.sealed()", NULL, 0, &rows,
			&err) &&
		str_is_empty(rows_value(&rows, 0, 0, NULL)) && str_is_empty(rows_value(&rows, 0, 1, NULL));
}

static bool costs(const struct ask *ask, int status, uint64_t flushes)
{
	uint64_t counted;
	int answered = serve(ask, &counted);
	bool clean = is_clean();
	if (answered == status && counted == flushes && clean)
		return true;
	fprintf(stderr, "  %s %s: %d with %llu round trips, not %d with %llu%s\n", ask->method, ask->target,
		answered, (unsigned long long)counted, status, (unsigned long long)flushes,
		clean ? "" : "; the connection is not clean");
	return false;
}

static bool is_of_resource(const struct route *route)
{
	return (route->flags & ROUTE_OF_RESOURCE) != 0;
}

/* The same with the tenant active and a row in its table. */
static void set_the_scene_for(const struct route *route)
{
	set_the_scene(route);
	if (is_of_resource(route))
		sql("UPDATE tenantd.tenants SET status = 'active' WHERE id = '" TENANT "';"
			"INSERT INTO app.things (id, tenant_id, env, name) VALUES ('" TARGET "', '" TENANT
			"', 'dev', 'n') ON CONFLICT DO NOTHING;"
			"INSERT INTO app.thing_contents (id, tenant_id, env, content) VALUES ('" TARGET "', '" TENANT
			"', 'dev', 'n') ON CONFLICT DO NOTHING");
}

static bool is_entered(const struct route *route)
{
	return route->guard.least != LEAST_ANYBODY;
}

/* Who succeeds with a route: an owner, but for what only others can do. */
static const char *who_succeeds(const struct route *route)
{
	static const char *const others[][2] = { { "leaveTenant", "member" }, { "acceptInvitation", "stranger" },
		{ "declineInvitation", "stranger" }, { "acceptMyInvitation", "stranger" },
		{ "declineMyInvitation", "stranger" }, { "askToJoin", "stranger" }, { "acceptOwnership", "member" },
		{ "declineOwnership", "member" }, { "withdrawJoinRequest", "target" } };
	for (size_t i = 0; i < COUNT_OF(others); i++)
		if (route->id && strcmp(route->id, others[i][0]) == 0)
			return others[i][1];
	return route->guard.least == LEAST_SYSTEM_ADMIN ? "sysadmin" : "owner";
}

static void a_success_is_one_round_trip_on_every_route(void)
{
	size_t count;
	const struct route *all = routes(&count);
	for (size_t i = 0; i < count; i++) {
		if (all[i].flags & ROUTE_OF_ACCOUNTS)
			continue; /* what these cost is the next test */
		/* Twice: the first time its statements are prepared in the same trip. */
		for (int again = 0; again < 2; again++) {
			set_the_scene_for(&all[i]);
			if (str_ends(str_c(all[i].path), STR("/suspend")))
				sql("UPDATE tenantd.tenants SET status = 'onboarding' WHERE id = '" TARGET "'");
			if (str_ends(str_c(all[i].path), STR("/reopen")))
				sql("UPDATE tenantd.tenants SET status = 'closed' WHERE id = '" TARGET "'");
			const struct ask ask = { .method = method_name(all[i].method),
				.target = route_target(world.request, &all[i]),
				.body = case_body(&all[i]),
				.authorization = bearer(who_succeeds(&all[i]), true, "dev") };
			bool is_local = all[i].caller == CALLER_UNASKED && strcmp(all[i].path, "/readyz") != 0;
			CU_ASSERT(costs(&ask, all[i].status, is_local ? 0 : 1));
			arena_reset(world.request);
		}
	}
}

static void a_refusal_is_one_more_on_every_route(void)
{
	size_t count;
	const struct route *all = routes(&count);
	set_the_scene(NULL);
	for (size_t i = 0; i < count; i++) {
		if (!is_entered(&all[i]))
			continue;
		struct ask ask = { .method = method_name(all[i].method),
			.target = route_target(world.request, &all[i]),
			.body = case_body(&all[i]),
			.authorization = bearer("stranger", true, "dev") };
		bool is_of_tenant = all[i].guard.least != LEAST_SYSTEM_ADMIN;
		CU_ASSERT(costs(&ask, is_of_tenant ? 404 : 403, 2));
		ask.authorization = bearer("owner", true, "prod");
		CU_ASSERT(costs(&ask, is_of_tenant ? 404 : 403, 2));
		if (all[i].guard.least > LEAST_MEMBER && !is_of_resource(&all[i])) {
			ask.authorization = bearer("member", true, "dev");
			CU_ASSERT(costs(&ask, 403, 2));
		}
		/* What the database is not asked about costs nothing. */
		ask.authorization = STR("");
		CU_ASSERT(costs(&ask, 401, 0));
		ask.authorization = bearer("owner", false, "dev");
		CU_ASSERT(!is_of_tenant || costs(&ask, 400, 0));
		arena_reset(world.request);
	}
}

static void other_endings_cost_what_they_must(void)
{
	set_the_scene(NULL);
	const struct str owner = bearer("owner", true, "dev");
	const struct {
		struct ask ask;
		int status;
		uint64_t flushes;
	} cases[] = {
		{ { "GET", "/nowhere", NULL, owner, NULL }, 404, 0 },
		{ { "PUT", "/v1/tenant", NULL, owner, NULL }, 405, 0 },
		{ { "PATCH", "/v1/tenant", "{\"id\":1}", owner, NULL }, 400, 0 },
		{ { "GET", "/v1/members?limit=0", NULL, owner, NULL }, 400, 0 },
		{ { "GET", "/v1/members/99999999-9999-4999-8999-999999999999", NULL, owner, NULL }, 404, 1 },
		{ { "POST", "/v1/members/leave", NULL, owner, NULL }, 409,
			1 }, /* the last owner: no guard's refusal */
		{ { "GET", "/v1/tenant", NULL, owner, "another" }, 400,
			2 }, /* the slug is compared in the database */
		{ { "GET", "/v1/tenant", NULL, owner, "target" }, 200, 1 },
		{ { "GET", "/v1/tenant", NULL, bearer("owner", false, "dev"), "target" }, 200,
			2 }, /* the id is asked first */
		{ { "GET", "/v1/tenant", NULL, bearer("owner", false, "dev"), "nobodys" }, 404,
			3 }, /* and the Sync after its refusal */
		{ { "GET", "/v1/auth/me", NULL, bearer("owner", false, "staging"), NULL }, 400,
			1 }, /* the row alone */
		{ { "GET", "/v1/data/nothing", NULL, owner, NULL }, 404, 0 },
		{ { "GET", "/v1/data/things?zz=eq.1", NULL, owner, NULL }, 400, 0 },
		{ { "GET", "/v1/data/things?name=eq.a&order=name", NULL, owner, NULL }, 403, 2 }, /* not active */
	};
	world.server.config = &world.provider->config;
	world.provider->config.tenancy.header_fallback = FALLBACK_VALIDATE;
	world.provider->config.tenancy.env_allowed[ENV_STAGING] = false;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct ask ask = cases[i].ask;
		CU_ASSERT(costs(&ask, cases[i].status, cases[i].flushes));
	}
	world.provider->config.tenancy.header_fallback = FALLBACK_OFF;
	arena_reset(world.request);
}

/* Counted or not, in pages or ranges, ordered, held back. */
static void no_wish_costs_a_round_trip_of_its_own(void)
{
	static const struct {
		const char *method, *target, *body, *range, *prefer;
		int status;
		uint64_t flushes;
	} cases[] = {
		{ "GET", "/v1/data/things", NULL, "0-24", "count=exact", 200, 1 },
		{ "GET", "/v1/data/things?limit=0", NULL, NULL, "count=planned", 206, 1 },
		{ "GET", "/v1/data/things?offset=99", NULL, NULL, "count=exact", 416, 1 },
		{ "GET", "/v1/data/things", NULL, "5-3", "count=exact", 416, 0 },
		{ "GET", "/v1/data/things?name=match.(", NULL, NULL, NULL, 400, 1 },
		{ "PATCH", "/v1/data/things?name=eq.n&order=name", "{\"name\":\"n\"}", NULL,
			"count=exact, handling=strict, max-affected=1", 200, 1 },
		{ "PATCH", "/v1/data/things?name=eq.n", "{\"name\":\"n\"}", NULL, "handling=strict, max-affected=0",
			400, 1 },
	};
	struct route of_resource = { .path = "/v1/data/{resource}", .flags = ROUTE_OF_RESOURCE };
	set_the_scene_for(&of_resource);
	sql("DELETE FROM app.things WHERE id <> '" TARGET "'; UPDATE app.things SET name = 'n'");
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const struct ask ask = { .method = cases[i].method,
			.target = cases[i].target,
			.body = cases[i].body,
			.authorization = bearer("owner", true, "dev") };
		world.range = cases[i].range;
		world.prefer = cases[i].prefer;
		CU_ASSERT(costs(&ask, cases[i].status, cases[i].flushes));
		arena_reset(world.request);
	}
	world.range = world.prefer = NULL;
}

/* T74: a deadlock or serialization failure is tried again, three times in all, then it is 503. */
static void a_failure_to_serialize_is_tried_three_times(void)
{
	set_the_scene(NULL);
	const struct ask ask = { .method = "PATCH",
		.target = "/v1/tenant",
		.body = "{\"name\":\"n\"}",
		.authorization = bearer("owner", true, "dev") };
	sql("CREATE FUNCTION tenantd.collide() RETURNS trigger LANGUAGE plpgsql AS"
		" $$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = 'serialization_failure'; END $$;"
		"CREATE TRIGGER collide BEFORE UPDATE ON tenantd.tenants FOR EACH ROW EXECUTE FUNCTION "
		"tenantd.collide()");
	CU_ASSERT(costs(&ask, 503, 3));
	sql("DROP FUNCTION tenantd.collide() CASCADE");
	CU_ASSERT(costs(&ask, 200, 1));
	arena_reset(world.request);
}

#define CONTENT "/v1/data/things/" TARGET "/content"

static int64_t count(const char *what)
{
	struct rows rows;
	struct error err = ERROR_INIT;
	int64_t n = -1;
	if (db_query(world.admin, world.request, what, NULL, 0, &rows, &err) && rows.count == 1 &&
		!str_to_int64(rows_value(&rows, 0, 0, NULL), &n))
		n = -1;
	return n;
}

static int64_t stored(void)
{
	CU_ASSERT_EQUAL(count("SELECT count(*) FROM tenantd.content_pieces"), 0);
	return count("SELECT octet_length(content) FROM app.thing_contents WHERE id = '" TARGET "'");
}

static void bytes_that_are_streamed_are_one_round_trip(void)
{
	enum { SIZE = 5 * LIMIT_MEDIA_PIECE + 7 };
	const struct route content = { .path = "/v1/data/{resource}/{id}/content", .flags = ROUTE_OF_RESOURCE };
	struct ask put = { "PUT", CONTENT, NULL, bearer("owner", true, "dev"), NULL };
	struct ask get = { "GET", CONTENT, NULL, bearer("owner", true, "dev"), NULL };
	set_the_scene_for(&content);
	world.upload.size = SIZE;
	for (int again = 0; again < 2; again++) {
		CU_ASSERT(costs(&put, 204, 1));
		CU_ASSERT(stored() == SIZE && world.received == 0);
		CU_ASSERT(costs(&get, 200, 1));
		CU_ASSERT(world.received > SIZE && world.received < SIZE + 1000); /* with its head */
	}
	CU_ASSERT_EQUAL(count("SELECT count(*) FROM app.thing_contents, generate_series(0, 5) n WHERE"
						  " substring(content FROM n * 262144 + 1 FOR 7) <> repeat(chr(97 + n), 7)::bytea"),
		0);
	/* A refusal comes when all was sent: whose pieces they were is asked first. */
	put.authorization = bearer("stranger", true, "dev");
	CU_ASSERT(costs(&put, 404, 2));
	put.authorization = bearer("owner", true, "dev");
	put.target = "/v1/data/things/99999999-9999-4999-8999-999999999999/content";
	CU_ASSERT(costs(&put, 404, 1));
	put.authorization = STR("");
	CU_ASSERT(costs(&put, 401, 0));
	CU_ASSERT_EQUAL(world.upload.at, 0);
	CU_ASSERT_EQUAL(stored(), SIZE);
	arena_reset(world.request);
}

/* T83: what was sent of it is undone with the connection, and the next request has a new one. */
static void a_stream_that_breaks_leaves_nothing(void)
{
	enum { SIZE = 5 * LIMIT_MEDIA_PIECE };
	const struct route content = { .path = "/v1/data/{resource}/{id}/content", .flags = ROUTE_OF_RESOURCE };
	struct ask put = { "PUT", CONTENT, NULL, bearer("owner", true, "dev"), NULL };
	struct db *db = world.server.source.db;
	struct error err = ERROR_INIT;
	uint64_t flushes;
	set_the_scene_for(&content);
	world.upload.size = SIZE;
	int64_t before = stored();
	for (size_t pieces = 1; pieces < 4; pieces += 2) {
		world.upload.breaks_at = pieces * LIMIT_MEDIA_PIECE;
		CU_ASSERT_EQUAL(serve(&put, &flushes), 408);
		CU_ASSERT(flushes == 0 && db_is_connected(db) == (pieces == 1));
		CU_ASSERT_FATAL(db_is_connected(db) || db_connect(db, &err));
		CU_ASSERT(is_clean() && stored() == before);
	}
	world.upload.breaks_at = SIZE_MAX;
	CU_ASSERT(costs(&put, 204, 1));
	CU_ASSERT_EQUAL(stored(), SIZE);
	arena_reset(world.request);
}

static void a_peer_that_goes_away_leaves_the_connection_as_it_was(void)
{
	enum { SIZE = 5 * LIMIT_MEDIA_PIECE };
	const struct route content = { .path = "/v1/data/{resource}/{id}/content", .flags = ROUTE_OF_RESOURCE };
	struct ask put = { "PUT", CONTENT, NULL, bearer("owner", true, "dev"), NULL };
	struct ask get = { "GET", CONTENT, NULL, bearer("owner", true, "dev"), NULL };
	set_the_scene_for(&content);
	world.upload.size = SIZE;
	CU_ASSERT(costs(&put, 204, 1));
	for (world.room = 0; world.room < SIZE; world.room += 2 * LIMIT_MEDIA_PIECE) {
		CU_ASSERT(costs(&get, 200, 1));
		CU_ASSERT(world.received <= world.room + LIMIT_MEDIA_PIECE); /* it is told no more */
	}
	world.room = SIZE_MAX;
	CU_ASSERT(costs(&get, 200, 1));
	arena_reset(world.request);
}

static void without_a_database_nothing_is_sent(void)
{
	const struct ask ask = {
		.method = "GET", .target = "/v1/tenant", .authorization = bearer("owner", true, "dev")
	};
	uint64_t flushes;
	world.server.is_ready = false;
	CU_ASSERT_EQUAL(serve(&ask, &flushes), 503);
	CU_ASSERT_EQUAL(flushes, 0);
	world.server.is_ready = true;
	CU_ASSERT(costs(&ask, 200, 1));
	arena_reset(world.request);
}

static const char *answered(const char *name)
{
	struct error err = ERROR_INIT;
	struct str text = STR("");
	CU_ASSERT_FATAL(
		json_string(json_get(json_parse(world.request, world.answered, &err), str_c(name)), &text));
	return arena_cstr(world.request, text);
}

/* One round trip, and two where a password is computed: its salt must be known first, and the limits counted. */
static void an_account_costs_what_its_header_says(void)
{
#define WHO "\"email\":\"una@example.com\""
	struct ask ask = { .method = "POST", .target = "/v1/auth/signup" };
	world.env = "dev";
	ask.body = "{" WHO ",\"password\":\"a fine long phrase\"}";
	CU_ASSERT_FATAL(costs(&ask, 201, 2));
	struct str bearer = arena_printf(world.request, "Bearer %s", answered("access_token"));
	const char *refresh =
		arena_printf(world.request, "{\"refresh_token\":\"%s\"}", answered("refresh_token")).at;
	const struct {
		const char *method, *target, *body;
		bool is_known;
		int status;
		uint64_t flushes;
	} all[] = {
		{ "POST", "/v1/auth/login", ask.body, false, 200, 2 },
		{ "POST", "/v1/auth/login", "{" WHO ",\"password\":\"not this phrase\"}", false, 401, 2 },
		{ "POST", "/v1/auth/login", "{\"email\":\"no@example.com\",\"password\":\"x\"}", false, 401, 2 },
		{ "POST", "/v1/auth/refresh", refresh, false, 200, 1 },
		{ "GET", "/v1/auth/me", NULL, true, 200, 1 },
		{ "GET", "/v1/tenant", NULL, true, 200, 1 },
		{ "GET", "/v1/auth/sessions", NULL, true, 200, 1 },
		{ "POST", "/v1/auth/email/verify-request", NULL, true, 204, 1 },
		{ "POST", "/v1/auth/email/verify", "{\"token\":\"x\"}", false, 404, 1 },
		{ "POST", "/v1/auth/password/reset-request", "{" WHO "}", false, 204, 1 },
		{ "POST", "/v1/auth/password/reset", "{\"token\":\"x\",\"password\":\"another phrase\"}", false, 404,
			2 },
		{ "POST", "/v1/auth/password",
			"{\"current_password\":\"a fine long phrase\",\"password\":\"another phrase\"}", true, 204, 2 },
		{ "POST", "/v1/auth/logout", NULL, true, 204, 1 },
		{ "GET", "/v1/tenant", NULL, true, 401, 1 },
		{ "GET", "/.well-known/jwks.json", NULL, false, 200, 0 },
	};
	for (size_t i = 0; i < COUNT_OF(all); i++) {
		const struct ask next = { .method = all[i].method,
			.target = all[i].target,
			.body = all[i].body,
			.authorization = all[i].is_known ? bearer : STR("") };
		CU_ASSERT(costs(&next, all[i].status, all[i].flushes));
	}
	world.env = NULL;
	arena_reset(world.request);
#undef WHO
}

static void print_nothing(struct buf *out)
{
	buf_add_c(out, "# nothing\n");
}

static bool nothing_was_refused(void)
{
	return false;
}

/* app.things with an action on a row and one on all of them, and the catalog as a worker reads it. */
static void register_things(struct db *db)
{
	struct catalog_rows rows;
	struct error err = ERROR_INIT;
	sql("BEGIN; SET LOCAL ROLE tenantd_owner; CREATE SCHEMA app;"
		"CREATE TABLE app.things (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text NOT NULL);"
		"SELECT tenantd.register_resource('app.things', delete_role => 'member');"
		"CREATE TABLE app.thing_contents (id uuid, tenant_id uuid, content bytea NOT NULL,"
		" content_type text NOT NULL DEFAULT 'text/plain', PRIMARY KEY (tenant_id, id),"
		" FOREIGN KEY (tenant_id, id) REFERENCES app.things (tenant_id, id) ON DELETE CASCADE);"
		"SELECT tenantd.register_resource('app.thing_contents', content_of => 'things', delete_role => "
		"'member');"
		"CREATE FUNCTION app.thing_act(uuid) RETURNS json LANGUAGE sql SET search_path = pg_catalog, pg_temp "
		"AS"
		" $$ SELECT to_json($1) $$;"
		"CREATE FUNCTION app.things_act(json) RETURNS json LANGUAGE sql SET search_path = pg_catalog, "
		"pg_temp AS"
		" $$ SELECT to_json(1) $$;"
		"SELECT tenantd.register_action('things', 'act', 'app.thing_act(uuid)');"
		"SELECT tenantd.register_action('things', 'act_on_all', 'app.things_act(json)', on_collection => "
		"true);"
		"COMMIT");
	if (!resources_read(db, world.life, &rows, &err) ||
		!catalog_load(&world.server.catalog, world.life, &rows, &err)) {
		fprintf(stderr, "no catalog: %s\n", err.operator);
		exit(EXIT_FAILURE);
	}
}

static void build_world(void)
{
	struct error err = ERROR_INIT;
	static char key[32];
	world.life = arena_new(65536);
	world.upload.breaks_at = world.room = SIZE_MAX;
	world.request = arena_new(65536);
	cluster_open(&world.cluster);
	if (!log_open(arena_printf(world.life, "%s/requests", world.cluster.dir).at, LOG_LEVEL_INFO, &err))
		exit(EXIT_FAILURE);
	cluster_migrated(&world.cluster, "requests");
	world.provider = provider_new();
	provider_accounts(world.provider);
	clock_pretend_unix_s(-1);
	struct config *config = &world.provider->config;
	config->auth.leeway = LIMIT_LEEWAY_S;
	config->tenancy.env_allowed[ENV_DEV] = config->tenancy.env_allowed[ENV_PROD] = true;
	config->tenancy.base_domain = STR("");
	config->server.metrics_allow = (struct str_list){ ARENA_NEW(world.life, struct str), 1 };
	config->server.metrics_allow.at[0] = STR("127.0.0.1");
	for (size_t i = 0; i < sizeof(key); i++)
		key[i] = (char)i;
	world.admin_options =
		(struct db_options){ .url = cluster_url(&world.cluster, world.life, "requests", "postgres"),
			.application_name = "test",
			.connect_ms = 20000 };
	world.options = world.admin_options;
	world.options.url = cluster_url(&world.cluster, world.life, "requests", "tenantd_app");
	world.admin = db_new(&world.admin_options);
	struct db *db = db_new(&world.options);
	world.server = (struct server){ .config = config,
		.is_ready = true,
		.print_metrics = print_nothing,
		.reload_was_refused = nothing_was_refused };
	world.server.keys = keystore_load(world.life, config, &err);
	world.server.accounts =
		(struct accounts){ .config = config, .signer = keystore_signer(world.server.keys) };
	if (!db_connect(world.admin, &err) || !db_connect(db, &err) || !world.server.keys) {
		fprintf(stderr, "no world: %s\n", err.operator);
		exit(EXIT_FAILURE);
	}
	sql(arena_printf(world.life, "SELECT tenantd.context_key_add('\\x%s')", key_hex).at);
	tx_source_init(&world.server.source, db, str_of(key, sizeof(key)));
	register_things(db);
}

int main(void)
{
	static const struct unit_test tests[] = {
		TEST(a_success_is_one_round_trip_on_every_route),
		TEST(an_account_costs_what_its_header_says),
		TEST(a_refusal_is_one_more_on_every_route),
		TEST(other_endings_cost_what_they_must),
		TEST(no_wish_costs_a_round_trip_of_its_own),
		TEST(a_failure_to_serialize_is_tried_three_times),
		TEST(bytes_that_are_streamed_are_one_round_trip),
		TEST(a_stream_that_breaks_leaves_nothing),
		TEST(a_peer_that_goes_away_leaves_the_connection_as_it_was),
		TEST(without_a_database_nothing_is_sent),
	};
	build_world();
	int status = unit_main("requests", tests, COUNT_OF(tests));
	db_free(world.server.source.db);
	db_free(world.admin);
	provider_free(world.provider);
	cluster_close(&world.cluster);
	arena_free(world.request);
	arena_free(world.life);
	return status;
}

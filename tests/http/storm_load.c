/*
 * The clients of the storm and their books. A request is repeated with the same key and the same trace until its answer says what
 * became of it; so the book has, for each trace, exactly one change, and the database has to have exactly that.
 */
#include "storm_load.h"

#include "core/buf.h"
#include "support/http.h"
#include "support/people.h"
#include "support/stack.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	ID = 40,
	TRACE = 33,
	PAUSE_MS = 25,
	ODD_SHOWN = 20,
	ODD_LOGGED = 5,
	DIFFERENCES_SHOWN = 10,
	MOST = 40,
	MEDIA_MOST = 40000,
	ROWS = 400
};

#define THINGS "/v1/data/things"
#define OBJECTS "/v1/data/media_objects"
#define ONE "Accept: application/vnd.pgrst.object+json"

/* One change that was answered. `value` is what the object is from then on, "" when it is gone. */
struct entry {
	char trace[TRACE], tenant[ID], object[ID], value[65];
	const char *action, *fault;
};

/* One client. Nobody else touches it before storm_end. */
struct client {
	size_t number, acts;
	char owner[64], tenant[ID], colleague[ID], thing[ID], media[ID];
	bool has_admin; /* whether the colleague is one */
	char *bearer;
	struct entry *book;
	size_t count, room;
	bool is_ambiguous; /* the request that is repeated may have been done already */
	char trace[TRACE];
};

static struct client clients[STORM_CLIENTS];
static pthread_t thread;
static atomic_bool stop, forgives_clocks;
static atomic_size_t good, refused, odd;
static _Atomic(const char *) fault = "before";
static char odd_traces[ODD_LOGGED][TRACE];

void storm_name(const char *name)
{
	fault = name;
}

size_t storm_good(void)
{
	return good;
}

size_t storm_refused(void)
{
	return refused;
}

size_t storm_odd(void)
{
	return odd;
}

void storm_forgives(bool clocks)
{
	forgives_clocks = clocks;
}

/* ---- the book ---- */

static void write_down(
	struct client *c, const char *action, const char *tenant, const char *object, const char *value)
{
	if (c->count == c->room) {
		c->room = c->room ? 2 * c->room : 1024;
		c->book = realloc(c->book, c->room * sizeof(*c->book));
		if (!c->book)
			abort();
	}
	struct entry *e = &c->book[c->count++];
	*e = (struct entry){ .action = action, .fault = fault };
	snprintf(e->trace, sizeof(e->trace), "%s", c->trace);
	snprintf(e->tenant, sizeof(e->tenant), "%s", tenant);
	snprintf(e->object, sizeof(e->object), "%s", object);
	snprintf(e->value, sizeof(e->value), "%s", value);
}

/* ---- requests ---- */

static void note_odd(const struct client *c, const char *what, const struct http_reply *r)
{
	size_t i = odd;
	if (i < COUNT_OF(odd_traces))
		memcpy(odd_traces[i], c->trace, sizeof(c->trace));
	if (atomic_fetch_add(&odd, 1) < ODD_SHOWN)
		fprintf(stderr, "  odd, in '%s': %s was answered %d %.*s (trace %s)\n", fault, what, r->status,
			(int)(r->body.len > 300 ? 300 : r->body.len), r->body.at, c->trace);
}

/* True when the answer says that the request was not done, or not what became of it, and that one may ask again. */
static bool is_no_answer(struct client *c, const char *what, const struct http_reply *r)
{
	if (r->status == 401 && forgives_clocks)
		return true;
	/* What the web server says when nobody answered it has no trace: the request may have been done. Our own 503 says so when
	 * it may have been; and whatever happens around us is 503. */
	bool is_ours = strstr(r->body.at, "\"trace_id\":") != NULL,
		 is_none = r->status == 0 || r->status >= 500 || r->status == 429;
	if (r->status == 500 && is_ours && !forgives_clocks)
		note_odd(c, what, r);
	if (is_none && (!is_ours || strstr(r->body.at, "may or may not")))
		c->is_ambiguous = true;
	return is_none;
}

/* What tenantd has in its log of the first odd answers. */
static void show_log(void)
{
	char *line = NULL;
	size_t room = 0;
	FILE *log = fopen(text_of("%s/tenantd.log", stack_dir()), "re");
	while (log && getline(&line, &room, log) > 0)
		for (size_t i = 0; i < ODD_LOGGED; i++)
			if (odd_traces[i][0] && strstr(line, odd_traces[i]))
				fprintf(stderr, "  %s", line);
	free(line);
	if (log)
		fclose(log);
}

/* A new trace, for a new request. */
static void begin_request(struct client *c)
{
	snprintf(c->trace, sizeof(c->trace), "%08zx%024zx", c->number + 1, ++c->acts);
	c->is_ambiguous = false;
}

/* Sends a request until its answer is definite. `with` has at most one header of its own. */
static struct http_reply ask_until(
	struct client *c, const char *method, const char *target, const struct http_with *with)
{
	struct http_with all = *with;
	all.headers[1] = text_of("traceparent: 00-%s-0123456789abcdef-01", c->trace);
	all.headers[2] = "Accept: application/vnd.pgrst.object+json";
	if (!all.headers[0])
		all.headers[0] = "X-Nothing: at all";
	for (;;) {
		struct http_reply r = http_send(method, target, &all);
		if (!is_no_answer(c, text_of("%s %s", method, target), &r)) {
			good++;
			return r;
		}
		refused++;
		poll(NULL, 0, PAUSE_MS);
	}
}

#define ASK(c, method, target, ...)                                                                          \
	ask_until(c, method, target, &(const struct http_with){ .token = (c)->bearer, __VA_ARGS__ })

static bool is_good(struct client *c, const char *what, const struct http_reply *r)
{
	if (r->status >= 200 && r->status < 300)
		return true;
	note_odd(c, what, r);
	return false;
}

/* A token that is good for a day from an hour ago, so that the clock may be stepped meanwhile. */
static const char *long_token(const char *subject, const char *tenant)
{
	long long now = (long long)clock_unix_s();
	return TOKEN(ISS_MAIN, HEADER_ES, { "sub", text_of("\"%s\"", subject) },
		{ "email", text_of("\"%s@example.com\"", subject) }, { "email_verified", "true" },
		{ "env", "\"dev\"" },
		{ tenant ? "app_metadata" : NULL, tenant ? text_of("{\"tenant_id\":\"%s\"}", tenant) : NULL },
		{ "iat", text_of("%lld", now - 3600) }, { "exp", text_of("%lld", now + 82800) });
}

/* ---- what a client does ---- */

/* A stranger gets a tenant. Asked again, it is the same one. */
static void bootstrap(struct client *c)
{
	begin_request(c);
	const char *bearer = long_token(text_of("newcomer-%zu-%zu", c->number, c->acts), NULL);
	struct http_reply r =
		ask_until(c, "POST", "/v1/auth/bootstrap", &(const struct http_with){ .token = bearer });
	if (is_good(c, "a bootstrap", &r))
		write_down(c, "tenant.created", http_text(&r, "tenant_id"), http_text(&r, "tenant_id"), "tenant");
}

static void create_thing(struct client *c)
{
	begin_request(c);
	const char *name = text_of("made-%s", c->trace);
	struct http_reply r = ASK(c, "POST", THINGS, .body = text_of("{\"name\":\"%s\"}", name),
		.headers = { text_of("Idempotency-Key: %s", c->trace) });
	if (!is_good(c, "a new thing", &r))
		return;
	snprintf(c->thing, sizeof(c->thing), "%s", http_text(&r, "id"));
	write_down(c, "things.created", c->tenant, c->thing, name);
}

/* Reads the thing as it was written last; its ETag, NULL when it is not as it was. */
static const char *etag_of_thing(struct client *c)
{
	char trace[TRACE];
	memcpy(trace, c->trace, sizeof(trace));
	struct http_reply r = ASK(c, "GET", text_of(THINGS "/%s", c->thing));
	return is_good(c, "what was written", &r) ? text_of("%s", http_header(&r, "ETag")) : NULL;
}

static void change_thing(struct client *c)
{
	begin_request(c);
	const char *etag = etag_of_thing(c), *target = text_of(THINGS "/%s", c->thing);
	if (!etag)
		return;
	c->is_ambiguous = false;
	const char *name = text_of("changed-%s", c->trace);
	struct http_reply r = ASK(c, "PATCH", target, .body = text_of("{\"name\":\"%s\"}", name),
		.headers = { text_of("If-Match: %s", etag) });
	if (r.status == 412 && c->is_ambiguous) {
		r = ASK(c, "GET", target);
		if (r.status == 200 && strcmp(http_text(&r, "name"), name) != 0)
			r.status = 412;
	}
	if (is_good(c, "a change", &r))
		write_down(c, "things.updated", c->tenant, c->thing, name);
}

static void delete_object(struct client *c, const char *of, const char *action, const char *id)
{
	begin_request(c);
	struct http_reply r = ASK(c, "DELETE", text_of("%s/%s", of, id));
	if ((r.status == 404 && c->is_ambiguous) || is_good(c, "a deletion", &r))
		write_down(c, action, c->tenant, id, "");
}

static void delete_thing(struct client *c)
{
	delete_object(c, THINGS, "things.deleted", c->thing);
}

static void change_member(struct client *c)
{
	begin_request(c);
	const char *role = c->has_admin ? "member" : "tenant_admin";
	struct http_reply r =
		ASK(c, "PATCH", text_of("/v1/members/%s", c->colleague), .body = text_of("{\"role\":\"%s\"}", role));
	if (!is_good(c, "a member's new role", &r))
		return;
	c->has_admin = !c->has_admin;
	write_down(c, "member.role_changed", c->tenant, c->colleague, role);
}

static void create_media(struct client *c)
{
	begin_request(c);
	const char *name = text_of("media-%s", c->trace);
	struct http_reply r = ASK(c, "POST", OBJECTS, .body = text_of("{\"name\":\"%s\"}", name),
		.headers = { text_of("Idempotency-Key: %s", c->trace) });
	if (!is_good(c, "a new file", &r))
		return;
	snprintf(c->media, sizeof(c->media), "%s", http_text(&r, "id"));
	write_down(c, "media_objects.created", c->tenant, c->media, name);
}

/* Bytes go up, and come down as they were. */
static void fill_media(struct client *c)
{
	begin_request(c);
	size_t len = 1 + (c->acts * 7919) % MEDIA_MOST;
	char *bytes = arena_alloc(http_arena(), len);
	for (size_t i = 0; i < len; i++)
		bytes[i] = (char)(c->acts + i * i);
	const char *target = text_of(OBJECTS "/%s/content", c->media);
	struct http_reply r = ASK(c, "PUT", target, .type = "image/png", .body = bytes, .length = len);
	if (!is_good(c, "an upload", &r))
		return;
	write_down(c, "media_contents.created", c->tenant, text_of("%s", c->media), text_of("bytes %zu", len));
	r = ASK(c, "GET", target);
	if (is_good(c, "a download", &r) && !str_eq(r.body, str_of(bytes, len)))
		note_odd(c, "a download, with other bytes", &r);
}

static void delete_media(struct client *c)
{
	delete_object(c, OBJECTS, "media_objects.deleted", c->media);
}

static void keep_changing(size_t number, void *unused)
{
	static void (*const acts[])(struct client *) = { create_thing, change_thing, change_member, change_thing,
		bootstrap, delete_thing, create_thing, create_media, fill_media, change_member, create_thing,
		change_thing, delete_media };
	struct client *c = &clients[number];
	(void)unused;
	for (size_t i = 0; !stop; i++) {
		acts[i % COUNT_OF(acts)](c);
		http_forget();
	}
}

static void *all_clients(void *unused)
{
	in_parallel(STORM_CLIENTS, keep_changing, unused);
	return NULL;
}

void storm_begin(void)
{
	if (pthread_create(&thread, NULL, all_clients, NULL) != 0)
		exit(EXIT_FAILURE);
}

void storm_end(void)
{
	stop = true;
	pthread_join(thread, NULL);
}

/* ---- before ---- */

static const char *file_text(const char *path)
{
	char *text = arena_alloc(http_arena(), 64 * (size_t)1024);
	FILE *file = fopen(path, "re");
	size_t len = file ? fread(text, 1, 64 * (size_t)1024 - 1, file) : 0;
	text[len] = '\0';
	if (file)
		fclose(file);
	return text;
}

void storm_prepare(void)
{
	sql("BEGIN; SET LOCAL ROLE tenantd_owner; CREATE SCHEMA app;"
		"CREATE TABLE app.things (id uuid DEFAULT gen_random_uuid(), tenant_id uuid, name text NOT NULL,"
		" PRIMARY KEY (tenant_id, id)); SELECT tenantd.register_resource('app.things'); %s; COMMIT",
		file_text(text_of("%s/areas/0007_media_objects.sql", cluster_sources())));
	stack_reload();
	for (size_t i = 0; i < STORM_CLIENTS; i++) {
		struct client *c = &clients[i];
		c->number = i;
		snprintf(c->owner, sizeof(c->owner), "%s", someone("storm"));
		snprintf(c->tenant, sizeof(c->tenant), "%s", active_tenant_of(c->owner));
		snprintf(c->colleague, sizeof(c->colleague), "%s",
			member_of(c->tenant, someone("colleague"), "member", "active"));
		c->bearer = strdup(long_token(c->owner, c->tenant));
	}
	http_forget();
}

/* ---- afterwards ---- */

static void copy_books(void)
{
	struct buf b;
	sql("CREATE TABLE public.book (n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, trace text, action text, tenant uuid,"
		" object uuid, value text, fault text)");
	for (size_t i = 0; i < STORM_CLIENTS; i++)
		for (size_t from = 0; from < clients[i].count; from += ROWS) {
			buf_init(&b, http_arena(), ROWS * sizeof(struct entry) * 2);
			for (size_t j = from; j < clients[i].count && j < from + ROWS; j++) {
				const struct entry *e = &clients[i].book[j];
				buf_printf(&b, "%s('%s','%s','%s','%s','%s','%s')", j > from ? "," : "", e->trace, e->action,
					e->tenant, e->object, e->value, e->fault);
			}
			sql("INSERT INTO public.book (trace, action, tenant, object, value, fault) VALUES %.*s",
				STR_ARG(buf_str(&b)));
			http_forget();
		}
	sql("CREATE INDEX ON public.book (trace); ANALYZE public.book;"
		"CREATE VIEW public.latest AS SELECT DISTINCT ON (object) * FROM public.book"
		" WHERE action !~ '^media_contents' ORDER BY object, n DESC");
}

/* What must be nothing: each finds what the books and the database do not agree on. */
static const struct {
	const char *what, *sql;
} differences[] = {
	{ "was answered, and has not exactly one row in the audit log",
		"SELECT b.fault, b.action, b.trace, e.count FROM public.book b LEFT JOIN (SELECT trace_id, tenant_id, action, count(*)"
		" FROM tenantd.audit_events GROUP BY 1, 2, 3) e ON e.trace_id = b.trace AND e.tenant_id = b.tenant AND e.action = b.action"
		" WHERE e.count IS DISTINCT FROM 1" },
	{ "is in the audit log, and nobody was answered so",
		"SELECT e.at, e.action, e.trace_id, e.code FROM tenantd.audit_events e WHERE e.actor_kind = 'user'"
		" AND e.trace_id ~ '^0000000[1-9]0000' AND NOT EXISTS (SELECT FROM public.book b WHERE b.trace = e.trace_id"
		" AND b.tenant = e.tenant_id AND (b.action = e.action OR e.action = 'member.joined' AND b.action = 'tenant.created'"
		" OR e.action LIKE 'media%' AND b.action LIKE 'media%'))" },
	{ "is another thing than was answered",
		"SELECT l.fault, l.action, l.trace, t.name FROM (SELECT * FROM public.latest WHERE action LIKE 'things.%' AND value <> '') l"
		" FULL JOIN app.things t ON t.id = l.object AND t.tenant_id = l.tenant WHERE t.name IS DISTINCT FROM l.value" },
	{ "is another file than was answered",
		"SELECT l.fault, l.action, l.trace, o.name FROM (SELECT * FROM public.latest WHERE action LIKE 'media%' AND value <> '') l"
		" FULL JOIN app.media_objects o ON o.id = l.object AND o.tenant_id = l.tenant WHERE o.name IS DISTINCT FROM l.value" },
	{ "has not the bytes that were answered",
		"SELECT b.fault, b.trace, b.object FROM public.book b JOIN public.latest l USING (object) LEFT JOIN app.media_contents m"
		" ON m.id = b.object WHERE b.action = 'media_contents.created' AND l.value <> '' AND 'bytes ' || m.size IS DISTINCT FROM b.value" },
	{ "has bytes and no file",
		"SELECT m.id FROM app.media_contents m WHERE NOT EXISTS (SELECT FROM app.media_objects o WHERE o.id = m.id)" },
	{ "has another role than was answered",
		"SELECT l.fault, l.trace, l.value, m.role FROM public.latest l LEFT JOIN tenantd.tenant_members m ON m.user_id = l.object"
		" AND m.tenant_id = l.tenant WHERE l.action = 'member.role_changed' AND m.role::text IS DISTINCT FROM l.value" },
	{ "is a tenant that nobody was answered, or not there",
		"SELECT b.fault, b.trace, t.id FROM (SELECT * FROM public.book WHERE action = 'tenant.created') b"
		" FULL JOIN (SELECT t.id FROM tenantd.tenants t JOIN tenantd.users u ON u.id = t.bootstrapped_by"
		" WHERE u.subject LIKE 'newcomer-%') t ON t.id = b.tenant WHERE b.trace IS NULL OR t.id IS NULL" },
	{ "is not whole: one owner, one row of its making",
		"SELECT t.id FROM tenantd.tenants t WHERE 1 <> (SELECT count(*) FROM tenantd.tenant_members m WHERE m.tenant_id = t.id"
		" AND m.role = 'owner' AND m.status = 'active') OR 1 <> (SELECT count(*) FROM tenantd.audit_events e"
		" WHERE e.tenant_id = t.id AND e.action = 'tenant.created')" },
	{ "has two tenants, or none",
		"SELECT u.subject FROM tenantd.users u WHERE u.subject ~ '^(newcomer|storm)-' AND 1 <> (SELECT count(*)"
		" FROM tenantd.tenants t WHERE t.bootstrapped_by = u.id)" },
	{ "was refused to somebody who may",
		"SELECT e.action, e.code, e.route, e.count FROM tenantd.audit_events e WHERE e.action = 'access.refused'" },
};

size_t storm_differences(void)
{
	size_t sum = 0, entries = 0;
	for (size_t i = 0; i < STORM_CLIENTS; i++)
		entries += clients[i].count;
	copy_books();
	for (size_t i = 0; i < COUNT_OF(differences); i++) {
		size_t count = (size_t)ask_number("SELECT count(*) FROM (%s) d", differences[i].sql);
		sum += count;
		if (count > 0)
			fprintf(stderr, "  %zu: %s, such as\n%s\n", count, differences[i].what,
				ask("SELECT string_agg(d::text, E'\\n') FROM (SELECT d FROM (%s) d LIMIT %d) d",
					differences[i].sql, DIFFERENCES_SHOWN));
		http_forget();
	}
	fprintf(stderr, "  %zu changes in the books, %zu differences\n", entries, sum);
	show_log();
	return sum;
}

/* Verifies an audit log against its checkpoints. It needs neither the database nor the private key. */
#include "chain.h"

#include "core/json.h"
#include "crypto/digest.h"
#include "crypto/statement.h"

#include <stdio.h>

static const char *const faults[ROW_FAULTS] = {
	[ROW_EDITED] = "was edited",
	[ROW_INSERTED] = "was inserted",
	[ROW_REORDERED] = "was put behind later rows",
	[ROW_TWICE] = "is there twice",
	[ROW_DELETED] = "was deleted",
};

static void find(struct chain_verifier *v, bool is_deletion, struct str text)
{
	v->findings = arena_grow(v->arena, v->findings, v->finding_count * sizeof(*v->findings),
		(v->finding_count + 1) * sizeof(*v->findings));
	v->findings[v->finding_count++] = (struct chain_finding){ v->number, is_deletion, text };
}

#define FIND(v, ...) find(v, false, arena_printf((v)->arena, __VA_ARGS__))

static void fault(struct chain_verifier *v, enum chain_fault which, struct str row)
{
	if (v->faults[which]++ == 0)
		v->faulty[which] = arena_str(v->arena, row);
}

static struct str text_at(const struct json *list, size_t i)
{
	struct str s;
	return json_string(json_at(list, i, NULL), &s) ? s : STR("");
}

static struct str text_of(const struct json *object, const char *name)
{
	struct str s;
	return json_string(json_get(object, str_c(name)), &s) ? s : STR("");
}

static int64_t number_of(const struct json *object, const char *name)
{
	int64_t n;
	return json_int64(json_get(object, str_c(name)), &n) ? n : -1;
}

/* ---- a checkpoint ---- */

/* The rows that its list has and that did not come, and what else was found among its rows. */
static void end_checkpoint(struct chain_verifier *v)
{
	for (size_t i = 0; v->ids && i < json_count(v->ids); i++)
		if (!v->seen[i])
			fault(v, ROW_DELETED, text_at(v->ids, i));
	for (size_t i = 0; i < ROW_FAULTS; i++) {
		if (v->faults[i] == 1)
			find(
				v, i == ROW_DELETED, arena_printf(v->arena, "row %.*s %s", STR_ARG(v->faulty[i]), faults[i]));
		else if (v->faults[i] > 1)
			find(v, i == ROW_DELETED,
				arena_printf(v->arena, "row %.*s %s, the first of %zu such rows", STR_ARG(v->faulty[i]),
					faults[i], v->faults[i]));
		v->faults[i] = 0;
	}
	v->ids = NULL;
	v->next = 0;
	arena_reset(v->of_checkpoint);
}

/* The bytes of a UUID's text; false when it is none. */
static bool uuid_bytes(struct str text, uint8_t out[16])
{
	char digits[32];
	size_t n = 0;
	for (size_t i = 0; i < text.len; i++)
		if (text.at[i] != '-') {
			if (n == sizeof(digits))
				return false;
			digits[n++] = text.at[i];
		}
	return n == sizeof(digits) && hex_decode(str_of(digits, n), out, 16);
}

/* The digest that follows from the list and from the checkpoint before. */
static bool digest_of(struct chain_verifier *v, struct str digests, uint8_t out[SHA256_SIZE])
{
	struct digest *d = digest_begin(v->of_checkpoint);
	uint8_t id[16];
	size_t count = json_count(v->ids);
	uint8_t *bytes = arena_alloc(v->of_checkpoint, count * SHA256_SIZE + 1);
	bool good = hex_decode(digests, bytes, count * SHA256_SIZE);
	digest_add(d, str_of((const char *)v->digest, sizeof(v->digest)));
	for (size_t i = 0; i < count; i++) {
		good = good && uuid_bytes(text_at(v->ids, i), id);
		digest_add(d, str_of((const char *)id, sizeof(id)));
	}
	digest_add(d, str_of((const char *)bytes, count * SHA256_SIZE));
	digest_end(d, out);
	return good;
}

/* What was signed must be this checkpoint of this log, after the one before. */
static void compare(struct chain_verifier *v, const struct json *said, struct str previous, struct str digest)
{
	size_t count = json_count(v->ids);
	if (!str_eq(text_of(said, "kind"), STR("audit-checkpoint")) || !str_eq(text_of(said, "log"), v->log) ||
		number_of(said, "number") != v->number)
		FIND(v, "what was signed there is another checkpoint");
	else if (!str_eq(text_of(said, "previous"), previous))
		FIND(v, "it follows another checkpoint than the one before it here");
	else if (!str_eq(text_of(said, "digest"), digest) || number_of(said, "rows") != (int64_t)count ||
		(count > 0 && !str_eq(text_of(said, "last_row"), text_at(v->ids, count - 1))))
		FIND(v, "its list of rows was changed");
}

static void check_statement(struct chain_verifier *v, struct str compact, struct str digest)
{
	struct arena *a = v->of_checkpoint;
	struct error err = ERROR_INIT;
	struct str json, previous = hex_encode(a, v->digest, sizeof(v->digest));
	const struct json *said;
	if (!statement_verify(a, v->jwks, compact, &json, &err) || !(said = json_parse(a, json, &err))) {
		FIND(v, "%s", err.operator[0] ? err.operator : "what was signed cannot be read");
		return;
	}
	compare(v, said, previous, digest);
	int64_t kept_from = number_of(said, "kept_from");
	if (kept_from > v->kept_from && str_eq(text_of(said, "log"), v->log))
		v->kept_from = kept_from;
}

static bool begin_checkpoint(struct chain_verifier *v, struct str line, struct error *err)
{
	uint8_t digest[SHA256_SIZE];
	struct str statement, digests;
	end_checkpoint(v);
	const struct json *c = json_parse(v->of_checkpoint, line, err);
	v->ids = json_get(c, STR("ids"));
	if (!c || json_kind(v->ids) != JSON_ARRAY || !json_string(json_get(c, STR("statement")), &statement) ||
		!json_string(json_get(c, STR("digests")), &digests) || !digest_of(v, digests, digest))
		return error_log(err, ERR_INVALID_REQUEST, "line %zu is no checkpoint", v->lines);
	int64_t number = number_of(c, "checkpoint"), wanted = v->number + 1;
	v->number = number;
	if (number > wanted)
		FIND(v, "checkpoint %lld, before it, is missing", (long long)wanted);
	else if (number < wanted)
		FIND(v, "it comes after a later one");
	v->row_digests = digests.at;
	v->seen = ARENA_ARRAY(v->of_checkpoint, bool, json_count(v->ids) + 1);
	struct str hex = hex_encode(v->of_checkpoint, digest, sizeof(digest));
	check_statement(v, statement, hex);
	v->has_expected = v->has_expected || str_eq(hex, v->expected);
	memcpy(v->digest, digest, sizeof(digest));
	return true;
}

/* ---- a row ---- */

/* Where in the list a row stands, from `next` on and then from the start; the number of rows when it does not. */
static size_t place_of(const struct chain_verifier *v, struct str id)
{
	size_t count = v->ids ? json_count(v->ids) : 0;
	for (size_t n = 0; n < count; n++) {
		size_t i = (v->next + n) % count;
		if (str_eq(text_at(v->ids, i), id))
			return i;
	}
	return count;
}

static void check_row(struct chain_verifier *v, struct str line, struct str id)
{
	uint8_t digest[SHA256_SIZE];
	char hex[2 * SHA256_SIZE];
	size_t i = place_of(v, id);
	v->rows++;
	if (!v->ids || i == json_count(v->ids)) {
		fault(v, ROW_INSERTED, id);
		return;
	}
	digest_sha256(line, digest);
	hex_into(hex, digest, sizeof(digest));
	if (memcmp(hex, v->row_digests + i * sizeof(hex), sizeof(hex)) != 0)
		fault(v, ROW_EDITED, id);
	if (v->seen[i])
		fault(v, ROW_TWICE, id);
	else if (i < v->next)
		fault(v, ROW_REORDERED, id);
	v->seen[i] = true;
	if (i >= v->next)
		v->next = i + 1;
}

/* Rows whose time is before that of rows that an earlier checkpoint covers were committed late, or put there later. Refusals are
 * always covered later. */
static void watch_time(struct chain_verifier *v, const struct json *row, struct str id)
{
	struct str at = text_of(row, "at");
	if (str_eq(text_of(row, "action"), STR("access.refused")))
		return;
	int order = memcmp(at.at, v->last_at.at, at.len < v->last_at.len ? at.len : v->last_at.len);
	if (order > 0 || str_is_empty(v->last_at))
		v->last_at = arena_str(v->arena, at);
	else if (order < 0 && v->late++ == 0)
		v->first_late = arena_str(v->arena, id);
}

/* ---- the lines ---- */

void chain_verify_begin(struct chain_verifier *v, struct arena *a, struct str jwks, struct str expected)
{
	*v = (struct chain_verifier){ .arena = a,
		.of_checkpoint = arena_new(LIMIT_REQUEST_POOL),
		.of_line = arena_new(LIMIT_REQUEST_POOL),
		.jwks = jwks,
		.expected = expected,
		.log = STR(""),
		.last_at = STR(""),
		.kept_from = 1,
		.findings = arena_alloc(a, 1) };
}

static bool take(struct chain_verifier *v, struct str line, struct error *err)
{
	struct str text;
	const struct json *json = json_parse(v->of_line, line, err);
	if (v->lines++ == 0) {
		if (!json_string(json_get(json, STR("log")), &text))
			return error_log(err, ERR_INVALID_REQUEST, "line 1 does not say which log this is");
		v->log = arena_str(v->arena, text);
		return true;
	}
	if (json_get(json, STR("checkpoint")))
		return begin_checkpoint(v, line, err);
	if (json_get(json, STR("uncovered"))) {
		end_checkpoint(v);
		v->is_behind = true;
		return true;
	}
	if (!json_string(json_get(json, STR("id")), &text))
		return error_log(err, ERR_INVALID_REQUEST, "line %zu is neither a row nor a checkpoint", v->lines);
	watch_time(v, json, text);
	if (v->is_behind)
		v->uncovered++;
	else
		check_row(v, line, text);
	return true;
}

bool chain_verify_line(void *verifier, struct str line, struct error *err)
{
	struct chain_verifier *v = verifier;
	bool good = take(v, line, err);
	arena_reset(v->of_line);
	return good;
}

static size_t print_findings(const struct chain_verifier *v)
{
	size_t count = 0;
	for (size_t i = 0; i < v->finding_count; i++) {
		const struct chain_finding *f = &v->findings[i];
		if (f->is_deletion && f->checkpoint < v->kept_from)
			continue;
		printf("%.*s checkpoint %lld: %.*s\n", STR_ARG(v->log), (long long)f->checkpoint, STR_ARG(f->text));
		count++;
	}
	return count;
}

bool chain_verify_end(struct chain_verifier *v)
{
	end_checkpoint(v);
	size_t count = print_findings(v);
	if (v->late > 0)
		printf(
			"%.*s note: row %.*s is older than rows that were covered before it, as is each of %zu: committed late, or "
			"inserted later\n",
			STR_ARG(v->log), STR_ARG(v->first_late), v->late);
	struct str digest = hex_encode(v->of_checkpoint, v->digest, sizeof(v->digest));
	printf("%.*s %s: %zu rows covered by %lld checkpoints", STR_ARG(v->log),
		count == 0 ? "whole" : "NOT WHOLE", v->rows, (long long)v->number);
	if (v->number > 0)
		printf(", the newest %.*s", STR_ARG(digest));
	if (v->kept_from > 1)
		printf("; rows are kept from checkpoint %lld on", (long long)v->kept_from);
	printf("; %zu not covered yet\n", v->uncovered);
	arena_free(v->of_checkpoint);
	arena_free(v->of_line);
	return count == 0;
}

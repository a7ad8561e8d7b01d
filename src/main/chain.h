/*
 * The audit logs as they are exported and verified (docs/governance.md has the format): lines of JSON, read from the database or
 * from a file. A log is a tenant's, or that of what happens in no tenant. Must never take a word of a checkpoint for true that no
 * key has signed.
 */
#ifndef TENANTD_MAIN_CHAIN_H
#define TENANTD_MAIN_CHAIN_H

#include "core/stream.h"
#include "ctl.h"

/* The log of what happens in no tenant. */
#define CHAIN_NO_TENANT "00000000-0000-0000-0000-000000000000"

/* Gives a log of the database line by line, without line breaks: what it is, each checkpoint with the rows that it covers, and the rows
 * that none covers yet; all as of one moment. After ctl_connect. */
MUST_CHECK bool chain_read(struct ctl *ctl, struct str log, struct byte_sink sink, struct error *err);

/* Makes the next checkpoint of a log, and says so; *made is false when there was nothing to say. `keep_from`, which may be empty, is the
 * number of the first checkpoint whose rows are still kept: those of the ones before it are removed. After ctl_connect. */
MUST_CHECK bool chain_make(
	struct ctl *ctl, struct str log, struct str keep_from, bool *made, struct error *err);

/* What is wrong with a row that a checkpoint lists. */
enum chain_fault { ROW_EDITED, ROW_INSERTED, ROW_REORDERED, ROW_TWICE, ROW_DELETED, ROW_FAULTS };

struct chain_finding {
	int64_t checkpoint;
	bool is_deletion;
	struct str text;
};

/* One log that is being verified. chain_verify_begin makes it, chain_verify_line is given each line in turn, and
 * chain_verify_end says the rest. */
struct chain_verifier {
	struct arena *arena, *of_checkpoint, *of_line; /* the first is the caller's */
	struct str jwks; /* whose signatures count */
	struct str expected; /* a digest; has_expected says whether a checkpoint has it. May be empty */
	bool has_expected;
	size_t lines, rows, uncovered, late;
	struct str log, first_late;
	/* the newest checkpoint */
	int64_t number, kept_from;
	uint8_t digest[32];
	struct str last_at; /* the time of the last row that was covered so far */
	const struct json *ids;
	const char *row_digests; /* in hex */
	bool *seen;
	size_t next; /* behind the row that stood furthest back in the list */
	bool is_behind; /* the rows are those behind the last checkpoint */
	size_t faults[ROW_FAULTS];
	struct str faulty[ROW_FAULTS]; /* the first row with each fault */
	struct chain_finding *findings;
	size_t finding_count;
};

void chain_verify_begin(struct chain_verifier *v, struct arena *a, struct str jwks, struct str expected);
/* False when the line is none of an export. What is wrong with the log itself is among the findings. */
MUST_CHECK bool chain_verify_line(void *verifier, struct str line, struct error *err);
/* Prints what was found. False when the log is not whole. */
MUST_CHECK bool chain_verify_end(struct chain_verifier *v);

#endif

/* The state of reading one filter parameter: what is left of its text, and what a refusal names. */
#ifndef TENANTD_RESOURCE_READER_H
#define TENANTD_RESOURCE_READER_H

#include "resource/query.h"

struct reader {
	struct query *query;
	struct arena *arena;
	struct str param; /* its name, for refusals */
	struct str rest;
	bool in_group;
	struct error *err;
};

/* Refuses with a message that names the parameter. Returns false. */
bool reader_refuse(struct reader *r, const char *why);
bool reader_take(struct reader *r, struct str what);
void reader_skip_blanks(struct reader *r);
/* Reads the rest of "…", where \ precedes a quote or a backslash. The opening quote was taken before. */
MUST_CHECK bool reader_quoted(struct reader *r, struct str *out);
/* Reads the value or list that f->test and f->quantifier need for f->column. */
MUST_CHECK bool operand_read(struct reader *r, struct filter *f);

/* An array literal with each element in quotes. */
struct str array_literal(struct arena *a, const struct str *at, size_t count);
/* pattern.c: NULL when a regular expression can be matched in one pass over a text with at most LIMIT_PATTERN steps for
 * each character. Otherwise what prevents that, as a phrase that follows the name of the parameter. */
const char *regex_fault(struct str given);
/* Reads a path into a JSON column. NULL, or what is wrong with the path, as a phrase that follows its text. */
const char *json_path_read(struct json_path *p, struct arena *a, const struct resource *r, struct str text);

#endif

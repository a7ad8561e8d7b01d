/* A filter being read: where the reading stands, and what a refusal names. */
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

/* Names the parameter; false. */
bool reader_refuse(struct reader *r, const char *why);
bool reader_take(struct reader *r, struct str what);
void reader_skip_blanks(struct reader *r);
/* "…" with \ before a quote or a backslash; the opening quote is gone. */
MUST_CHECK bool reader_quoted(struct reader *r, struct str *out);
/* What f->test and f->quantifier want of f->column. */
MUST_CHECK bool operand_read(struct reader *r, struct filter *f);

/* The elements as an array literal, each in quotes. */
struct str array_literal(struct arena *a, const struct str *at, size_t count);
/* pattern.c: NULL, or what of a regular expression makes matching it more than one walk over the text of at most
 * LIMIT_PATTERN steps for each character, as a phrase that follows its parameter's name. */
const char *regex_fault(struct str given);
/* NULL, or what is wrong with it, as a phrase that follows its name. */
const char *json_path_read(struct json_path *p, struct arena *a, const struct resource *r, struct str text);

#endif

/*
 * Reads CSV as RFC 4180 writes it, strictly: a file that is not of this form is refused with the number of the line. Fields
 * are parted by commas; a field with a comma, a quote or a line break in it stands in quotes, where a quote is written
 * twice. Lines end with CR LF or LF. The first line has the names of the columns, and every other as many fields. The text
 * is UTF-8; a byte order mark before it is skipped.
 */
#ifndef TENANTD_CORE_CSV_H
#define TENANTD_CORE_CSV_H

#include "core/arena.h"
#include "core/error.h"

struct csv {
	struct str *names; /* of the columns, no two alike */
	size_t columns;
	struct str *fields; /* row after row, without the names */
	size_t *lines; /* of the file, counted from 1, on which each row begins */
	size_t rows;
};

/* Fields point into `text` or the arena. */
MUST_CHECK bool csv_parse(struct arena *a, struct str text, struct csv *csv, struct error *err);
/* The column with this name; csv->columns when there is none. */
size_t csv_column(const struct csv *csv, struct str name);
/* The field of a row; empty when there is no such column. */
struct str csv_field(const struct csv *csv, size_t row, size_t column);

#endif

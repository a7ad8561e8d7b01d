/*
 * Rows in bulk, by PostgreSQL's COPY: for whole tables that leave or arrive (tenantctl's archives). A row is a line in COPY's
 * text format: columns parted by tabs, \N for null, a backslash before what would end a column or a line. Must never be
 * on a request's path.
 */
#ifndef TENANTD_DB_COPY_H
#define TENANTD_DB_COPY_H

#include "core/stream.h"
#include "db/conn.h"

/* Runs `sql`, a COPY … TO STDOUT, and gives each line, with its line feed, to the sink. False when the server refuses (its message
 * is in err->operator) or the sink does; after the latter the connection is closed. */
MUST_CHECK bool db_copy_out(
	struct db *db, struct arena *a, struct str sql, struct byte_sink lines, struct error *err);
/* Runs `sql`, a COPY … FROM STDIN, with the lines of the source, in pieces of any size. False when the server refuses, or when the
 * source does: the server then takes nothing of it, and a transaction that was open has failed. */
MUST_CHECK bool db_copy_in(
	struct db *db, struct arena *a, struct str sql, struct byte_source lines, struct error *err);

#endif

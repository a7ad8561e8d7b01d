/*
 * A very small name server on a loopback port, for tests of what tenantd looks up: it answers questions for TXT records with what a
 * test tells it, also with what no decent server would say. A name that it was told nothing of does not exist. There is one in a
 * process.
 */
#ifndef TENANTD_TESTS_NAMES_H
#define TENANTD_TESTS_NAMES_H

/* Begins to listen; returns where, "127.0.0.1:PORT". It ends with the process. */
const char *names_begin(void);
/* Gives the name one more TXT record. '|' parts the strings of a record. */
void names_add(const char *name, const char *record);
/* From now on the name does not exist. */
void names_remove(const char *name);

enum names_fault {
	NAMES_GOOD,
	NAMES_FAIL, /* SERVFAIL */
	NAMES_SILENT, /* no answer */
	NAMES_BROKEN, /* an answer that ends in the middle of a record */
	NAMES_OTHER, /* an answer to another question */
};
/* From now on every question is answered so. */
void names_fault(enum names_fault fault);

#endif

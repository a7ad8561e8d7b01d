/*
 * tenantctl for tests: the program is run against a migrated database of its own, with a configuration and files in a folder of
 * its own. A program has one such world. What the functions return lives until ctl_end.
 */
#ifndef TENANTD_TESTS_CTL_H
#define TENANTD_TESTS_CTL_H

#include "core/str.h"
#include "support/unit.h"

/* Makes the world, with the context key in the database. Its configuration has these allowed_envs, an issuer `main`
 * (https://id.example), and `more`. Ends the program when that fails. */
void ctl_begin(const char *name, const char *envs, const char *more);
void ctl_end(void);
struct arena *ctl_arena(void);

/* Runs tenantctl with these words, which are parted by single spaces; a word that ends with .csv, .json or .out is a file of
 * the folder, unless it is a path. Answers its exit status. */
int ctl(const char *words);
/* Whether tenantctl printed this, with the whole output when it did not. */
bool ctl_said(const char *text);

/* The path of a file in the folder, its content, and writing it. */
const char *ctl_file(const char *name);
const char *ctl_text(const char *name);
void ctl_put(const char *name, const char *text);

/* One statement as the superuser; its first value, empty when there is none. */
struct str ctl_sql(const char *statement);
/* Asserts that this is its first value. */
void ctl_says(const char *at, int line, const char *statement, const char *wanted);
#define SAYS(statement, wanted) ctl_says(__FILE__, __LINE__, statement, wanted)

#endif

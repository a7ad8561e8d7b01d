/*
 * Passwords, by argon2id (RFC 9106) of libsodium. What is derived here is what the database compares; the password itself
 * goes no further than this. LIMIT_PASSWORD is the most characters that one has.
 */
#ifndef TENANTD_CRYPTO_PASSWORD_H
#define TENANTD_CRYPTO_PASSWORD_H

#include "core/error.h"
#include "core/limits.h"

#include <stdint.h>

enum {
	PASSWORD_SALT = 16, /* bytes */
	PASSWORD_DERIVED = 32, /* bytes */
	PASSWORD_COST = 1, /* of new passwords: a row of the table in password.c, whose rows never change */
	PASSWORD_LEAST = 10, /* characters */
};

/* Derives from the password with this salt at this cost. It takes tens of milliseconds and some 20 MB of memory.
 * ERR_INTERNAL for a cost that is not in the table, ERR_UNAVAILABLE when there is no memory. */
MUST_CHECK bool password_derive(struct str password, int64_t cost, const uint8_t salt[PASSWORD_SALT],
	uint8_t out[PASSWORD_DERIVED], struct error *err);
/* True for a new password that is long enough and not easy to guess: not one of the worst, no single character again and
 * again, no run like 1234567890, not the email or its local part. No mixture of kinds of characters is demanded (NIST SP
 * 800-63B, 5.1.1.2). False with a refused field. */
MUST_CHECK bool password_is_fit(struct str field, struct str password, struct str email, struct error *err);

#endif

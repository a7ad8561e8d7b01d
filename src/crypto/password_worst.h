/* Only for this room: the passwords of at least ten characters that people use most, as lists of leaked ones show. They are
 * compared without regard to case. Ends with NULL. */
#ifndef TENANTD_CRYPTO_PASSWORD_WORST_H
#define TENANTD_CRYPTO_PASSWORD_WORST_H

extern const char *const password_worst[];

#endif

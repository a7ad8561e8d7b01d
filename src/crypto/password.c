/* Argon2id, and the rules for new passwords. Must never log a password nor put it into a message. */
#include "crypto/password.h"

#include "password_worst.h"

#include <sodium.h>

/* Parameters that were ever used. A row never changes, because stored passwords refer to it; a better one is added, and
 * PASSWORD_COST names it. The first is what OWASP's Password Storage Cheat Sheet recommends (2023). */
static const struct {
	unsigned long long passes;
	size_t memory; /* bytes */
} costs[] = {
	[1] = { .passes = 2, .memory = 19 * 1024 * 1024 },
};

bool password_derive(struct str password, int64_t cost, const uint8_t salt[PASSWORD_SALT],
	uint8_t out[PASSWORD_DERIVED], struct error *err)
{
	static_assert(PASSWORD_SALT == crypto_pwhash_argon2id_SALTBYTES, "the salt of argon2id");
	if (cost < 1 || cost >= (int64_t)COUNT_OF(costs))
		return error_log(err, ERR_INTERNAL, "a password has the cost %lld, which this tenantd does not know",
			(long long)cost);
	if (sodium_init() < 0)
		return error_log(err, ERR_INTERNAL, "libsodium cannot be used");
	if (crypto_pwhash_argon2id(out, PASSWORD_DERIVED, password.at, password.len, salt, costs[cost].passes,
			costs[cost].memory, crypto_pwhash_argon2id_ALG_ARGON2ID13) != 0)
		return error_log(err, ERR_UNAVAILABLE, "no memory to compute a password");
	return true;
}

static size_t characters(struct str s)
{
	size_t count = 0;
	for (size_t i = 0; i < s.len; i++)
		count += ((uint8_t)s.at[i] & 0xc0) != 0x80;
	return count;
}

/* True when each byte follows the one before by the same step of -1, 0 or 1: aaaaaaaaaa, 0123456789, zyxwvutsrq. */
static bool is_run(struct str s)
{
	int step = s.at[1] - s.at[0];
	if (step < -1 || step > 1)
		return false;
	for (size_t i = 1; i < s.len; i++)
		if (s.at[i] - s.at[i - 1] != step && !(step == 1 && s.at[i - 1] == '9' && s.at[i] == '0'))
			return false;
	return true;
}

bool password_is_fit(struct str field, struct str password, struct str email, struct error *err)
{
	struct str local;
	size_t count = characters(password);
	str_split(email, '@', &local);
	if (count < PASSWORD_LEAST || count > LIMIT_PASSWORD)
		return error_field(err, field, "has %d to %d characters", PASSWORD_LEAST, LIMIT_PASSWORD);
	if (str_eq_nocase(password, email) || (local.len >= PASSWORD_LEAST && str_eq_nocase(password, local)))
		return error_field(err, field, "is the email address");
	if (is_run(password))
		return error_field(err, field, "is too easy to guess");
	for (size_t i = 0; password_worst[i]; i++)
		if (str_eq_nocase(password, str_c(password_worst[i])))
			return error_field(err, field, "is one of the most used passwords, which are tried first");
	return true;
}

/*
 * Recognises the fingerprint that Infineon's library RSALib leaves in a modulus. It needs only the public modulus and
 * must never try to factor it.
 */
#include "key.h"

enum { GENERATOR = 65537 };

static const uint32_t primes[] = { 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71,
	73, 79, 83, 89, 97, 101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167 };

static uint32_t remainder_by(const gnutls_datum_t *n, uint32_t prime)
{
	uint32_t remainder = 0;
	for (size_t i = 0; i < n->size; i++)
		remainder = ((remainder << 8) | n->data[i]) % prime;
	return remainder;
}

/* Tries all powers of the generator. For a prime below 168 there are at most 166. */
static bool is_power_of_generator(uint32_t remainder, uint32_t prime)
{
	uint32_t power = 1;
	do {
		if (power == remainder)
			return true;
		power = power * (GENERATOR % prime) % prime;
	} while (power != 1);
	return false;
}

bool rsa_has_infineon_fingerprint(const gnutls_datum_t *n)
{
	for (size_t i = 0; i < COUNT_OF(primes); i++) {
		if (!is_power_of_generator(remainder_by(n, primes[i]), primes[i]))
			return false;
	}
	return true;
}

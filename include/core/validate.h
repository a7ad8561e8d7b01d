/* Checks of names, addresses and other texts that more than one place needs. Each returns false and adds a
 * field error (core/error.h) that names the rule. */
#ifndef TENANTD_CORE_VALIDATE_H
#define TENANTD_CORE_VALIDATE_H

#include "core/error.h"

/* True for a code point that no text shown to people may have: one that is invisible, reorders text or breaks a
 * line. */
bool point_is_unseen(uint32_t point);
/* A human's name for something: UTF-8, 1..LIMIT_NAME bytes after trimming, no control characters, no
 * bidirectional controls or isolates, no zero-width or other invisible format characters. */
MUST_CHECK bool validate_name(struct str field, struct str value, struct error *err);
/* One @, local part 1..64, a domain with a dot, at most LIMIT_EMAIL bytes, no space or control. */
MUST_CHECK bool validate_email(struct str field, struct str value, struct error *err);
/* A slug as it is kept: [a-z0-9]([a-z0-9-]{1,61}[a-z0-9]), not a reserved word (www, api, admin, …), not
 * a Punycode label (xn--). */
MUST_CHECK bool validate_slug(struct str field, struct str value, struct error *err);
/* Trims and lower-cases ASCII into `out` (LIMIT_SLUG + 1 bytes), then as above, without a field error. */
MUST_CHECK bool slug_normalise(struct str in, char out[64], struct str *slug);
/* True for a URL that keys may be fetched from (T7): https, or http to this host alone, without a user, a fragment or a
 * character that does not belong into a URL. */
MUST_CHECK bool url_is_fetchable(struct str url);
/* Two upper-case letters as in ISO 3166-1 alpha-2 (the form, not the list). */
MUST_CHECK bool validate_country(struct str field, struct str value, struct error *err);
/* Free text of several lines and 1..`max` bytes: the same rules as for a name, except that LF is allowed. */
MUST_CHECK bool validate_text(struct str field, struct str value, size_t max, struct error *err);

#endif

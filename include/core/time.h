/* Times of the calendar as text. What the clocks say is core/clock.h. */
#ifndef TENANTD_CORE_TIME_H
#define TENANTD_CORE_TIME_H

#include "core/str.h"

/* Each takes its part from the front of s, and is false when there is none; then s is anywhere in it. A part is one that
 * PostgreSQL reads as it is meant: no day that its month does not have, no year 0, no hour 24, no leap second (PostgreSQL
 * reads it as the next minute), no offset of 16 hours or more (PostgreSQL takes none). */
bool time_take_date(struct str *s); /* YYYY-MM-DD */
bool time_take_time(struct str *s); /* hh:mm[:ss[.f]], where f is 1 to 9 digits */
bool time_take_zone(struct str *s); /* Z, z, or ±hh[[:]mm] */

/* True when s is a time of RFC 3339 in the one form that the routes take: YYYY-MM-DDThh:mm:ss, then a fraction of at
 * most 6 digits or none, then Z or ±hh:mm; all in upper case. */
bool time_is_rfc3339(struct str s);

#endif

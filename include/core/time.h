/* Dates with times, as text. The clocks are in core/clock.h. */
#ifndef TENANTD_CORE_TIME_H
#define TENANTD_CORE_TIME_H

#include "core/str.h"

/* True when s is a time of RFC 3339 that PostgreSQL reads as the same moment: YYYY-MM-DDThh:mm:ss, then a
 * fraction of at most 6 digits or none, then Z or ±hh:mm. Everything else is refused: lower case, a day
 * that its month does not have, the year 0, the hour 24, a leap second (PostgreSQL reads it as the next
 * minute) and an offset of 16 hours or more (PostgreSQL takes none). */
bool time_is_rfc3339(struct str s);

#endif

/* Reads the one accepted form of a time. Must never let through a text that PostgreSQL refuses or reads
 * otherwise. */
#include "core/time.h"

/* Takes exactly `digits` digits and then the character `behind`, unless that is NUL. False when s does not
 * begin with these, or the number is out of its bounds. */
static bool take(struct str *s, size_t digits, int least, int most, char behind, int *number)
{
	size_t len = digits + (behind != '\0');
	if (s->len < len || (behind && s->at[digits] != behind))
		return false;
	*number = 0;
	for (size_t i = 0; i < digits; i++) {
		if (s->at[i] < '0' || s->at[i] > '9')
			return false;
		*number = *number * 10 + (s->at[i] - '0');
	}
	*s = str_skip(*s, len);
	return *number >= least && *number <= most;
}

static int days_of(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	return month == 2 && is_leap ? 29 : days[month - 1];
}

/* Takes a point with 1 to 6 digits, or nothing. */
static bool take_fraction(struct str *s)
{
	size_t digits = 0;
	if (s->len == 0 || s->at[0] != '.')
		return true;
	*s = str_skip(*s, 1);
	while (digits < s->len && s->at[digits] >= '0' && s->at[digits] <= '9')
		digits++;
	*s = str_skip(*s, digits);
	return digits >= 1 && digits <= 6;
}

static bool is_offset(struct str s)
{
	int number;
	if (str_eq(s, STR("Z")))
		return true;
	if (s.len != sizeof("+hh:mm") - 1 || (s.at[0] != '+' && s.at[0] != '-'))
		return false;
	s = str_skip(s, 1);
	return take(&s, 2, 0, 15, ':', &number) && take(&s, 2, 0, 59, '\0', &number);
}

bool time_is_rfc3339(struct str s)
{
	int year, month, day, number;
	return take(&s, 4, 1, 9999, '-', &year) && take(&s, 2, 1, 12, '-', &month) &&
		take(&s, 2, 1, days_of(year, month), 'T', &day) && take(&s, 2, 0, 23, ':', &number) &&
		take(&s, 2, 0, 59, ':', &number) && take(&s, 2, 0, 59, '\0', &number) && take_fraction(&s) &&
		is_offset(s);
}

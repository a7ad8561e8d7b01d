/* Reads dates and times. Must never let through a text that PostgreSQL refuses or reads otherwise. */
#include "core/time.h"

/* How many digits s begins with. */
static size_t digits_of(struct str s)
{
	size_t n = 0;
	while (n < s.len && s.at[n] >= '0' && s.at[n] <= '9')
		n++;
	return n;
}

/* Takes `n` digits from the front of s and returns their value, or -1. */
static int take_digits(struct str *s, size_t n)
{
	int value = 0;
	if (digits_of(*s) < n)
		return -1;
	for (size_t i = 0; i < n; i++)
		value = value * 10 + (s->at[i] - '0');
	*s = str_skip(*s, n);
	return value;
}

static bool take_char(struct str *s, char c)
{
	if (s->len == 0 || s->at[0] != c)
		return false;
	*s = str_skip(*s, 1);
	return true;
}

bool time_take_date(struct str *s)
{
	static const int lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	int year = take_digits(s, 4);
	bool is_dashed = take_char(s, '-');
	int month = take_digits(s, 2);
	is_dashed = take_char(s, '-') && is_dashed;
	int day = take_digits(s, 2);
	if (!is_dashed || year < 1 || month < 1 || month > 12 || day < 1)
		return false;
	bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	return day <= lengths[month - 1] + (month == 2 && is_leap);
}

bool time_take_time(struct str *s)
{
	int hour = take_digits(s, 2);
	if (hour < 0 || hour > 23 || !take_char(s, ':'))
		return false;
	int minute = take_digits(s, 2);
	if (minute < 0 || minute > 59)
		return false;
	if (!take_char(s, ':'))
		return true;
	int second = take_digits(s, 2);
	if (second < 0 || second > 59)
		return false;
	if (!take_char(s, '.'))
		return true;
	size_t fraction = digits_of(*s);
	*s = str_skip(*s, fraction);
	return fraction >= 1 && fraction <= 9;
}

bool time_take_zone(struct str *s)
{
	if (take_char(s, 'Z') || take_char(s, 'z'))
		return true;
	if (!take_char(s, '+') && !take_char(s, '-'))
		return false;
	int hour = take_digits(s, 2), minute = 0;
	if (take_char(s, ':') || s->len > 0)
		minute = take_digits(s, 2);
	return hour >= 0 && hour <= 15 && minute >= 0 && minute <= 59;
}

bool time_is_rfc3339(struct str s)
{
	if (!time_take_date(&s) || !take_char(&s, 'T'))
		return false;
	size_t before = s.len;
	if (!time_take_time(&s))
		return false;
	size_t len = before - s.len, least = sizeof("hh:mm:ss") - 1, most = sizeof("hh:mm:ss.ffffff") - 1;
	bool is_zone = str_eq(s, STR("Z")) || (s.len == sizeof("+hh:mm") - 1 && s.at[3] == ':');
	return len >= least && len <= most && is_zone && time_take_zone(&s) && s.len == 0;
}

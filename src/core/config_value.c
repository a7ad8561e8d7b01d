/* Parses the text of a value by the rule of its key, and stores it. */
#include "config_table.h"

static struct str_list split_list(struct arena *a, struct str value)
{
	size_t room = 1;
	for (size_t i = 0; i < value.len; i++)
		room += value.at[i] == ',';
	struct str_list list = { ARENA_ARRAY(a, struct str, room), 0 };
	while (!str_is_empty(value)) {
		struct str item;
		value = str_split(value, ',', &item);
		item = str_trim(item);
		if (item.len > 0)
			list.at[list.count++] = arena_str(a, item);
	}
	return list;
}

/* The index of `value` among "a|b|c", or -1. */
static int choice_of(const char *choices, struct str value)
{
	struct str rest = str_c(choices), one;
	for (int i = 0; !str_is_empty(rest); i++) {
		rest = str_split(rest, '|', &one);
		if (str_eq(one, value))
			return i;
	}
	return -1;
}

/* Parses a rate such as "60/m": the unit is a second, a minute, an hour or a day. */
static bool rate_of(struct str value, struct rate *rate)
{
	static const struct {
		const char *unit;
		int64_t seconds;
	} units[] = { { "s", 1 }, { "m", 60 }, { "h", 3600 }, { "d", 86400 } };
	struct str count, unit = str_split(value, '/', &count);
	*rate = (struct rate){ 0, 1 };
	if (str_eq(value, STR("off")))
		return true;
	size_t i = 0;
	while (i < COUNT_OF(units) && !str_eq(unit, str_c(units[i].unit)))
		i++;
	if (i == COUNT_OF(units))
		return false;
	rate->seconds = units[i].seconds;
	return str_to_int64(count, &rate->count) && rate->count >= 1 && rate->count <= 1000000;
}

bool config_store(struct arena *a, void *base, size_t i, struct str value)
{
	const struct config_rule *rule = config_rule(i);
	void *to = (char *)base + rule->offset;
	int chosen;
	int64_t number;
	switch (rule->kind) {
	case KIND_TEXT:
		*(struct str *)to = arena_str(a, value);
		return true;
	case KIND_LIST:
		*(struct str_list *)to = split_list(a, value);
		return true;
	case KIND_NUMBER:
		if (!str_to_int64(value, &number) || number < rule->least || number > rule->most)
			return false;
		*(int64_t *)to = number;
		return true;
	case KIND_RATE:
		return rate_of(value, to);
	case KIND_CHOICE:
		if (choice_of(rule->choices, value) < 0)
			return false;
		*(struct str *)to = arena_str(a, value);
		return true;
	case KIND_ENUM:
		chosen = choice_of(rule->choices, value);
		if (chosen < 0)
			return false;
		memcpy(to, &chosen, sizeof(chosen));
		return true;
	}
	return false;
}

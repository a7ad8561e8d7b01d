/*
 * W3C Trace Context: takes the caller's trace or begins one. Must never pass on a byte that is not
 * lower-case hex: the id goes to the log, the audit row and a header.
 */
#include "core/trace.h"

#include "core/hex.h"

#include <errno.h>
#include <sys/random.h>

enum { TRACEPARENT = 55, ID_AT = 3, ID_LEN = 32, SPAN_AT = 36, SPAN_LEN = 16, FLAGS_AT = 53 };

/* True when the part is lower-case hex and, unless `zero_is_fine`, not all zero. */
static bool hex_part(struct str s, size_t at, size_t len, bool zero_is_fine)
{
	int all = 0;
	for (size_t i = at; i < at + len; i++) {
		int v = hex_value(s.at[i]);
		if (v < 0 || (s.at[i] >= 'A' && s.at[i] <= 'F'))
			return false;
		all |= v;
	}
	return zero_is_fine || all != 0;
}

static bool is_traceparent(struct str s)
{
	if (s.len < TRACEPARENT || s.at[2] != '-' || s.at[35] != '-' || s.at[52] != '-')
		return false;
	if (!hex_part(s, 0, 2, true) || str_starts(s, STR("ff")))
		return false;
	if (s.len > TRACEPARENT && (str_starts(s, STR("00")) || s.at[TRACEPARENT] != '-'))
		return false; /* only later versions may add to it */
	return hex_part(s, ID_AT, ID_LEN, false) && hex_part(s, SPAN_AT, SPAN_LEN, false) &&
		hex_part(s, FLAGS_AT, 2, true);
}

static void put_id(char *to, unsigned char *bytes, size_t digits)
{
	bytes[0] |= 1; /* all zero would be invalid */
	hex_into(to, bytes, digits / 2);
}

void trace_begin(struct trace *t, struct str traceparent)
{
	unsigned char drawn[(SPAN_LEN + ID_LEN) / 2]; /* for both ids, since each call costs a system call */
	bool sampled = true;
	/* There is no generator with a state here: two workers forked from one process would make the same
	 * ids. */
	while (getrandom(drawn, sizeof(drawn), 0) != (ssize_t)sizeof(drawn))
		if (errno != EINTR)
			BUG("no random bytes");
	*t = (struct trace){ .parent = "00-00000000000000000000000000000000-0000000000000000-00" };
	put_id(t->span, drawn, SPAN_LEN);
	if (is_traceparent(traceparent)) {
		memcpy(t->id, traceparent.at + ID_AT, ID_LEN);
		sampled = hex_value(traceparent.at[FLAGS_AT + 1]) & 1; /* the one flag that level 1 knows */
	} else {
		put_id(t->id, drawn + SPAN_LEN / 2, ID_LEN);
	}
	memcpy(t->parent + ID_AT, t->id, ID_LEN);
	memcpy(t->parent + SPAN_AT, t->span, SPAN_LEN);
	t->parent[FLAGS_AT + 1] = sampled ? '1' : '0';
}

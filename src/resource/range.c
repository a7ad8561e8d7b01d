/* The Range header of a collection, as PostgREST has it: it asks for a page by a header instead of by limit and offset. */
#include "resource/query.h"

/* Takes at least one digit. A number above QUERY_OFFSET becomes QUERY_OFFSET. */
static bool take_rows(struct str *s, int64_t *out)
{
	size_t n = 0;
	*out = 0;
	while (n < s->len && s->at[n] >= '0' && s->at[n] <= '9') {
		*out = *out * 10 + (s->at[n++] - '0');
		if (*out > QUERY_OFFSET)
			*out = QUERY_OFFSET;
	}
	*s = str_skip(*s, n);
	return n > 0;
}

/* [items=]FIRST-[LAST] */
static bool read_range(struct str s, int64_t *first, int64_t *last)
{
	if (str_starts(s, STR("items=")))
		s = str_skip(s, 6);
	*last = QUERY_OFFSET;
	if (!take_rows(&s, first) || !str_starts(s, STR("-")))
		return false;
	s = str_skip(s, 1);
	return s.len == 0 || (take_rows(&s, last) && s.len == 0);
}

bool query_range(struct query *q, struct str unit, struct str range, struct error *err)
{
	int64_t first, last;
	if ((!str_is_empty(unit) && !str_eq_nocase(unit, STR("items"))) || !read_range(range, &first, &last))
		return true;
	if (first > last)
		return error_set(err, ERR_RANGE_NOT_SATISFIABLE, "the range ends before it begins");
	if (!str_is_empty(q->cursor))
		return error_field(err, STR("Range"), "cannot be given with a cursor");
	if (q->has_limit && q->limit == 0)
		return true;
	if (q->has_limit && q->offset + q->limit - 1 < last)
		last = q->offset + q->limit - 1;
	if (q->offset > first)
		first = q->offset;
	if (first > last)
		return error_set(
			err, ERR_RANGE_NOT_SATISFIABLE, "the range has no row in common with limit and offset");
	q->is_ranged = true;
	q->offset = first;
	q->limit = last - first < LIMIT_PAGE ? last - first + 1 : LIMIT_PAGE;
	return true;
}

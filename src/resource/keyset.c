/* The text is the position and a space, then for each key "n:" for null, or "length:" and as many bytes of any value. */
#include "resource/keyset.h"

#include "core/buf.h"
#include "repo/page.h"

bool keyset_pack(const struct keyset *k, struct arena *a, struct str *text)
{
	struct buf b;
	buf_init(&b, a, CURSOR_KEYS);
	buf_printf(&b, "%zu ", k->position);
	for (size_t i = 0; i < k->count; i++) {
		if (k->values[i].is_null) {
			buf_add_c(&b, "n:");
			continue;
		}
		buf_printf(&b, "%zu:", k->values[i].text.len);
		buf_add(&b, k->values[i].text);
	}
	*text = buf_str(&b);
	return buf_ok(&b);
}

bool keyset_unpack(struct keyset *k, const struct query *q, struct str text)
{
	struct str word;
	int64_t number = 0;
	bool fits;
	*k = (struct keyset){ .count = q->order_count };
	text = str_split(text, ' ', &word);
	fits = str_to_int64(word, &number);
	k->position = (size_t)number;
	for (size_t i = 0; i < k->count && fits; i++) {
		text = str_split(text, ':', &word);
		if (str_eq(word, STR("n"))) {
			k->values[i] = VALUE_NULL;
			continue;
		}
		fits = str_to_int64(word, &number) && (size_t)number <= text.len;
		if (!fits)
			break;
		k->values[i] = VALUE(str_of(text.at, (size_t)number));
		text = str_skip(text, (size_t)number);
	}
	return fits && text.len == 0;
}

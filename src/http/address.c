/* Client addresses and address lists. This file must never decide anything about a tenant, nor look up a host name. */
#include "http/address.h"

#include "core/hex.h"

#include <arpa/inet.h>

struct address {
	uint8_t bytes[16]; /* IPv4 as ::ffff:a.b.c.d */
};

/* The prefix that makes an IPv4 address an IPv6 one (::ffff:0:0/96). */
static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

static bool parse(struct str text, struct address *out)
{
	char c[INET6_ADDRSTRLEN];
	if (text.len >= sizeof(c))
		return false;
	memcpy(c, text.at, text.len);
	c[text.len] = '\0';
	if (inet_pton(AF_INET6, c, out->bytes) == 1)
		return true;
	memcpy(out->bytes, mapped, sizeof(mapped));
	return inet_pton(AF_INET, c, out->bytes + sizeof(mapped)) == 1;
}

static bool is_in_block(const struct address *a, struct str entry)
{
	struct address block;
	struct str text, prefix = str_split(entry, '/', &text);
	bool is_v4 = str_find(text, ':') == text.len;
	int64_t bits = is_v4 ? 32 : 128;
	if (!parse(text, &block) ||
		(!str_is_empty(prefix) && (!str_to_int64(prefix, &bits) || bits > (is_v4 ? 32 : 128))))
		return false;
	if (is_v4)
		bits += 96;
	size_t whole = (size_t)bits / 8, rest = (size_t)bits % 8;
	if (memcmp(a->bytes, block.bytes, whole) != 0)
		return false;
	return rest == 0 || ((a->bytes[whole] ^ block.bytes[whole]) >> (8 - rest)) == 0;
}

bool address_is_in(struct str address, const struct str_list *list)
{
	struct address a;
	if (!parse(address, &a))
		return false;
	for (size_t i = 0; i < list->count; i++)
		if (is_in_block(&a, list->at[i]))
			return true;
	return false;
}

struct str address_block(struct arena *a, struct str address)
{
	enum { PREFIX = 8 }; /* bytes of a /64 */
	struct address parsed;
	if (!parse(address, &parsed))
		return address;
	bool is_v4 = memcmp(parsed.bytes, mapped, sizeof(mapped)) == 0;
	return hex_encode(a, parsed.bytes, is_v4 ? sizeof(parsed.bytes) : PREFIX);
}

struct str address_of_client(const struct request *req, const struct str_list *trusted)
{
	struct str client = req->peer, hops = req->headers[HEADER_FORWARDED_FOR];
	/* Read from the right: each proxy appends the address of whoever connected to it, so an entry can be
	 * trusted only when the proxy that wrote it is trusted. */
	while (!str_is_empty(hops) && address_is_in(client, trusted)) {
		size_t comma = hops.len;
		while (comma > 0 && hops.at[comma - 1] != ',')
			comma--;
		struct str hop = str_trim(str_skip(hops, comma));
		struct address ignored;
		if (!parse(hop, &ignored))
			break;
		client = hop;
		hops = str_of(hops.at, comma > 0 ? comma - 1 : 0);
	}
	return client;
}

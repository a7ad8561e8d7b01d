/* Client addresses: whether one is on a list, and which address a request came from when proxies forwarded it. */
#ifndef TENANTD_HTTP_ADDRESS_H
#define TENANTD_HTTP_ADDRESS_H

#include "core/config.h"
#include "http/request.h"

/* True when `address` (IPv4 or IPv6 text) is one of the list's addresses or in one of its CIDR blocks. An entry
 * that is neither an address nor a block matches nothing. */
bool address_is_in(struct str address, const struct str_list *list);
/* The client's address. That is the address that connected to the web server. When it belongs to a trusted
 * proxy, it is the last address in X-Forwarded-For that does not belong to one. */
struct str address_of_client(const struct request *req, const struct str_list *trusted);

/* The block of addresses that one customer of a network usually has: a single IPv4 address, or the /64 of an
 * IPv6 address. It is written in hex and lives in `a`. Text that is not an address is returned unchanged. */
struct str address_block(struct arena *a, struct str address);

#endif

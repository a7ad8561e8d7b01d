/* Addresses of clients: which are on a list, and whose word about the client is believed. */
#ifndef TENANTD_HTTP_ADDRESS_H
#define TENANTD_HTTP_ADDRESS_H

#include "core/config.h"
#include "http/request.h"

/* True when `address` (IPv4 or IPv6 text) is one of the list's addresses or in one of its CIDR blocks. An entry
 * that is neither matches nothing. */
bool address_is_in(struct str address, const struct str_list *list);
/* The client's address: the web server's peer, or, when that is a trusted proxy, the last hop of
 * X-Forwarded-For that is not one. */
struct str address_of_client(const struct request *req, const struct str_list *trusted);

/* The block of addresses that one customer of a network has: an IPv4 address alone, of an IPv6 address its /64; in hex, in
 * `a`. Text that is no address is answered as it is. */
struct str address_block(struct arena *a, struct str address);

#endif

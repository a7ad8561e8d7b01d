/*
 * The keys of issuers that are configured by URL: asks the issuer for its set and keeps it in the issuer's jwks_file, from
 * which all processes load it. A set that could not be loaded never replaces one that could, so the last good set
 * survives an issuer that is away, broken or in other hands. It waits for other hosts: it runs in a child of its own
 * (pool/errand.h), never in a worker and never in the master.
 */
#ifndef TENANTD_ISSUER_REFRESH_H
#define TENANTD_ISSUER_REFRESH_H

#include "core/config.h"

/* Fetches the set of one issuer. *is_new says whether jwks_file is another one now; the same set as before only makes
 * the file's time new, which tells when the issuer was last reached. The reason of a failure is in err->operator. */
MUST_CHECK bool issuer_refresh(
	const struct issuer_config *issuer, bool (*should_stop)(void), bool *is_new, struct error *err);

#endif

/*
 * Pages of other origins (CORS, the Fetch standard). A browser shows an answer to a page of another origin only
 * when the answer names that origin; [cors] origins lists those that are named. Credentials that a browser adds
 * by itself, such as cookies, are never allowed: a page sends its token in Authorization.
 */
#ifndef TENANTD_APP_CORS_H
#define TENANTD_APP_CORS_H

#include "core/config.h"
#include "http/request.h"
#include "http/response.h"

/* Adds what every answer has, also a refusal, so that a page can read why it was refused. Nothing when no origins
 * are configured; Vary alone for an origin that is not listed. */
void cors_headers(const struct config *config, const struct request *req, struct response *res);

/* Answers the question that a browser asks before it sends what a page asked for (a preflight): `allow` has the
 * methods of the path, and *err the refusal of OPTIONS, which is taken back. False when it is no preflight, when
 * its origin is not listed or when the path has no route: *err stays what it was. */
MUST_CHECK bool cors_preflight(const struct config *config, const struct request *req, struct str allow,
	struct response *res, struct error *err);

#endif

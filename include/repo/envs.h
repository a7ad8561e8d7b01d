/* The envs that are served here, for work that is no request: it must leave the rows of another env to another server. */
#ifndef TENANTD_REPO_ENVS_H
#define TENANTD_REPO_ENVS_H

#include "core/arena.h"
#include "core/config.h"

/* An array of SQL, such as {dev,staging}, in `a`. */
struct str envs_served(struct arena *a, const struct config *c);

#endif

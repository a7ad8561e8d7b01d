/* The gate of the release after this one, whose program and database agree on another number: src/repo/gate.c in tenantd_next. */
#include "repo/gate.h"

enum { NEXT_INTERFACE = TENANTD_INTERFACE + 1 };
#define TENANTD_INTERFACE NEXT_INTERFACE
#include "../../src/repo/gate.c"

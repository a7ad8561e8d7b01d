/* W3C Trace Context, level 1: the trace id of a request, taken from `traceparent` or made here. */
#ifndef TENANTD_CORE_TRACE_H
#define TENANTD_CORE_TRACE_H

#include "core/str.h"

struct trace {
	char id[33]; /* 32 lower-case hex digits, terminated */
	char span[17]; /* our own span: 16 hex digits, terminated */
	char parent[56]; /* the traceparent to answer with: "00-id-span-flags", terminated */
};

/* Continues a valid traceparent (version 00, or a later one read as 00), else begins a new trace.
 * Malformed and all-zero values are ignored, as the specification says. */
void trace_begin(struct trace *t, struct str traceparent);

#endif

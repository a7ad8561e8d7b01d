/*
 * HTTP for tests: libcurl for requests as clients make them, and a raw socket for those that no client would send. The
 * target is sent unchanged (CURLOPT_PATH_AS_IS, CURLOPT_REQUEST_TARGET). What a function here returns lives in the arena
 * of its thread until http_forget.
 */
#ifndef TENANTD_TESTS_HTTP_H
#define TENANTD_TESTS_HTTP_H

#include "core/json.h"

enum { HTTP_HEADERS = 72 };

/* What is sent with a request. All members are optional. */
struct http_with {
	const char *token;
	const char *tenant; /* X-Tenant-ID */
	const char *slug; /* X-Tenant-Slug */
	const char *env; /* X-Env */
	const char *body; /* sent as application/json unless `type` says otherwise */
	const char *type;
	size_t length; /* of the body when it is not terminated; 0: strlen */
	const char *headers[HTTP_HEADERS]; /* whole lines, "Name: value" */
};

struct http_reply {
	int status; /* 0: no answer came */
	const char *head; /* the header lines */
	struct str body;
	const struct json *json; /* NULL when the body is not JSON */
	const char *code; /* the error code of a problem, otherwise "" */
};

#define HTTP(method, target, ...) http_send(method, target, &(const struct http_with){ __VA_ARGS__ })
struct http_reply http_send(const char *method, const char *target, const struct http_with *with);
/* Sends these bytes unchanged and reads to the end. The request in them should have Connection: close. */
struct http_reply http_raw(struct str bytes);
/* The same, formatted. */
struct http_reply http_rawf(const char *fmt, ...) PRINTF(1, 2);

/* A connection to the web server, for tests that send in pieces. */
int http_dial(void);

/* The value of a header, NULL when absent. */
const char *http_header(const struct http_reply *r, const char *name);
/* The string at a path of the body, "" when there is none ("tenant.slug"). */
const char *http_text(const struct http_reply *r, const char *path);
/* True when the answer has this status and this code (NULL: any code). Otherwise prints what came instead. */
bool http_is(const struct http_reply *r, int status, const char *code);
/* True when the header has this value, or the body contains this text or equals it. Otherwise prints what came instead. */
bool header_is(const struct http_reply *r, const char *name, const char *value);
bool body_has(const struct http_reply *r, const char *text);
bool body_is(const struct http_reply *r, const char *text);
/* True when the errors of a problem name this field. Otherwise prints them. */
bool is_field(const struct http_reply *r, const char *field);
/* The target of Link: <…>; rel="next", NULL when there is no such link. */
const char *next_of(const struct http_reply *r);
/* The value of one series of /metrics, which is named with its labels as it is printed there; -1 when it is missing. */
int64_t http_metric(const char *series);

/* The arena of this thread; http_forget frees it. */
struct arena *http_arena(void);
void http_forget(void);
/* Frees what requests of this thread have left. Call at the end of a thread that in_parallel did not start. */
void http_leave_thread(void);
/* Formats a text in that arena. */
const char *text_of(const char *fmt, ...) PRINTF(1, 2);

/* Runs work(number, arg) in the given number of threads and waits for them. */
void in_parallel(size_t threads, void (*work)(size_t number, void *arg), void *arg);

#endif

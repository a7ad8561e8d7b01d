/*
 * Asks an issuer over HTTP, by libcurl. What comes is hostile until it was checked: its length, its time and where it
 * comes from are bounded here. It must never follow a redirect, since that would let one host choose another.
 */
#include "issuer/fetch.h"

#include "core/buf.h"
#include "core/limits.h"
#include "core/validate.h"

#include <curl/curl.h>

struct taken {
	struct buf body;
	size_t most;
	bool is_too_large;
	bool (*should_stop)(void);
};

static size_t take(char *bytes, size_t size, size_t count, void *arg)
{
	struct taken *t = arg;
	if (size * count > t->most - buf_str(&t->body).len) {
		t->is_too_large = true;
		return 0;
	}
	buf_add(&t->body, str_of(bytes, size * count));
	return size * count;
}

/* libcurl calls this about once a second; a value other than 0 ends the transfer. */
static int progress(void *arg, curl_off_t total, curl_off_t now, curl_off_t up_total, curl_off_t up_now)
{
	const struct taken *t = arg;
	(void)total, (void)now, (void)up_total, (void)up_now;
	return t->should_stop() ? 1 : 0;
}

static bool set_up(CURL *curl, const char *url, struct curl_slist *headers, struct taken *t)
{
	return curl_easy_setopt(curl, CURLOPT_URL, url) == CURLE_OK &&
		curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https,http") == CURLE_OK &&
		curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
		curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L) == CURLE_OK &&
		curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L) == CURLE_OK &&
		curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)LIMIT_FETCH_MS) == CURLE_OK &&
		curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
		curl_easy_setopt(curl, CURLOPT_NOPROXY, "localhost,127.0.0.1,::1") == CURLE_OK &&
		curl_easy_setopt(curl, CURLOPT_USERAGENT, "tenantd") == CURLE_OK &&
		curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers) == CURLE_OK &&
		curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take) == CURLE_OK &&
		curl_easy_setopt(curl, CURLOPT_WRITEDATA, t) == CURLE_OK &&
		curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, progress) == CURLE_OK &&
		curl_easy_setopt(curl, CURLOPT_XFERINFODATA, t) == CURLE_OK &&
		curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L) == CURLE_OK;
}

static bool ask(CURL *curl, struct str url, const struct taken *t, struct error *err)
{
	long status = 0;
	CURLcode code = curl_easy_perform(curl);
	(void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	if (t->is_too_large)
		return error_log(err, ERR_UNAVAILABLE, "'%.*s' answers more than %zu bytes", STR_ARG(url), t->most);
	if (code != CURLE_OK)
		return error_log(
			err, ERR_UNAVAILABLE, "'%.*s' cannot be fetched: %s", STR_ARG(url), curl_easy_strerror(code));
	if (status >= 300 && status < 400)
		return error_log(
			err, ERR_UNAVAILABLE, "'%.*s' answers %ld, and redirects are not followed", STR_ARG(url), status);
	return status == 200 ||
		error_log(err, ERR_UNAVAILABLE, "'%.*s' answers %ld instead of 200", STR_ARG(url), status);
}

bool fetch(struct arena *a, struct str url, size_t most, bool (*should_stop)(void), struct str *out,
	struct error *err)
{
	struct taken t = { .most = most, .should_stop = should_stop };
	if (!url_is_fetchable(url))
		return error_log(
			err, ERR_UNAVAILABLE, "'%.*s' is not an https:// URL, or http:// of this host", STR_ARG(url));
	buf_init(&t.body, a, most);
	CURL *curl = curl_easy_init();
	struct curl_slist *headers = curl_slist_append(NULL, "Accept: application/json");
	bool good = curl && headers && set_up(curl, arena_cstr(a, url), headers, &t)
		? ask(curl, url, &t, err)
		: error_log(err, ERR_UNAVAILABLE, "libcurl cannot be set up");
	curl_easy_cleanup(curl);
	curl_slist_free_all(headers);
	*out = buf_str(&t.body);
	return good;
}

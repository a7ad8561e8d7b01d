/*
 * Web servers that are not configured as they must be: what requests show of it is said in the log, once until the next
 * reload. A web server with the shipped configuration is not accused, whatever clients send.
 */
#include "app/web_server.h"
#include "support/fcgi_client.h"
#include "support/http.h"
#include "support/stack.h"
#include "support/unit.h"

#include <unistd.h>

#define NO_CREDENTIALS "\"web_server.no_credentials\""
#define LOOK_ALIKES "\"web_server.look_alikes\""
#define MISSING "\"web_server.missing_parameter\""
#define BELOW "\"web_server.below_a_path\""

static const char *bearer;

/* Everything is forgotten, and then the server gets these lines. */
static void begin(enum stack_server server, const char *lines)
{
	stack_web_with(server, "");
	stack_reload();
	stack_log_mark();
	if (*lines)
		stack_web_with(server, lines);
}

static void ask_often(const char *token)
{
	for (int i = 0; i < WEB_SERVER_MANY; i++)
		(void)HTTP("GET", "/v1/tenant", .token = token);
}

/* The server with these lines has never passed a request for a route on. */
static void begin_without_a_route(enum stack_server server, const char *lines)
{
	begin(server, lines);
	kill(stack_master(), SIGHUP);
	UNTIL(SOON_S, stack_log("\"master.handed_over\"", NULL) == 1);
	for (int i = 0; i < WEB_SERVER_MANY; i++)
		CU_ASSERT_EQUAL(HTTP("GET", "/api/v1/tenant?x=1", .token = bearer).status, 404);
}

static bool is_said_once(const char *event, const char *advice)
{
	size_t events = stack_log(event, NULL), with_advice = stack_log(event, advice);
	if (events == 1 && with_advice == 1)
		return true;
	fprintf(stderr, "  %s: %zu lines, %zu with %s\n", event, events, with_advice, advice);
	return false;
}

static void a_server_that_keeps_authorization_to_itself_is_told_of(void)
{
	begin(SERVER_PROXY, "<Location \"/\">\nCGIPassAuth Off\n</Location>");
	ask_often(bearer);
	CU_ASSERT(is_said_once(NO_CREDENTIALS, "CGIPassAuth On"));
	ask_often(bearer);
	CU_ASSERT(is_said_once(NO_CREDENTIALS, "\"server\":\"Apache"));
	stack_reload();
	ask_often(bearer);
	CU_ASSERT_EQUAL(stack_log(NO_CREDENTIALS, NULL), 2);
}

static void one_request_with_a_token_shows_that_it_is_passed_on(void)
{
	begin(SERVER_PROXY, "");
	CU_ASSERT_EQUAL(HTTP("GET", "/v1/tenant", .token = bearer).status, 200);
	ask_often(NULL);
	CU_ASSERT_EQUAL(stack_log(NO_CREDENTIALS, NULL), 0);
	stack_reload();
	(void)HTTP("GET", "/healthz", .headers = { "Cookie: of=another" });
	ask_often(NULL);
	CU_ASSERT_EQUAL(stack_log(NO_CREDENTIALS, NULL), 0);
}

/* T23. The host's own line replaces those of the shipped file. */
static void a_server_that_passes_look_alikes_on_is_told_of(void)
{
	begin(SERVER_LIGHTTPD,
		"$HTTP[\"url\"] =~ \"^/v1/\" {\n setenv.add-environment = ( \"A_HOSTS_OWN\" => \"1\" )\n"
		" setenv.set-environment = ( \"ANOTHER\" => \"1\" )\n}");
	CU_ASSERT_EQUAL(HTTP("GET", "/v1/tenant", .headers = { "X_Tenant_ID: x" }).status, 401);
	(void)HTTP("GET", "/v1/tenant", .token = bearer);
	CU_ASSERT(is_said_once(LOOK_ALIKES, "tenantd.conf"));
}

/* No server in this suite drops nothing and adds nothing, so a peer speaks for one. */
static void a_header_in_two_spellings_shows_that_look_alikes_come_through(void)
{
	struct bytes params = { 0 }, all = { 0 };
	struct fcgi_reply reply = { 0 };
	begin(SERVER_LIGHTTPD, "");
	param_usual(&params, "GET", "/v1/tenant", NULL);
	param_add(&params, STR("SERVER_SOFTWARE"), STR("nginx/1.22.1"));
	param_add(&params, STR("HTTP_X_TENANT_ID"), STR("x"));
	param_add(&params, STR("HTTP_X_TENANT_ID"), STR("y"));
	record_begin(&all, 1, FCGI_RESPONDER, 0);
	record_stream(&all, FCGI_PARAMS, 1, params.at, params.len);
	record_stream(&all, FCGI_STDIN, 1, NULL, 0);
	int fd = fcgi_connect(stack_socket());
	CU_ASSERT(fcgi_send(fd, &all));
	fcgi_receive(fd, SOON_S * 1000, &reply);
	CU_ASSERT_EQUAL(reply.status, 400);
	CU_ASSERT(is_said_once(LOOK_ALIKES, "underscores_in_headers off"));
	bytes_release(&params);
	bytes_release(&all);
	bytes_release(&reply.out);
	bytes_release(&reply.err);
	close(fd);
}

static void a_missing_parameter_is_told_of(void)
{
	begin(SERVER_PROXY, "ProxyFCGISetEnvIf \"true\" !REMOTE_ADDR");
	CU_ASSERT_EQUAL(HTTP("GET", "/v1/tenant", .token = bearer).status, 200);
	CU_ASSERT(is_said_once(MISSING, "\"what\":\"REMOTE_ADDR\""));
	begin(SERVER_PROXY, "ProxyFCGISetEnvIf \"true\" !REQUEST_URI");
	CU_ASSERT_EQUAL(HTTP("GET", "/v1/tenant", .token = bearer).status, 400);
	CU_ASSERT(is_said_once(MISSING, "\"what\":\"REQUEST_URI\""));
}

static void a_body_in_chunks_without_its_length_is_told_of(void)
{
	begin(SERVER_PROXY,
		"ProxyFCGISetEnvIf \"true\" !CONTENT_LENGTH\nProxyFCGISetEnvIf \"true\" HTTP_TRANSFER_ENCODING chunked");
	(void)http_rawf(
		"PATCH /v1/tenant HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\nConnection: close\r\n"
		"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
		bearer);
	CU_ASSERT(is_said_once(MISSING, "proxy-sendcl"));
}

static void tenantd_below_a_path_is_told_of(void)
{
	begin_without_a_route(SERVER_LIGHTTPD,
		text_of(
			"$HTTP[\"url\"] =~ \"^/api/\" { fastcgi.server = ( \"/api\" => (( \"socket\" => \"%s\", \"check-local\" => \"disable\" )) ) }",
			stack_socket()));
	CU_ASSERT(is_said_once(BELOW, "\"what\":\"/api\""));
	begin_without_a_route(SERVER_PROXY,
		text_of("<Location \"/api/\">\nProxyPass \"unix:%s|fcgi://tenantd/\"\n</Location>", stack_socket()));
	CU_ASSERT(is_said_once(BELOW, "virtual host"));
}

static void a_server_with_the_shipped_configuration_is_not_accused(void)
{
	static const char *const targets[] = { "/x/v1/tenant", "//v1/tenant", "/v1/../v1/tenant",
		"/v1/%2e%2e/v1/tenant", "/v1/tenant/v1/tenant", "/../v1/tenant", "/v1/%zz", "/v1/tenant;x", "/" };
	static const char *const headers[] = { "X_Tenant_ID: x", "X.Env: prod", "X_Other: x", "X-Tenant-ID: x",
		"Expect: other" };
	static const char *const methods[] = { "GET", "PATCH", "FOO", "POST" };
	for (size_t s = 0; s < SERVER_FCGID; s++) {
		begin((enum stack_server)s, "");
		for (size_t i = 0; i < COUNT_OF(targets); i++)
			(void)HTTP("GET", targets[i], .token = bearer);
		for (size_t i = 0; i < COUNT_OF(headers); i++)
			(void)HTTP("GET", "/v1/tenant", .token = bearer, .headers = { headers[i], "X-Other: y" });
		for (size_t i = 0; i < COUNT_OF(methods); i++)
			(void)HTTP(methods[i], "/v1/tenant", .token = bearer, .body = "{}");
		(void)http_rawf(
			"PATCH /v1/tenant HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\nConnection: close\r\n"
			"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
			bearer);
		(void)http_rawf("NONSENSE\r\n\r\n");
		CU_ASSERT_EQUAL(stack_log("\"web_server.", NULL), 0);
	}
}

int main(void)
{
	static const struct unit_test tests[] = {
		TEST(a_server_that_keeps_authorization_to_itself_is_told_of),
		TEST(one_request_with_a_token_shows_that_it_is_passed_on),
		TEST(a_server_that_passes_look_alikes_on_is_told_of),
		TEST(a_header_in_two_spellings_shows_that_look_alikes_come_through),
		TEST(a_missing_parameter_is_told_of),
		TEST(a_body_in_chunks_without_its_length_is_told_of),
		TEST(tenantd_below_a_path_is_told_of),
		TEST(a_server_with_the_shipped_configuration_is_not_accused),
	};
	stack_up();
	const char *who = someone("front");
	bearer = token(who, tenant_of(who), "dev");
	return unit_main("web_server", tests, COUNT_OF(tests));
}

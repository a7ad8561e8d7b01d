/* Whether a worker can serve, and what a caller is told when it cannot. */
#include "app/server.h"

bool server_is_ready(const struct server *server, struct error *err)
{
	if (server->is_ready && db_is_connected(server->source.db))
		return true;
	if (server->is_open)
		return error_set(err, ERR_ISOLATION_FAILED,
			"the walls between tenants are not as they should be, and nobody is served until they are");
	if (server->is_refused)
		return error_set(
			err, ERR_CONTEXT_REFUSED, "the database does not take this server for one of its own");
	return error_set(err, ERR_UNAVAILABLE, "the database is away");
}

/* The database as the workers see it. */
#include "ctl_app.h"

#include "crypto/context_key.h"

/* An operator would rather wait than be told that the host was busy; a worker tries again by itself. */
enum { PATIENCE_MS = 60 * 1000 };

bool ctl_connect_app(struct ctl *ctl, struct error *err)
{
	if (!ctl_act_as_server(ctl, err))
		return false;
	db_free(ctl->db);
	ctl->options = (struct db_options){ ctl->config.database.url, "tenantctl", LIMIT_CONNECT_MS, PATIENCE_MS,
		ctl->config.limits.lock_timeout, PATIENCE_MS };
	ctl->db = db_new(&ctl->options);
	return db_connect(ctl->db, err);
}

bool ctl_gate(struct ctl *ctl, struct gate_report *report, struct error *err)
{
	struct str key;
	struct tx_source source;
	if (!ctl_connect_app(ctl, err) || !context_key_read(ctl->arena, &ctl->config, &key, err))
		return false;
	tx_source_init(&source, ctl->db, key);
	source.write_ms = PATIENCE_MS;
	return gate_run(&source, ctl->arena, config_any_env(&ctl->config), report, err);
}

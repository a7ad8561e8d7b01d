/* tenantd, the pool: reads its few options and becomes the master. */
#include "config.h"

#include "core/arena.h"
#include "core/clock.h"
#include "core/config.h"
#include "core/log.h"
#include "crypto/context_key.h"
#include "crypto/keystore.h"
#include "db/conn.h"
#include "domains/check.h"
#include "issuer/refresh.h"
#include "mail/post.h"
#include "pool/errand.h"
#include "pool/master.h"
#include "pool/privileges.h"
#include "pool/worker.h"
#include "pool/worker_signals.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char help[] =
	"usage: tenantd [--config FILE]\n"
	"\n"
	"Serves the tenancy layer over FastCGI: a master, its workers, one database connection each.\n"
	"\n"
	"  -c, --config FILE  the configuration; default $TENANTD_CONFIG, else " SYSCONFDIR
	"/tenantd/tenantd.ini\n"
	"  -t, --check        read the configuration and every key it names, as [server] user, then leave\n"
	"      --help-config  every key of the configuration with its default\n"
	"  -h, --help\n"
	"  -V, --version\n"
	"\n"
	"SIGHUP reloads, SIGTERM finishes what has begun and leaves. tenantctl does everything else.\n";

/* Checks what would keep a worker from starting, before one is forked. */
static bool can_start(const struct config *config, struct arena *a, struct error *err)
{
	struct str key;
	return keystore_load(a, config, err) && context_key_read(a, config, &key, err);
}

/* How a child of the master's connects: as the role that may do errands and nothing else. */
static struct db_options errands_login(const struct config *config, const char *name)
{
	return (struct db_options){ .url = config->database.errands_url,
		.application_name = name,
		.connect_ms = LIMIT_CONNECT_MS,
		.statement_ms = config->limits.statement_timeout,
		.lock_ms = config->limits.lock_timeout };
}

/* A run stops by itself after RUN_S, between two mails or two domains, and may finish what it has begun. A child runs one. */
enum { RUN_S = 60 };

static int64_t run_ends_us;

static void begin_run(void)
{
	run_ends_us = clock_mono_us() + (int64_t)RUN_S * 1000 * 1000;
}

static bool run_should_stop(void)
{
	return worker_should_stop() || clock_mono_us() >= run_ends_us;
}

/* ---- the errand of sending mail ---- */

enum { MAIL_MOST_S = RUN_S + 2 * LIMIT_SENDMAIL_MS / 1000 };

static int64_t mail_interval(const struct config *config, size_t number)
{
	(void)number; /* there is one */
	return config->mail.interval;
}

static int send_mail(const struct config *config, size_t number)
{
	(void)number;
	struct error err = ERROR_INIT;
	struct mail_tally tally;
	const struct db_options options = errands_login(config, "tenantd-mail");
	struct db *db = db_new(&options); /* which keeps the options */
	begin_run();
	bool good = mail_is_ready(config, &err) && db_connect(db, &err) &&
		mail_run(db, config, 0, run_should_stop, &tally, &err);
	if (!good)
		LOG(ERROR, "mail.stopped", LOG_C("why", err.operator));
	db_free(db);
	return good ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* ---- the errand of looking up domains ---- */

enum { DOMAINS_MOST_S = RUN_S + 2 * LIMIT_DNS_MS / 1000 };

static int64_t domains_interval(const struct config *config, size_t number)
{
	(void)number; /* there is one */
	return config->domains.interval;
}

static int check_domains(const struct config *config, size_t number)
{
	(void)number;
	struct error err = ERROR_INIT;
	struct domains_tally tally;
	const struct db_options options = errands_login(config, "tenantd-domains");
	struct db *db = db_new(&options);
	begin_run();
	bool good = db_connect(db, &err) && domains_run(db, config, run_should_stop, &tally, &err);
	if (!good)
		LOG(ERROR, "domains.stopped", LOG_C("why", err.operator));
	db_free(db);
	return good ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* ---- the errands of fetching keys, one for each issuer: none waits for another ---- */

/* Discovery and the set, and some time for the rest. */
enum { KEYS_MOST_S = 3 * LIMIT_FETCH_MS / 1000 };

static int64_t keys_interval(const struct config *config, size_t number)
{
	bool is_one = number < config->issuer_count && config_is_fetched(&config->issuers[number]);
	return is_one ? config->auth.jwks_interval : 0;
}

static int64_t keys_pause(const struct config *config)
{
	return config->auth.jwks_pause;
}

static int fetch_keys(const struct config *config, size_t number)
{
	struct error err = ERROR_INIT;
	const struct issuer_config *issuer = &config->issuers[number];
	bool is_new;
	if (!issuer_refresh(issuer, worker_should_stop, &is_new, &err)) {
		LOG(ERROR, "keys.not_fetched", LOG_STR("issuer", issuer->name), LOG_C("why", err.operator));
		return EXIT_FAILURE;
	}
	LOG(INFO, "keys.fetched", LOG_STR("issuer", issuer->name), LOG_C("set", is_new ? "new" : "same"));
	return is_new ? ERRAND_NEWS : EXIT_SUCCESS;
}

static const struct errand_kind errands[] = {
	{ "tenantd-mail", 1, send_mail, mail_interval, NULL, MAIL_MOST_S },
	{ "tenantd-domains", 1, check_domains, domains_interval, NULL, DOMAINS_MOST_S },
	{ "tenantd-keys", LIMIT_ISSUERS, fetch_keys, keys_interval, keys_pause, KEYS_MOST_S },
};

static void print_keys(void)
{
	size_t count;
	const struct config_key *keys = config_keys(&count);
	for (size_t i = 0; i < count; i++)
		printf("[%s] %s (%s)\n    %s\n    default: %s\n", keys[i].section, keys[i].key, keys[i].type,
			keys[i].help,
			keys[i].standard == NULL  ? "none, required"
				: keys[i].standard[0] ? keys[i].standard
									  : "none");
}

/* As the user that will serve: root could read what that user cannot, and a reload reads it again. */
static bool check_as_server(struct config *config, struct arena *a, const char *path, struct error *err)
{
	struct account user;
	return config_load(config, a, path, err) && account_find(&user, config->server.user, err) &&
		(geteuid() != 0 || privileges_drop(&user, err)) && config_load(config, a, path, err) &&
		can_start(config, a, err);
}

static int check_config(const char *path)
{
	struct error err = ERROR_INIT;
	struct config config;
	struct arena *a = arena_new(LIMIT_REQUEST_POOL);
	bool good = check_as_server(&config, a, path, &err);
	if (good)
		printf("%s: good\n", path);
	else
		fprintf(stderr, "tenantd: %s\n", err.operator[0] ? err.operator : err.detail);
	arena_free(a);
	return good ? EXIT_SUCCESS : 78;
}

int main(int argc, char **argv)
{
	enum { OPTION_KEYS = 256 };
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "check", no_argument, NULL, 't' },
		{ "help-config", no_argument, NULL, OPTION_KEYS },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	struct pool pool = { .config_path = getenv("TENANTD_CONFIG"),
		.check = can_start,
		.worker = worker_run,
		.errands = errands,
		.errand_kinds = COUNT_OF(errands) };
	bool only_check = false;
	int option;
	if (!pool.config_path)
		pool.config_path = SYSCONFDIR "/tenantd/tenantd.ini";
	while ((option = getopt_long(argc, argv, "c:thV", options, NULL)) != -1) {
		switch (option) {
		case 'c':
			pool.config_path = optarg;
			break;
		case 't':
			only_check = true;
			break;
		case OPTION_KEYS:
			print_keys();
			return EXIT_SUCCESS;
		case 'h':
			fputs(help, stdout);
			return EXIT_SUCCESS;
		case 'V':
			puts(PACKAGE_STRING);
			return EXIT_SUCCESS;
		default:
			fputs(help, stderr);
			return 64;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "tenantd: \"%s\" is not an option\n", argv[optind]);
		return 64;
	}
	return only_check ? check_config(pool.config_path) : master_run(&pool);
}

/* tenantd, the pool: reads its few options and becomes the master. */
#include "config.h"

#include "core/arena.h"
#include "core/clock.h"
#include "core/config.h"
#include "core/log.h"
#include "crypto/context_key.h"
#include "crypto/keystore.h"
#include "db/conn.h"
#include "mail/post.h"
#include "pool/errand.h"
#include "pool/master.h"
#include "pool/worker.h"
#include "pool/worker_signals.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

static const char help[] =
	"usage: tenantd [--config FILE]\n"
	"\n"
	"Serves the tenancy layer over FastCGI: a master, its workers, one database connection each.\n"
	"\n"
	"  -c, --config FILE  the configuration; default $TENANTD_CONFIG, else " SYSCONFDIR
	"/tenantd/tenantd.ini\n"
	"  -t, --check        read the configuration and every key it names, then leave\n"
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

/* ---- the errand: sending mail ---- */

static int64_t errand_ends_us;

static bool errand_should_stop(void)
{
	return worker_should_stop() || clock_mono_us() >= errand_ends_us;
}

static int send_mail(const struct config *config)
{
	struct error err = ERROR_INIT;
	struct mail_tally tally;
	struct db_options options = { .url = config->database.admin_url,
		.application_name = "tenantd-mail",
		.connect_ms = LIMIT_CONNECT_MS,
		.statement_ms = config->limits.statement_timeout,
		.lock_ms = config->limits.lock_timeout };
	struct db *db = db_new(&options);
	errand_ends_us = clock_mono_us() + (int64_t)ERRAND_S * 1000 * 1000;
	bool good = mail_is_ready(config, &err) && db_connect(db, &err) &&
		mail_run(db, config, 0, errand_should_stop, &tally, &err);
	if (!good)
		LOG(ERROR, "mail.stopped", LOG_C("why", err.operator));
	db_free(db);
	return good ? EXIT_SUCCESS : EXIT_FAILURE;
}

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

static int check_config(const char *path)
{
	struct error err = ERROR_INIT;
	struct config config;
	struct arena *a = arena_new(LIMIT_REQUEST_POOL);
	bool good = config_load(&config, a, path, &err) && can_start(&config, a, &err);
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
	struct pool pool = {
		.config_path = getenv("TENANTD_CONFIG"), .check = can_start, .worker = worker_run, .errand = send_mail
	};
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

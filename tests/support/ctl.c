#include "support/ctl.h"

#include "core/log.h"
#include "db/pipeline.h"
#include "support/cluster.h"
#include "support/files.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static struct {
	struct cluster cluster;
	struct arena *arena;
	struct db_options options;
	struct db *db; /* as the superuser */
	char dir[64];
} world;

struct arena *ctl_arena(void)
{
	return world.arena;
}

const char *ctl_file(const char *name)
{
	return arena_printf(world.arena, "%s/%s", world.dir, name).at;
}

const char *ctl_text(const char *name)
{
	static char text[64 * 1024];
	FILE *f = fopen(ctl_file(name), "re");
	size_t len = f ? fread(text, 1, sizeof(text) - 1, f) : 0;
	if (f)
		fclose(f);
	text[len] = '\0';
	return text;
}

void ctl_put(const char *name, const char *text)
{
	files_write(ctl_file(name), text, 0600);
}

struct str ctl_sql(const char *statement)
{
	struct error err = ERROR_INIT;
	struct rows rows;
	if (!db_script(world.db, world.arena, str_c(statement), &rows, &err)) {
		fprintf(stderr, "%s: %s\n", statement, err.operator);
		exit(EXIT_FAILURE);
	}
	return rows.count > 0 ? rows_value(&rows, 0, 0, NULL) : STR("");
}

void ctl_says(const char *at, int line, const char *statement, const char *wanted)
{
	struct str got = ctl_sql(statement);
	CU_ASSERT(str_eq(got, str_c(wanted)));
	if (!str_eq(got, str_c(wanted)))
		fprintf(stderr, "%s:%d: '%.*s'\n", at, line, STR_ARG(got));
}

bool ctl_said(const char *text)
{
	bool is_there = strstr(ctl_text("said"), text) != NULL;
	if (!is_there)
		fprintf(stderr, "not said: %s\nbut: %s\n", text, ctl_text("said"));
	return is_there;
}

static bool is_of_folder(struct str word)
{
	return str_find(word, '/') == word.len &&
		(str_ends(word, STR(".csv")) || str_ends(word, STR(".json")) || str_ends(word, STR(".out")));
}

int ctl(const char *words)
{
	char *argv[24] = { (char *)"tenantctl" };
	struct str rest = str_c(words), word;
	for (size_t i = 1; i < COUNT_OF(argv) - 1 && !str_is_empty(rest); i++) {
		rest = str_split(rest, ' ', &word);
		char *given = arena_cstr(world.arena, word);
		argv[i] = is_of_folder(word) ? (char *)ctl_file(given) : given;
	}
	fflush(NULL);
	pid_t pid = fork();
	if (pid == 0) {
		const char *program = getenv("TENANTCTL");
		setenv("TENANTD_CONFIG", ctl_file("tenantd.ini"), 1);
		int out = open(ctl_file("said"), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
		if (dup2(out, 1) < 0 || dup2(out, 2) < 0)
			_exit(126);
		execv(program ? program : "./tenantctl", argv);
		_exit(127);
	}
	int how = 0;
	waitpid(pid, &how, 0);
	return WIFEXITED(how) ? WEXITSTATUS(how) : -1;
}

static void configure(const char *name, const char *envs, const char *more)
{
	ctl_put("key", "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n");
	ctl_put("tenantd.ini",
		arena_printf(world.arena,
			"[server]\nlisten = unix:%s/tenantd.sock\n"
			"[database]\nurl = %s\nadmin_url = %s\n"
			"[tenancy]\nallowed_envs = %s\ncontext_key_file = %s\n"
			"[issuer.main]\nissuer = https://id.example\naudience = api\nalgorithms = HS256\nhs256_secret_file = %s\n"
			"%s",
			world.dir, cluster_url(&world.cluster, world.arena, name, "tenantd_app").at,
			cluster_url(&world.cluster, world.arena, name, "tenantd_migrator").at, envs, ctl_file("key"),
			ctl_file("key"), more)
			.at);
}

void ctl_begin(const char *name, const char *envs, const char *more)
{
	struct error err = ERROR_INIT;
	if (!log_open("/dev/null", LOG_LEVEL_INFO, &err))
		exit(EXIT_FAILURE);
	cluster_open(&world.cluster);
	cluster_migrated(&world.cluster, name);
	files_begin(world.dir, sizeof(world.dir), name);
	world.arena = arena_new(256 * 1024);
	configure(name, envs, more);
	world.options = (struct db_options){ .url = cluster_url(&world.cluster, world.arena, name, "postgres"),
		.application_name = "test",
		.connect_ms = 5000 };
	world.db = db_new(&world.options);
	if (!db_connect(world.db, &err) || ctl("context-key add") != 0) {
		fprintf(stderr, "no world for tenantctl: %s\n%s\n", err.operator, ctl_text("said"));
		ctl_end();
		exit(EXIT_FAILURE);
	}
}

void ctl_end(void)
{
	db_free(world.db);
	arena_free(world.arena);
	files_end(world.dir);
	cluster_close(&world.cluster);
}

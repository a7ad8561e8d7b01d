/*
 * The setting ("world") of the tests of the pool: a temporary directory with a configuration, and a real master with real
 * workers on a real socket. The workers run a simple accept loop, which does what one word per connection tells it; the
 * head of test_pool_world.c lists the words. world_end ends the master and its workers.
 */
#ifndef TENANTD_TEST_POOL_H
#define TENANTD_TEST_POOL_H

#include "pool/master.h"
#include "support/files.h"
#include "support/unit.h"

#include <stdio.h>

enum { ANSWER = 256, PATIENCE_MS = 30 * 1000 };

struct world {
	char dir[64];
	char socket[96];
	char ini[96];
	char log[96];
	char pid_file[96];
	char refusal[96]; /* while this file exists, pool->check refuses */
	pid_t master;
	int births; /* each worker writes a struct birth_note here when it starts */
	int births_in;
	int given; /* becomes fd 0 of the master; -1: none */
	int passed; /* becomes fd 3, as systemd passes a socket; -1: none */
	int passed_count; /* how many sockets the variables speak of; below 0: they are meant for another process */
	const char *notify; /* NOTIFY_SOCKET of the master; NULL: none */
	struct errand_kind errand; /* of the master; without `run` there is none */
	unsigned process_limit; /* RLIMIT_NPROC of the master until its first SIGHUP; 0: unchanged */

	/* written to the ini file by world_config */
	const char *listen; /* NULL: the unix socket */
	const char *mode;
	const char *group;
	const char *user;
	int workers;
	int drain_s;
	int deadline_ms;
	int word; /* a number that the workers answer with, by which tests tell configurations apart */
};

struct birth_note {
	pid_t pid;
	int64_t at_us;
};

void world_begin(struct world *w);
/* Writes the ini file from the fields above and appends `more`, which may be NULL. */
void world_config(const struct world *w, const char *more);
/* Starts a master whose workers run the accept loop, or `work` when that is given. Without `work` it waits until a worker
 * answers. */
void world_start(struct world *w, int (*work)(const struct worker_birth *));
/* Starts such a world with one worker and returns the pid of that worker. */
pid_t world_of_one(struct world *w);
/* The same with a deadline for requests. */
pid_t world_of_one_within(struct world *w, int deadline_ms);
/* Starts a master with the accept loop without waiting. */
void world_start_alone(struct world *w);
int world_accept_loop(const struct worker_birth *birth);
/* Waits for the master to end. Returns its exit status, or 1000 + the signal, or -1 when it takes too long. */
int world_wait_master(struct world *w);
void world_end(struct world *w);

/* Sends one word to any worker and reads the whole answer. False when no worker took it. */
bool ask(const struct world *w, const char *word, char answer[ANSWER]);
/* The same in two steps. -1 when nothing listens. */
int ask_begin(const struct world *w, const char *word);
bool ask_end(int fd, char answer[ANSWER]);
/* Sends a word that keeps its worker busy ("hold", "stick"). Returns when a worker has received it. */
int hold(const struct world *w, const char *word);
/* Ends a "hold". */
bool let_go(int fd, char answer[ANSWER]);
/* The pid (or the number at `index`) in the answer to `word`; -1 without an answer. */
long ask_number(const struct world *w, const char *word, int index);

struct birth_note next_birth(const struct world *w);
bool process_is_there(pid_t pid);
bool is_there(const char *path);
bool log_has(const struct world *w, const char *text);
int log_count(const struct world *w, const char *text);
void touch(const char *path);
int64_t now_ms(void);

/* Waits until `claim` holds, at most for PATIENCE_MS, and asserts it. */
#define EVENTUALLY(claim)                                                                                    \
	do {                                                                                                     \
		bool held_ = false;                                                                                  \
		UNTIL(PATIENCE_MS / 1000, (held_ = (claim)));                                                        \
		CU_ASSERT_TRUE(held_);                                                                               \
		if (!held_)                                                                                          \
			fprintf(stderr, "%s:%d: never came true: %s\n", __FILE__, __LINE__, #claim);                     \
	} while (0)

/* The tests of each file as X(name). */
#define POOL_TESTS(X)                                                                                        \
	X(socket_has_the_mode_and_group_of_the_config)                                                           \
	X(stale_socket_is_replaced)                                                                              \
	X(file_in_the_way_is_left_alone)                                                                         \
	X(listen_address_that_cannot_be_meant_is_refused)                                                        \
	X(socket_mode_that_is_none_is_refused)                                                                   \
	X(tcp_socket_listens_on_both_loopbacks)                                                                  \
	X(tcp_address_beyond_loopback_is_warned_of)                                                              \
	X(given_descriptor_must_listen)                                                                          \
	X(given_descriptor_leaves_standard_input)                                                                \
	X(worker_cannot_remove_the_socket)                                                                       \
	X(lock_is_free_after_close)                                                                              \
	X(as_many_workers_answer_as_configured)                                                                  \
	X(killed_worker_is_replaced)                                                                             \
	X(back_off_grows_for_workers_that_die_at_once)                                                           \
	X(worker_that_left_normally_is_replaced_at_once)                                                         \
	X(watchdog_ends_a_stuck_worker)                                                                          \
	X(successor_of_a_stuck_worker_does_not_inherit_its_time)                                                 \
	X(stopped_worker_is_ended_too)                                                                           \
	X(worker_that_waits_and_does_not_look_around_is_ended)                                                   \
	X(failed_fork_is_tried_again)                                                                            \
	X(workers_are_not_root_and_hide_their_memory)                                                            \
	X(unknown_user_refuses_to_start)                                                                         \
	X(request_is_not_interrupted_by_signals)                                                                 \
	X(hangup_and_interrupt_are_for_the_master)                                                               \
	X(second_master_on_the_same_socket_is_refused)                                                           \
	X(pool_serves_on_standard_input)                                                                         \
	X(pool_refuses_standard_input_that_does_not_listen)                                                      \
	X(refused_configuration_does_not_start)                                                                  \
	X(reload_refuses_no_connection)                                                                          \
	X(reload_lets_the_old_worker_finish)                                                                     \
	X(reload_changes_the_number_of_workers)                                                                  \
	X(reload_of_a_broken_configuration_keeps_the_old)                                                        \
	X(reload_that_the_check_refuses_keeps_the_old)                                                           \
	X(reload_whose_workers_do_not_start_keeps_the_old_ones)                                                  \
	X(reload_keeps_the_socket_when_listen_changed)                                                           \
	X(reload_opens_the_log_again)                                                                            \
	X(many_reloads_at_once_end_in_one_generation)                                                            \
	X(reload_whose_workers_refuse_keeps_the_old_ones)                                                        \
	X(reload_whose_workers_are_silent_keeps_the_old_ones)                                                    \
	X(fewer_workers_are_no_reason_to_dismiss_those_that_serve)                                               \
	X(reload_while_another_waits_takes_its_place)                                                            \
	X(worker_that_dies_while_a_reload_waits_is_replaced_by_its_like)                                         \
	X(crew_whose_worker_was_not_seen_to_serve_is_kept_too)                                                   \
	X(sigterm_ends_a_reload_that_waits)                                                                      \
	X(reload_of_a_pool_that_never_served_replaces_it)                                                        \
	X(worker_that_is_due_stays_until_its_successor_serves)                                                   \
	X(worker_that_is_due_serves_on_when_its_successor_does_not)                                              \
	X(few_compute_passwords_at_once_and_a_flood_is_turned_away)                                              \
	X(who_is_held_up_while_it_takes_its_ticket_is_waited_for)                                                \
	X(who_comes_while_two_compute_and_two_wait_is_turned_away_at_once)                                       \
	X(a_quarter_of_the_workers_compute_and_one_at_least)                                                     \
	X(an_answered_request_does_not_count_against_the_next)                                                   \
	X(without_a_share_there_is_no_bound)                                                                     \
	X(two_names_of_a_tenant_have_one_share)                                                                  \
	X(whoever_took_more_than_its_share_is_held_to_it_for_a_while)                                            \
	X(slow_requests_have_their_share_and_others_the_rest)                                                    \
	X(quick_requests_of_one_tenant_may_have_every_worker)                                                    \
	X(sigterm_drains_a_busy_worker)                                                                          \
	X(sigint_stops_idle_workers)                                                                             \
	X(sigterm_is_said_again_until_it_is_heard)                                                               \
	X(worker_that_does_not_leave_is_killed_at_the_drain_timeout)                                             \
	X(workers_leave_when_the_master_dies)                                                                    \
	X(new_master_starts_beside_the_orphans_of_the_old)                                                       \
	X(manager_is_told_of_the_start_and_of_the_workers)                                                       \
	X(manager_gets_signs_of_life)                                                                            \
	X(manager_is_told_why_a_reload_was_refused)                                                              \
	X(manager_is_told_of_the_end)                                                                            \
	X(socket_of_the_manager_is_taken_and_outlives_tenantd)                                                   \
	X(socket_of_the_manager_must_be_the_configured_one)                                                      \
	X(more_than_one_socket_is_refused)                                                                       \
	X(variables_of_another_process_are_not_ours)                                                             \
	X(errands_follow_each_other_one_at_a_time)                                                               \
	X(errand_that_fails_comes_later_and_later)                                                               \
	X(errand_with_news_renews_the_workers)                                                                   \
	X(errand_may_finish_when_the_master_drains)                                                              \
	X(errand_that_does_not_leave_is_killed)                                                                  \
	X(errand_leaves_when_the_master_dies)                                                                    \
	X(reload_changes_how_often_errands_come)

#define X(name) void name(void);
POOL_TESTS(X)
#undef X

#endif

noinst_LIBRARIES += libpool.a
libpool_a_SOURCES = \
	include/pool/errand.h src/pool/errand.c \
	src/pool/handover.h src/pool/handover.c \
	include/pool/hashing.h src/pool/hashing.c \
	include/pool/listener.h src/pool/listener.c \
	include/pool/master.h src/pool/master.c \
	include/pool/privileges.h src/pool/privileges.c \
	src/pool/readiness.h src/pool/readiness.c \
	include/pool/scoreboard.h src/pool/scoreboard.c \
	include/pool/scoreboard_print.h src/pool/scoreboard_print.c \
	include/pool/supervisor.h src/pool/supervisor.c \
	include/pool/systemd.h src/pool/systemd.c \
	include/pool/turns.h src/pool/turns.c \
	include/pool/worker.h src/pool/worker.c \
	include/pool/worker_signals.h src/pool/worker_signals.c

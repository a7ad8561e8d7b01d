/*
 * A proxy in front of a PostgreSQL, on a unix socket in a folder of its own, that hands on what both sides say and can lose
 * answers. It runs in threads of the test, which end with it.
 */
#ifndef TENANTD_TESTS_CUTTER_H
#define TENANTD_TESTS_CUTTER_H

#include <stdatomic.h>

enum cutter_way {
	CUTTER_GONE, /* a host that refuses: who connects is sent away */
	CUTTER_PASS,
	CUTTER_SILENT, /* a host that is lost: who connects is let in, and hears nothing */
};

struct cutter {
	char dir[64]; /* the host of a connection string */
	char target[64]; /* the folder of the real socket */
	_Atomic(enum cutter_way) way;
	/* So many more answers are lost: the connection is closed after the server got the Sync of a request, with
	 * its answer taken from the server first or not. */
	atomic_int losses;
	atomic_bool waits_for_answer;
	atomic_size_t lost;
	int listener;
};

/* Begins to listen, in a new folder that everybody may enter. The cutter must outlive the process's threads. */
void cutter_open(struct cutter *c);
void cutter_close(struct cutter *c);
/* From now on, connections lead there. */
void cutter_lead(struct cutter *c, const char *dir);

#endif

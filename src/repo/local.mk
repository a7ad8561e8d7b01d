noinst_LIBRARIES += librepo.a
librepo_a_SOURCES = \
	include/repo/acts.h include/repo/audit.h include/repo/base.h include/repo/gate.h \
	include/repo/members.h include/repo/page.h include/repo/resources.h include/repo/tenants.h include/repo/tx.h \
	src/repo/acts.c src/repo/audit.c src/repo/base.c src/repo/claim.c src/repo/claim.h src/repo/gate.c \
	src/repo/members.c src/repo/page.c src/repo/resources.c src/repo/tenants.c src/repo/tx.c

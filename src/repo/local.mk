noinst_LIBRARIES += librepo.a
librepo_a_SOURCES = \
	include/repo/gate.h include/repo/outbox.h include/repo/page.h include/repo/resources.h include/repo/tx.h include/repo/verb.h \
	include/repo/verbs.h \
	src/repo/accounts.c src/repo/api_keys.c src/repo/audit.c src/repo/claim.c src/repo/claim.h src/repo/gate.c src/repo/identity.c src/repo/members.c \
	src/repo/outbox.c src/repo/page.c src/repo/resources.c src/repo/tenants.c src/repo/tx.c src/repo/verb.c \
	src/repo/administration.c src/repo/ownership.c \
	include/repo/cutover.h src/repo/cutover.c \
	src/repo/invitations.c src/repo/join_requests.c src/repo/domains.c src/repo/domain_checks.c include/repo/domains.h \
	src/repo/envs.c include/repo/envs.h

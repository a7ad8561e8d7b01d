noinst_LIBRARIES += libapi.a
libapi_a_SOURCES = \
	include/api/call.h include/api/families.h include/api/form.h include/api/relay.h include/api/remember.h include/api/route.h include/api/types.h \
	src/api/accounts.c src/api/api_keys.c src/api/audit.c src/api/auth.c src/api/call.c src/api/content.c src/api/data.c src/api/data_request.c \
	src/api/data_request.h src/api/data_routes.c src/api/form.c src/api/members.c src/api/onboarding.c src/api/relay.c src/api/remember.c \
	src/api/admin.c src/api/ownership.c \
	src/api/invitations.c src/api/join_requests.c src/api/domains.c \
	src/api/tenant.c src/api/types.c

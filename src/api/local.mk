noinst_LIBRARIES += libapi.a
libapi_a_SOURCES = \
	include/api/call.h include/api/handlers.h \
	src/api/audit.c src/api/auth.c src/api/call.c src/api/content.c src/api/data.c src/api/data_request.c src/api/data_request.h src/api/members.c src/api/tenant.c

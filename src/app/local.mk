noinst_LIBRARIES += libapp.a
libapp_a_SOURCES = \
	include/app/authn.h include/app/cors.h include/app/dispatch.h include/app/limit.h include/app/openapi.h include/app/resolve.h include/app/resource_guard.h include/app/routes.h \
	include/app/server.h include/app/system.h include/app/web_server.h \
	src/app/authn.c src/app/cors.c src/app/dispatch.c src/app/limit.c \
	src/app/openapi.c src/app/openapi_data.c src/app/openapi_fixed.c src/app/openapi_parts.c src/app/openapi_parts.h \
	src/app/openapi_rows.c \
	src/app/resolve.c src/app/resource_guard.c src/app/routes.c src/app/server.c src/app/system.c src/app/web_server.c

noinst_LIBRARIES += libapp.a
libapp_a_SOURCES = \
	include/app/authn.h include/app/dispatch.h include/app/resolve.h include/app/routes.h \
	include/app/server.h include/app/system.h \
	src/app/authn.c src/app/dispatch.c src/app/resolve.c src/app/routes.c src/app/system.c

noinst_LIBRARIES += libservice.a
libservice_a_SOURCES = \
	include/service/audit.h include/service/content.h include/service/data.h include/service/bootstrap.h include/service/member.h include/service/tenant.h \
	src/service/content.c src/service/data.c src/service/data_write.c src/service/audit.c src/service/bootstrap.c src/service/member.c src/service/tenant.c

noinst_LIBRARIES += libservice.a
libservice_a_SOURCES = \
	include/service/accounts.h include/service/bootstrap.h include/service/content.h include/service/data.h \
	src/service/accounts.c src/service/bootstrap.c src/service/content.c src/service/data.c src/service/data_write.c

noinst_LIBRARIES += libservice.a
libservice_a_SOURCES = \
	include/service/bootstrap.h include/service/content.h include/service/data.h \
	src/service/bootstrap.c src/service/content.c src/service/data.c src/service/data_write.c

noinst_LIBRARIES += libdb.a
libdb_a_SOURCES = \
	src/db/conn.c include/db/conn.h \
	src/db/copy.c include/db/copy.h \
	src/db/handle.h \
	src/db/migrate.c include/db/migrate.h \
	src/db/pipeline.c include/db/pipeline.h \
	src/db/rows.c \
	src/db/script.c \
	src/db/script_file.c include/db/script_file.h \
	src/db/session.c src/db/session.h \
	src/db/sqlstate.c

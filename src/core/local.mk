noinst_LIBRARIES += libcore.a
libcore_a_SOURCES = \
	src/core/arena.c include/core/arena.h \
	src/core/base.c include/core/base.h \
	src/core/buf.c include/core/buf.h \
	src/core/clock.c include/core/clock.h \
	src/core/config.c include/core/config.h \
	src/core/config_check.c src/core/config_check.h \
	src/core/config_file.c src/core/config_file.h \
	src/core/config_table.c src/core/config_value.c src/core/config_table.h \
	src/core/context.c include/core/context.h \
	src/core/csv.c include/core/csv.h \
	src/core/error.c include/core/error.h \
	src/core/hex.c include/core/hex.h \
	src/core/json.c include/core/json.h \
	src/core/json_accept.c src/core/json_accept.h \
	src/core/json_write.c include/core/json_write.h \
	src/core/log.c include/core/log.h \
	src/core/metrics.c include/core/metrics.h \
	src/core/str.c include/core/str.h \
	src/core/time.c include/core/time.h \
	src/core/trace.c include/core/trace.h \
	src/core/uuid.c include/core/uuid.h \
	src/core/validate.c include/core/validate.h \
	include/core/limits.h \
	include/core/stream.h

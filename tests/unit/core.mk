check_PROGRAMS += test_core
TESTS += test_core
test_core_SOURCES = \
	tests/support/files.c tests/support/files.h \
	tests/support/unit.h \
	tests/unit/test_core.c tests/unit/test_core.h \
	tests/unit/test_core_config.c \
	tests/unit/test_core_csv.c \
	tests/unit/test_core_json.c \
	tests/unit/test_core_json_write.c \
	tests/unit/test_core_log.c \
	tests/unit/test_core_metrics.c \
	tests/unit/test_core_time.c \
	tests/unit/test_core_validate.c \
	tests/unit/test_core_values.c
test_core_CPPFLAGS = $(AM_CPPFLAGS) -DTOP_SRCDIR='"$(abs_top_srcdir)"'
test_core_LDADD = $(CORE_LIBS) $(CUNIT_LIBS)

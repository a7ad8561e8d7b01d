noinst_LIBRARIES += libservice.a
libservice_a_SOURCES =

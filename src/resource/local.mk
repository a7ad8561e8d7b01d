noinst_LIBRARIES += libresource.a
libresource_a_SOURCES =

noinst_LIBRARIES += libcrypto_room.a
libcrypto_room_a_SOURCES =

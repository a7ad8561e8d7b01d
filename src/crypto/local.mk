noinst_LIBRARIES += libcrypto_room.a
libcrypto_room_a_SOURCES = \
	include/crypto/context_key.h include/crypto/digest.h include/crypto/keystore.h include/crypto/token.h \
	src/crypto/context_key.c \
	src/crypto/digest.c \
	src/crypto/encode.c \
	src/crypto/jwk.c \
	src/crypto/key.c \
	src/crypto/key.h \
	src/crypto/keystore.c \
	src/crypto/roca.c \
	include/crypto/seen.h src/crypto/seen.c \
	src/crypto/token.c \
	src/crypto/token_sign.c

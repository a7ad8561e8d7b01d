noinst_LIBRARIES += libcrypto_room.a
libcrypto_room_a_SOURCES = \
	include/crypto/context_key.h include/crypto/digest.h include/crypto/keystore.h include/crypto/token.h \
	src/crypto/context_key.c \
	src/crypto/digest.c \
	src/crypto/encode.c \
	src/crypto/jwk.c \
	src/crypto/jws.c \
	src/crypto/key.c \
	src/crypto/key.h \
	src/crypto/keystore.c \
	include/crypto/password.h src/crypto/password.c src/crypto/password_worst.c src/crypto/password_worst.h \
	src/crypto/roca.c \
	include/crypto/statement.h src/crypto/statement.c \
	include/crypto/signer.h src/crypto/signer.c \
	include/crypto/seen.h src/crypto/seen.c \
	src/crypto/token.c \
	src/crypto/token_sign.c

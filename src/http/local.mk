noinst_LIBRARIES += libhttp.a
libhttp_a_SOURCES = \
	src/http/address.c src/http/cookie.c include/http/address.h include/http/cookie.h \
	src/http/fcgi_io.c src/http/half.h src/http/half.c \
	include/http/fcgi_io.h \
	src/http/peers.c src/http/peers.h \
	src/http/fcgi_read.c include/http/fcgi_read.h \
	src/http/media_type.c include/http/media_type.h \
	src/http/path.c include/http/path.h \
	src/http/problem.c include/http/problem.h \
	src/http/request.c include/http/request.h \
	src/http/response.c include/http/response.h

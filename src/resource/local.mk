noinst_LIBRARIES += libresource.a
libresource_a_SOURCES = \
	include/resource/build.h include/resource/catalog.h include/resource/input.h include/resource/keyset.h \
	include/resource/prefer.h include/resource/query.h include/resource/value.h \
	src/resource/build_content.c src/resource/build_read.c src/resource/build_write.c src/resource/catalog.c src/resource/catalog_json.c \
	src/resource/catalog_json.h src/resource/filter.c src/resource/input.c src/resource/json_path.c src/resource/keyset.c \
	src/resource/operand.c src/resource/pattern.c src/resource/prefer.c src/resource/query.c src/resource/range.c src/resource/reader.h src/resource/sql.c src/resource/sql.h src/resource/value.c

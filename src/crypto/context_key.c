/* Reads the file of the context key. The key is a secret, so config_read_file checks the permissions of the file. */
#include "crypto/context_key.h"

#include "core/hex.h"

enum { KEY_MIN = 32, KEY_MAX = 64, FILE_MAX = 4096 };

bool context_key_read(struct arena *a, const struct config *config, struct str *key, struct error *err)
{
	struct str text, path = config->tenancy.context_key_file;
	if (!config_read_file(a, "[tenancy] context_key_file", path, FILE_MAX, true, &text, err))
		return false;
	text = str_trim(text);
	char *bytes = arena_alloc(a, KEY_MAX);
	size_t len = text.len / 2;
	if (len < KEY_MIN || len > KEY_MAX || !hex_decode(text, bytes, len))
		return error_log(err, ERR_INTERNAL,
			"[tenancy] context_key_file \"%.*s\" is not %d to %d hexadecimal digits", STR_ARG(path),
			KEY_MIN * 2, KEY_MAX * 2);
	*key = str_of(bytes, len);
	return true;
}

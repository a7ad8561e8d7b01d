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
	bool good = text.len % 2 == 0 && len >= KEY_MIN && len <= KEY_MAX;
	for (size_t i = 0; good && i < len; i++) {
		int high = hex_value(text.at[2 * i]), low = hex_value(text.at[2 * i + 1]);
		good = high >= 0 && low >= 0;
		bytes[i] = (char)((high & 15) << 4 | (low & 15));
	}
	if (!good)
		return error_log(err, ERR_INTERNAL,
			"[tenancy] context_key_file \"%.*s\" is not %d to %d hexadecimal digits", STR_ARG(path),
			KEY_MIN * 2, KEY_MAX * 2);
	*key = str_of(bytes, len);
	return true;
}

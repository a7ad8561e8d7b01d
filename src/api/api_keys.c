/* /v1/api-keys: how machines get into the tenant. */
#include "api/families.h"

static const struct field page[] = {
	PAGE_FIELDS,
	FIELDS_END,
};

#define KEY_FIELDS                                                                                           \
	{ "id", &type_uuid, REQUIRED }, { "name", &type_text, REQUIRED }, { "role", &type_role, REQUIRED },      \
		{ "created_by", &type_uuid, REQUIRED }, { "created_at", &type_time, REQUIRED },                      \
		{ "expires_at", &type_time, REQUIRED }, { "last_used_at", &type_time, REQUIRED | NULLABLE },         \
	{                                                                                                        \
		"revoked_at", &type_time, REQUIRED | NULLABLE                                                        \
	}

static const struct field key_fields[] = {
	KEY_FIELDS,
	FIELDS_END,
};
static const struct type key = {
	.name = "ApiKey", .purpose = "A key of a machine", .kind = JSON_OBJECT, .fields = key_fields
};

static const struct field new_key_fields[] = {
	KEY_FIELDS,
	{ "key", &type_text, REQUIRED },
	FIELDS_END,
};
static const struct type new_key = { .name = "NewApiKey",
	.purpose = "A key with its secret, which is shown this once",
	.kind = JSON_OBJECT,
	.fields = new_key_fields };

static const struct field create_fields[] = {
	{ "name", &type_name, REQUIRED },
	{ "role", &type_role_given, 0 },
	{ "expires_at", &type_time, 0 },
	FIELDS_END,
};
static const struct type create = { .name = "ApiKeyCreate",
	.purpose = "What the key is for. Without a role it is a member; without a time it expires after 90 days",
	.kind = JSON_OBJECT,
	.fields = create_fields };

static const struct route rows[] = {
	{ METHOD_GET, "/v1/api-keys", CALLER_TOKEN, { LEAST_TENANT_ADMIN, TENANT_OPEN }, 200, "listApiKeys",
		"The tenant's API keys, oldest first, in pages", .query = page, .answer = ARRAY_OF(key),
		.verb = &api_key_list },
	{ METHOD_POST, "/v1/api-keys", CALLER_TOKEN, { LEAST_TENANT_ADMIN, TENANT_OPEN }, 201, "createApiKey",
		"Make an API key; its secret is shown this once", .body = &create, .answer = &new_key,
		.verb = &api_key_create, .location = "/v1/api-keys/{id}" },
	{ METHOD_DELETE, "/v1/api-keys/{id}", CALLER_TOKEN, { LEAST_TENANT_ADMIN, TENANT_OPEN }, 204,
		"revokeApiKey", "Revoke an API key, at once", .verb = &api_key_revoke },
};

const struct route_family api_keys_family =
	FAMILY("api_keys", "Keys with which machines act in the tenant", rows);

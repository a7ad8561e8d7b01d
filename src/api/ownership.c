/* /v1/tenant/ownership-offers: ownership changes hands by an offer and its acceptance. */
#include "api/families.h"

static const struct field filter[] = {
	PAGE_FIELDS,
	FIELDS_END,
};

static const struct type status = { .name = "OfferStatus",
	.kind = JSON_STRING,
	.words = (const char *const[]){ "pending", "accepted", "declined", "withdrawn", "expired", NULL } };
static const struct field offer_fields[] = {
	{ "id", &type_uuid, REQUIRED },
	{ "user_id", &type_uuid, REQUIRED },
	{ "offered_by", &type_uuid, REQUIRED },
	{ "step_down", &type_role, REQUIRED | NULLABLE },
	{ "status", &status, REQUIRED },
	{ "expires_at", &type_time, REQUIRED },
	{ "created_at", &type_time, REQUIRED },
	FIELDS_END,
};
static const struct type offer = { .name = "OwnershipOffer",
	.purpose = "Ownership that is offered to the member `user_id`",
	.kind = JSON_OBJECT,
	.fields = offer_fields };

static const struct type lower_role = {
	.name = "LowerRole",
	.kind = JSON_STRING,
	.words = (const char *const[]){ "member", "tenant_admin", "admin", NULL },
	.kept = (const char *const[]){ "member", "tenant_admin", "tenant_admin", NULL },
	.json = "\"default\":\"tenant_admin\"",
};
static const struct field make_fields[] = {
	{ "user_id", &type_uuid, REQUIRED },
	{ "step_down", &lower_role, NULLABLE },
	FIELDS_END,
};
static const struct type make = { .name = "OwnershipOfferNew",
	.purpose =
		"To whom ownership is offered, and which role the caller has after that; with null they stay an owner",
	.kind = JSON_OBJECT,
	.fields = make_fields };

static const struct route rows[] = {
	{ METHOD_GET, "/v1/tenant/ownership-offers", CALLER_TOKEN, { LEAST_MEMBER, TENANT_OPEN }, 200,
		"listOwnershipOffers", "To an owner all offers, to others those made to them, in pages",
		.query = filter, .answer = ARRAY_OF(offer), .verb = &ownership_list },
	{ METHOD_POST, "/v1/tenant/ownership-offers", CALLER_TOKEN, { LEAST_OWNER, TENANT_OPEN }, 201,
		"offerOwnership", "Offer ownership to an active member, for seven days", .body = &make,
		.answer = &offer, .verb = &ownership_offer, .flags = ROUTE_KEYED,
		.location = "/v1/tenant/ownership-offers/{id}" },
	{ METHOD_POST, "/v1/tenant/ownership-offers/{id}/accept", CALLER_TOKEN, { LEAST_MEMBER, TENANT_OPEN },
		200, "acceptOwnership", "The receiver becomes an owner", .answer = &offer, .verb = &ownership_accept,
		.flags = ROUTE_KEYED },
	{ METHOD_POST, "/v1/tenant/ownership-offers/{id}/decline", CALLER_TOKEN, { LEAST_MEMBER, TENANT_OPEN },
		200, "declineOwnership", "The receiver declines", .answer = &offer, .verb = &ownership_decline,
		.flags = ROUTE_KEYED },
	{ METHOD_DELETE, "/v1/tenant/ownership-offers/{id}", CALLER_TOKEN, { LEAST_OWNER, TENANT_OPEN }, 204,
		"withdrawOwnershipOffer", "The one who offered takes it back", .verb = &ownership_withdraw },
};

const struct route_family ownership_family = FAMILY("ownership", "Ownership by offer and acceptance", rows);

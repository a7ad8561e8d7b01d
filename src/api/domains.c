/* /v1/domains: the domains that a tenant proves, so that people with an address there come in. */
#include "api/families.h"

static const struct field page[] = { PAGE_FIELDS, FIELDS_END };

static const struct type status_shown = {
	.name = "DomainStatus", .kind = JSON_STRING, .words = (const char *const[]){ "pending", "verified", NULL }
};
static const struct type enrollment = { .name = "DomainEnrollment",
	.purpose = "What happens to users with a verified email there: they join when they ask, or are invited",
	.kind = JSON_STRING,
	.words = (const char *const[]){ "join", "invite", NULL } };

static const struct field record_fields[] = {
	{ "type", &type_text, REQUIRED },
	{ "name", &type_text, REQUIRED },
	{ "value", &type_text, REQUIRED },
	FIELDS_END,
};
static const struct type record = { .name = "DomainRecord",
	.purpose = "The DNS record that proves the domain",
	.kind = JSON_OBJECT,
	.fields = record_fields };

static const struct field domain_fields[] = {
	{ "id", &type_uuid, REQUIRED },
	{ "name", &type_text, REQUIRED },
	{ "status", &status_shown, REQUIRED },
	{ "enrollment", &enrollment, REQUIRED },
	{ "record", &record, REQUIRED },
	{ "problem", &type_text, REQUIRED | NULLABLE },
	{ "verified_at", &type_time, REQUIRED | NULLABLE },
	{ "checked_at", &type_time, REQUIRED | NULLABLE },
	{ "next_check_at", &type_time, REQUIRED | NULLABLE },
	{ "missing_since", &type_time, REQUIRED | NULLABLE },
	{ "added_by", &type_uuid, REQUIRED },
	{ "created_at", &type_time, REQUIRED },
	FIELDS_END,
};
static const struct type domain = { .name = "Domain",
	.purpose = "A domain that counts as the tenant's once it is proven",
	.kind = JSON_OBJECT,
	.fields = domain_fields };

static const struct field add_fields[] = {
	{ "name", &type_name, REQUIRED },
	{ "enrollment", &enrollment, REQUIRED },
	FIELDS_END,
};
static const struct type add = { .name = "DomainCreate",
	.purpose = "Which domain, and how people there come in",
	.kind = JSON_OBJECT,
	.fields = add_fields };

static const struct field change_fields[] = {
	{ "enrollment", &enrollment, REQUIRED },
	FIELDS_END,
};
static const struct type change = { .name = "DomainChange",
	.purpose = "How people there come in from now on",
	.kind = JSON_OBJECT,
	.fields = change_fields };

/* Each check costs a question to somebody else's name servers. */
#define PER_TENANT_CHECKED                                                                                   \
	{                                                                                                        \
		{                                                                                                    \
			PER_TENANT, RATE(domains_per_tenant)                                                             \
		}                                                                                                    \
	}

static const struct route rows[] = {
	{ METHOD_GET, "/v1/domains", CALLER_TOKEN, { LEAST_TENANT_ADMIN, TENANT_OPEN }, 200, "listDomains",
		"The tenant's domains, oldest first, in pages", .query = page, .answer = ARRAY_OF(domain),
		.verb = &domain_list },
	{ METHOD_POST, "/v1/domains", CALLER_TOKEN, { LEAST_TENANT_ADMIN, TENANT_OPEN }, 201, "addDomain",
		"Add a domain; the answer says which DNS record proves it", .body = &add, .answer = &domain,
		.verb = &domain_add, .flags = ROUTE_KEYED, .limits = PER_TENANT_CHECKED,
		.location = "/v1/domains/{id}" },
	{ METHOD_GET, "/v1/domains/{id}", CALLER_TOKEN, { LEAST_TENANT_ADMIN, TENANT_OPEN }, 200, "getDomain",
		"One domain", .answer = &domain, .verb = &domain_get },
	{ METHOD_PATCH, "/v1/domains/{id}", CALLER_TOKEN, { LEAST_TENANT_ADMIN, TENANT_OPEN }, 200,
		"changeDomain", "Change how people there come in", .body = &change, .answer = &domain,
		.verb = &domain_change },
	{ METHOD_POST, "/v1/domains/{id}/verify", CALLER_TOKEN, { LEAST_TENANT_ADMIN, TENANT_OPEN }, 202,
		"verifyDomain", "Have the DNS record looked up soon; GET tells how that ended", .answer = &domain,
		.verb = &domain_verify, .flags = ROUTE_KEYED, .limits = PER_TENANT_CHECKED },
	{ METHOD_DELETE, "/v1/domains/{id}", CALLER_TOKEN, { LEAST_TENANT_ADMIN, TENANT_OPEN }, 204,
		"removeDomain", "Give a domain up; members who came by it stay", .verb = &domain_remove },
};

const struct route_family domains_family =
	FAMILY("domains", "Domains whose people come into the tenant", rows);

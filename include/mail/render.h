/*
 * Makes the subject, the text and the HTML of a mail from its kind, its parameters and two files of the folder
 * of templates: KIND.txt, whose first line is "Subject: …" and whose second line is empty, and KIND.html. Besides
 * the parameters a template may show {public_url}, {env} and, when the kind has one, {link}. Links begin with [server]
 * public_url and with nothing that a request said (T28). A parameter whose name is "at" or ends with "_at" is
 * shown as a date that people read.
 */
#ifndef TENANTD_MAIL_RENDER_H
#define TENANTD_MAIL_RENDER_H

#include "core/config.h"

struct mail_parts {
	struct str subject, text, html;
};

/* What the outbox says of a mail; `params` is a JSON object of texts, numbers and nulls. */
struct mail {
	struct str env, kind, params;
};

/* False, with a text for the operator in which no
 * parameter stands, when the kind is unknown, or a template is missing, malformed or shows what the mail does not
 * have. */
MUST_CHECK bool mail_render(struct arena *a, const struct config *c, const struct mail *mail,
	struct mail_parts *out, struct error *err);
/* Renders every kind once, so that a template that would make mails fail is found before one is sent. */
MUST_CHECK bool mail_templates_are_good(const struct config *c, struct error *err);

#endif

/*
 * Fills in a template: each {name} becomes the value of that name. A value is shown and never read again, so
 * braces, tags and line ends in it mean nothing (T123). A line that shows a value which is empty is left out, as
 * a whole: that is how a template has optional lines. A brace that is not part of a {name} stands for itself.
 */
#ifndef TENANTD_MAIL_TEMPLATE_H
#define TENANTD_MAIL_TEMPLATE_H

#include "core/buf.h"
#include "core/error.h"

enum { MAIL_VALUES = 16 };

struct mail_values {
	struct {
		struct str name, value;
	} at[MAIL_VALUES];
	size_t count;
};

/* False when there is no room for one more. */
MUST_CHECK bool mail_values_add(struct mail_values *v, struct str name, struct str value);

/* How values are shown. In all forms they lose what is invisible, reorders text or is not UTF-8. */
enum mail_form {
	MAIL_SUBJECT, /* line ends become spaces */
	MAIL_TEXT, /* line ends stay */
	MAIL_HTML /* line ends stay; & < > " ' are escaped */
};

/* False, with a text for the operator, when the template shows a name that has no value. */
MUST_CHECK bool template_fill(struct arena *a, struct str template, const struct mail_values *values,
	enum mail_form form, struct str *out, struct error *err);

#endif

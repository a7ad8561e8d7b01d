/* Media types (RFC 9110, 8.3) that callers give for their bytes: which may be kept, and which of them a browser runs. */
#ifndef TENANTD_HTTP_MEDIA_TYPE_H
#define TENANTD_HTTP_MEDIA_TYPE_H

#include "core/str.h"

enum { MEDIA_TYPE_MAX = 255 }; /* bytes */

/* type/subtype and parameters, as the grammar has them, on one line. */
bool media_type_is_well_formed(struct str type);
/* True of multipart/…, such as a form with files: the bytes of the file stand somewhere inside of it. */
bool media_type_is_in_parts(struct str type);
/* True when something in the bytes may be run or may lead to it: HTML, SVG and all other XML, scripts. Of a
 * well-formed one. */
bool media_type_is_active(struct str type);

#endif

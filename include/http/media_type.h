/* Media types (RFC 9110, 8.3) that callers state for the content they upload: which are well-formed, and which of
 * them a browser would run. */
#ifndef TENANTD_HTTP_MEDIA_TYPE_H
#define TENANTD_HTTP_MEDIA_TYPE_H

#include "core/str.h"

enum { MEDIA_TYPE_MAX = 255 }; /* bytes */

/* True when it is type/subtype with parameters as the grammar has them, at most MEDIA_TYPE_MAX bytes on one line. */
bool media_type_is_well_formed(struct str type);
/* True of multipart/…, such as a form with files, where the file is only a part of the body. */
bool media_type_is_in_parts(struct str type);
/* True when a browser might run code from content of this type: HTML, SVG and all other XML, scripts. `type` must be
 * well-formed. */
bool media_type_is_active(struct str type);

#endif

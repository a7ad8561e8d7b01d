include tests/unit/http.mk
include tests/unit/core.mk
include tests/unit/crypto.mk
include tests/unit/pool.mk
include tests/unit/app.mk
include tests/unit/resource.mk
include tests/unit/mail.mk
include tests/unit/issuer.mk

include tests/unit/http.mk
include tests/unit/core.mk

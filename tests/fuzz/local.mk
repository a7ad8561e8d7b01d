include tests/fuzz/core.mk
include tests/fuzz/http.mk
include tests/fuzz/crypto.mk
include tests/fuzz/resource.mk
include tests/fuzz/app.mk

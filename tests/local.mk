if HAVE_CUNIT
include tests/unit/local.mk
include tests/db/local.mk
endif
if FUZZERS
include tests/fuzz/local.mk
endif
include tests/bench/local.mk
include tests/source/local.mk
include tests/client/local.mk
include tests/console/local.mk
if HAVE_CUNIT
include tests/http/local.mk
endif

if HAVE_CUNIT
include tests/unit/local.mk
include tests/db/local.mk
endif
if FUZZERS
include tests/fuzz/local.mk
endif

if HAVE_CUNIT
include tests/unit/local.mk
endif
if FUZZERS
include tests/fuzz/local.mk
endif

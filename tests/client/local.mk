# Node scripts that need a stack; ./dev check client runs them.
dist_check_SCRIPTS += tests/client/run
EXTRA_DIST += tests/client/browser.mjs tests/client/cases.mjs tests/client/issuer.mjs tests/client/openapi.mjs \
	tests/client/postgrest.mjs tests/client/provider.mjs \
	tests/client/package.json tests/client/package-lock.json

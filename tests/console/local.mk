# A browser that works with the console; ./dev check console runs it.
dist_check_SCRIPTS += tests/console/run
EXTRA_DIST += tests/console/asker.mjs tests/console/browser.mjs tests/console/charts.mjs tests/console/colleague.mjs \
	tests/console/domains.mjs tests/console/founder.mjs tests/console/german.mjs tests/console/keyboard.mjs tests/console/links.mjs tests/console/pictures.mjs tests/console/phone.mjs tests/console/rows.mjs tests/console/system.mjs tests/console/visitor.mjs \
	tests/console/package.json tests/console/package-lock.json

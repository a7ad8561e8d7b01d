# What a host installs: the files a web server includes, as examples with the programs.
lighttpddir = $(pkgdatadir)/lighttpd
dist_lighttpd_DATA = \
	contrib/lighttpd/tenantd.conf \
	contrib/lighttpd/errors/error-400.html \
	contrib/lighttpd/errors/error-411.html \
	contrib/lighttpd/errors/error-413.html \
	contrib/lighttpd/errors/error-431.html \
	contrib/lighttpd/errors/error-500.html \
	contrib/lighttpd/errors/error-501.html \
	contrib/lighttpd/errors/error-503.html \
	contrib/lighttpd/errors/error-504.html

# The parts of ./dev and what it runs.
EXTRA_DIST += contrib/dev .ci/run tests/check tests/fuzz/run tests/smoke/stack

# An example of the configuration; tests/smoke/run holds it against tenantd --check.
examplesdir = $(pkgdatadir)/examples
dist_examples_DATA = contrib/tenantd.ini

# What is installed beside the programs: the files that a web server includes, and an example configuration.
lighttpddir = $(pkgdatadir)/lighttpd
dist_lighttpd_DATA = \
	contrib/lighttpd/console.conf \
	contrib/lighttpd/example.conf \
	contrib/lighttpd/tenantd.conf \
	contrib/lighttpd/errors/error-400.html \
	contrib/lighttpd/errors/error-411.html \
	contrib/lighttpd/errors/error-413.html \
	contrib/lighttpd/errors/error-431.html \
	contrib/lighttpd/errors/error-500.html \
	contrib/lighttpd/errors/error-501.html \
	contrib/lighttpd/errors/error-503.html \
	contrib/lighttpd/errors/error-504.html

apachedir = $(pkgdatadir)/apache
dist_apache_DATA = \
	contrib/apache/console.conf \
	contrib/apache/example.conf \
	contrib/apache/tenantd-common.conf \
	contrib/apache/tenantd-fcgid.conf \
	contrib/apache/tenantd-proxy.conf

dist_pkgdata_DATA += contrib/tenantd.ini

# What watches it: a dashboard for Grafana, and alert rules for Prometheus.
monitoringdir = $(pkgdatadir)/monitoring
dist_monitoring_DATA = contrib/monitoring/alerts.yml contrib/monitoring/grafana.json

# What tenantctl seed brings when it is given no file.
seeddir = $(pkgdatadir)/seed
dist_seed_DATA = contrib/seed/example.json

# What a host with systemd includes. The paths of the programs and of the configuration are put in when it is built.
systemdunitdir = @systemdsystemunitdir@
sysusersdir = $(prefix)/lib/sysusers.d
tmpfilesdir = $(prefix)/lib/tmpfiles.d
nodist_systemdunit_DATA = \
	contrib/systemd/tenantd.service \
	contrib/systemd/tenantd.socket \
	contrib/systemd/tenantd-audit.service \
	contrib/systemd/tenantd-audit.timer \
	contrib/systemd/tenantd-mail.service \
	contrib/systemd/tenantd-mail.timer \
	contrib/systemd/tenantd-retention.service \
	contrib/systemd/tenantd-retention.timer
dist_sysusers_DATA = contrib/sysusers.d/tenantd.conf
nodist_tmpfiles_DATA = contrib/tmpfiles.d/tenantd.conf
CLEANFILES += $(nodist_systemdunit_DATA) $(nodist_tmpfiles_DATA)
EXTRA_DIST += $(nodist_systemdunit_DATA:=.in) $(nodist_tmpfiles_DATA:=.in) contrib/logrotate/tenantd

$(nodist_systemdunit_DATA) $(nodist_tmpfiles_DATA): Makefile
	$(AM_V_GEN)$(MKDIR_P) $(@D) && sed -e 's|@sbindir[@]|$(sbindir)|' -e 's|@bindir[@]|$(bindir)|' \
		-e 's|@sysconfdir[@]|$(sysconfdir)|' $(srcdir)/$@.in >$@.new && mv $@.new $@
contrib/systemd/tenantd.service: contrib/systemd/tenantd.service.in
contrib/systemd/tenantd.socket: contrib/systemd/tenantd.socket.in
contrib/systemd/tenantd-audit.service: contrib/systemd/tenantd-audit.service.in
contrib/systemd/tenantd-audit.timer: contrib/systemd/tenantd-audit.timer.in
contrib/systemd/tenantd-retention.service: contrib/systemd/tenantd-retention.service.in
contrib/systemd/tenantd-retention.timer: contrib/systemd/tenantd-retention.timer.in
contrib/systemd/tenantd-mail.service: contrib/systemd/tenantd-mail.service.in
contrib/systemd/tenantd-mail.timer: contrib/systemd/tenantd-mail.timer.in
contrib/tmpfiles.d/tenantd.conf: contrib/tmpfiles.d/tenantd.conf.in

# The parts of ./dev, and the scripts and data of the tests that it runs. They are in the tarball, so that it can be
# checked in the same way as a checkout.
EXTRA_DIST += .ci/run contrib/dev \
	tests/bench/check \
	tests/bench/data.bash \
	tests/bench/data.sql \
	tests/bench/data_get.pgb \
	tests/bench/data_insert.pgb \
	tests/bench/data_list.pgb \
	tests/bench/database.sql \
	tests/bench/load.lua \
	tests/bench/pk.pgb \
	tests/bench/read.pgb \
	tests/bench/run \
	tests/bench/set_config.pgb \
	tests/bench/write.pgb \
	tests/check \
	tests/package/host tests/package/run \
	tests/db/areas_test.sql \
	tests/db/audit_test.sql \
	tests/db/backfill_test.sql \
	tests/db/bootstrap_test.sql \
	tests/db/context_test.sql \
	tests/db/gate_test.sql \
	tests/db/isolation_test.sql \
	tests/db/locks_test.sql \
	tests/db/mail_test.sql \
	tests/db/matrix_test.sql \
	tests/db/me_test.sql \
	tests/db/access_test.sql tests/db/accounts_test.sql tests/db/administration_test.sql tests/db/api_keys_test.sql \
	tests/db/chain_test.sql tests/db/cutover_test.sql tests/db/domains_test.sql tests/db/invitations_test.sql tests/db/join_requests_test.sql tests/db/ownership_test.sql \
	tests/db/states_test.sql \
	tests/db/members_test.sql \
	tests/db/operator_test.sql \
	tests/db/races_test.sql \
	tests/db/resources_test.sql \
	tests/db/restore_test.sql \
	tests/db/run \
	tests/db/schema_test.sql \
	tests/db/seed_test.sql \
	tests/db/support.sql \
	tests/db/views_test.sql \
	tests/fuzz/corpus/filter/groups \
	tests/fuzz/corpus/filter/lists \
	tests/fuzz/corpus/filter/paths \
	tests/fuzz/corpus/filter/patterns \
	tests/fuzz/corpus/filter/tests \
	tests/fuzz/corpus/fcgi tests/fuzz/record tests/fuzz/run tests/fuzz/seeds \
	tests/faults/run tests/soak/run \
	contrib/examples/two-owners contrib/examples/two-tenants \
	tests/setup/run \
	tests/smoke/areas \
	tests/smoke/callers.sh \
	tests/smoke/run \
	tests/smoke/stack tests/smoke/tls.sh \
	tests/source/run \
	tests/source/threats \
	tests/walk/hello.patch \
	tests/walk/run

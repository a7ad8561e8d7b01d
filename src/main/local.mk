sbin_PROGRAMS += tenantd
tenantd_SOURCES = src/main/tenantd.c
tenantd_LDADD = libpool.a $(CHECK_LIBS) $(MAIL_LIBS) $(ISSUER_LIBS) $(DOMAIN_LIBS) $(DB_LIBS) $(CRYPTO_LIBS) $(HTTP_LIBS) $(CORE_LIBS)
bin_PROGRAMS += tenantctl
tenantctl_SOURCES = \
	src/main/ctl.c src/main/ctl.h \
	src/main/backfill.h src/main/backfill_export.c src/main/backfill_mapping.c src/main/backfill_output.c \
	src/main/archive.h src/main/archive_files.c src/main/archive_rows.c \
	src/main/chain.h src/main/chain_make.c src/main/chain_read.c src/main/chain_verify.c \
	src/main/ctl_app.c src/main/ctl_app.h \
	src/main/ctl_archive.c \
	src/main/ctl_audit.c \
	src/main/ctl_chain.c \
	src/main/ctl_cutover.c \
	src/main/ctl_backfill.c \
	src/main/ctl_doctor.c \
	src/main/ctl_domains.c \
	src/main/ctl_erase.c \
	src/main/ctl_identity.c \
	src/main/ctl_import.c \
	src/main/ctl_isolation.c \
	src/main/ctl_keys.c \
	src/main/ctl_mail.c \
	src/main/ctl_man.c \
	src/main/ctl_migrate.c \
	src/main/ctl_resources.c \
	src/main/ctl_retention.c \
	src/main/ctl_routes.c \
	src/main/ctl_seed.c src/main/seed.h src/main/seed_file.c \
	src/main/ctl_setup.c \
	src/main/ctl_status.c \
	src/main/ctl_tenant.c \
	src/main/ctl_token.c \
	src/main/ctl_user.c \
	src/main/tenantctl.c
tenantctl_LDADD = $(CHECK_LIBS) $(MAIL_LIBS) $(DOMAIN_LIBS) $(DB_LIBS) $(CRYPTO_LIBS) $(HTTP_LIBS) $(CORE_LIBS)

# The manual pages, printed by the program from its tables.
nodist_man_MANS = tenantd.8 tenantctl.1 tenantd.conf.5
CLEANFILES += $(nodist_man_MANS)
$(nodist_man_MANS): tenantctl$(EXEEXT)
	$(AM_V_GEN)./tenantctl$(EXEEXT) man $@ >$@.new && mv $@.new $@

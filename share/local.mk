# The templates of mail, as they are installed. Each kind of src/mail/kinds.c has two files; a test compares them.
maildir = $(pkgdatadir)/mail/en
dist_mail_DATA = \
	share/mail/en/account_exists.html \
	share/mail/en/account_exists.txt \
	share/mail/en/account_made.html \
	share/mail/en/account_made.txt \
	share/mail/en/domain_missing.html \
	share/mail/en/domain_missing.txt \
	share/mail/en/email_verify.html \
	share/mail/en/email_verify.txt \
	share/mail/en/invitation.html \
	share/mail/en/invitation.txt \
	share/mail/en/join_approved.html \
	share/mail/en/join_approved.txt \
	share/mail/en/join_rejected.html \
	share/mail/en/join_rejected.txt \
	share/mail/en/join_requested.html \
	share/mail/en/join_requested.txt \
	share/mail/en/ownership_offered.html \
	share/mail/en/ownership_offered.txt \
	share/mail/en/password_changed.html \
	share/mail/en/password_changed.txt \
	share/mail/en/password_reset.html \
	share/mail/en/password_reset.txt

# What tenantctl setup runs.
setupdir = $(pkgdatadir)
dist_setup_SCRIPTS = share/setup

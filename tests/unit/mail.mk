check_PROGRAMS += test_mail
TESTS += test_mail
test_mail_SOURCES = tests/unit/test_mail.c tests/unit/test_mail.h tests/unit/test_mail_message.c \
	tests/unit/test_mail_deliver.c tests/support/files.c tests/support/files.h tests/support/unit.h
test_mail_CPPFLAGS = $(AM_CPPFLAGS) -DTOP_SRCDIR='"$(abs_top_srcdir)"'
test_mail_LDADD = $(MAIL_LIBS) librepo.a $(DB_LIBS) $(CRYPTO_LIBS) $(CORE_LIBS) $(CUNIT_LIBS)

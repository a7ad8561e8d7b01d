noinst_LIBRARIES += libmail.a
libmail_a_SOURCES = \
	src/mail/deliver.c include/mail/deliver.h \
	src/mail/kinds.c include/mail/kinds.h \
	src/mail/message.c include/mail/message.h \
	src/mail/post.c include/mail/post.h \
	src/mail/render.c include/mail/render.h \
	src/mail/template.c include/mail/template.h

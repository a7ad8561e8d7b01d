sbin_PROGRAMS += tenantd
tenantd_SOURCES = src/main/tenantd.c
tenantd_LDADD = libpool.a $(DOMAIN_LIBS) $(DB_LIBS) $(CRYPTO_LIBS) $(HTTP_LIBS) $(CORE_LIBS)

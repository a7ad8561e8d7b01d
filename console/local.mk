# The web console, and the package that it is built on. Node builds it. The tarball has what was built, so whoever installs
# from it needs no node; in a checkout `make console` builds it, and without that nothing of it is installed.
consoledir = $(pkgdatadir)/console

.PHONY: console
console:
	$(srcdir)/console/build console/made

dist-hook:
	if test -d $(srcdir)/console/www; then cp -R $(srcdir)/console/www $(distdir)/console/www; \
	else $(srcdir)/console/build console/made && cp -R console/made/built/www $(distdir)/console/www; fi

install-data-local:
	@www=$(srcdir)/console/www; test -d $$www || www=console/made/built/www; \
	if test -d $$www; then \
		$(MKDIR_P) "$(DESTDIR)$(consoledir)" && cp -R $$www/. "$(DESTDIR)$(consoledir)" && \
		chmod -R u+w,go+rX "$(DESTDIR)$(consoledir)"; \
	else echo "The console is not installed, because it was not built: make console"; fi

uninstall-local:
	rm -rf "$(DESTDIR)$(consoledir)"

clean-local:
	rm -rf console/made

EXTRA_DIST += \
	console/build \
	console/README.md \
	console/app/index.html \
	console/app/package.json \
	console/app/src/App.tsx \
	console/app/src/account/Account.tsx \
	console/app/src/account/Password.tsx \
	console/app/src/account/Sessions.tsx \
	console/app/src/account/VerifyMail.tsx \
	console/app/src/account/clientName.ts \
	console/app/src/admin/AddMember.tsx \
	console/app/src/admin/MemberDialog.tsx \
	console/app/src/admin/Reassign.tsx \
	console/app/src/admin/Rename.tsx \
	console/app/src/admin/RoleField.tsx \
	console/app/src/admin/System.tsx \
	console/app/src/admin/SystemEvents.tsx \
	console/app/src/admin/SystemHome.tsx \
	console/app/src/admin/TenantActs.tsx \
	console/app/src/admin/TenantCreate.tsx \
	console/app/src/admin/TenantList.tsx \
	console/app/src/admin/TenantMembers.tsx \
	console/app/src/admin/TenantShow.tsx \
	console/app/src/admin/UserList.tsx \
	console/app/src/admin/UserMemberships.tsx \
	console/app/src/admin/UserShow.tsx \
	console/app/src/admin/WhoLink.tsx \
	console/app/src/admin/pickers.tsx \
	console/app/src/admin/types.ts \
	console/app/src/audit/Actor.tsx \
	console/app/src/audit/AuditList.tsx \
	console/app/src/audit/EventLine.tsx \
	console/app/src/audit/EventList.tsx \
	console/app/src/audit/EventTable.tsx \
	console/app/src/audit/ExportAll.tsx \
	console/app/src/audit/ObjectName.tsx \
	console/app/src/audit/actions.ts \
	console/app/src/audit/filters.tsx \
	console/app/src/audit/types.ts \
	console/app/src/auth/Accept.tsx \
	console/app/src/auth/Forgot.tsx \
	console/app/src/auth/Reset.tsx \
	console/app/src/auth/SignIn.tsx \
	console/app/src/auth/SignUp.tsx \
	console/app/src/auth/Verify.tsx \
	console/app/src/auth/envs.tsx \
	console/app/src/auth/mailSecret.ts \
	console/app/src/auth/offer.tsx \
	console/app/src/charts/Activity.tsx \
	console/app/src/charts/Amounts.tsx \
	console/app/src/charts/DayBars.tsx \
	console/app/src/charts/DaysChoice.tsx \
	console/app/src/charts/Figure.tsx \
	console/app/src/charts/Plot.tsx \
	console/app/src/charts/RowsOverTime.tsx \
	console/app/src/charts/SystemNumbers.tsx \
	console/app/src/charts/TimeLines.tsx \
	console/app/src/charts/colours.ts \
	console/app/src/charts/days.ts \
	console/app/src/charts/ticks.ts \
	console/app/src/charts/types.ts \
	console/app/src/domains/DomainCard.tsx \
	console/app/src/domains/Domains.tsx \
	console/app/src/domains/EnrollmentField.tsx \
	console/app/src/domains/NewDomain.tsx \
	console/app/src/domains/RecordLines.tsx \
	console/app/src/domains/types.ts \
	console/app/src/domains/useVerify.ts \
	console/app/src/icon.svg \
	console/app/src/invitations/BulkActs.tsx \
	console/app/src/invitations/InvitationList.tsx \
	console/app/src/invitations/InviteForm.tsx \
	console/app/src/invitations/acts.ts \
	console/app/src/join/Join.tsx \
	console/app/src/keys/ApiKeys.tsx \
	console/app/src/keys/NewKey.tsx \
	console/app/src/light/diacritic.ts \
	console/app/src/light/hotkeys.ts \
	console/app/src/light/inflection.ts \
	console/app/src/light/jsonexport.ts \
	console/app/src/light/queryString.ts \
	console/app/src/light/router.ts \
	console/app/src/main.tsx \
	console/app/src/members/MemberActs.tsx \
	console/app/src/members/MemberList.tsx \
	console/app/src/members/Offers.tsx \
	console/app/src/members/Person.tsx \
	console/app/src/members/PersonInput.tsx \
	console/app/src/members/RoleChoice.tsx \
	console/app/src/members/types.ts \
	console/app/src/messages/admin.ts \
	console/app/src/messages/choice.ts \
	console/app/src/messages/de.ts \
	console/app/src/messages/en.ts \
	console/app/src/messages/german.ts \
	console/app/src/messages/index.tsx \
	console/app/src/onboarding/ComplianceFields.tsx \
	console/app/src/onboarding/Onboarding.tsx \
	console/app/src/onboarding/countries.ts \
	console/app/src/onboarding/steps.tsx \
	console/app/src/requests/RequestList.tsx \
	console/app/src/rows/BulkActs.tsx \
	console/app/src/rows/BulkDialog.tsx \
	console/app/src/rows/BulkEdit.tsx \
	console/app/src/rows/Catalog.tsx \
	console/app/src/rows/Changes.tsx \
	console/app/src/rows/ChartButton.tsx \
	console/app/src/rows/ColumnField.tsx \
	console/app/src/rows/ColumnInput.tsx \
	console/app/src/rows/Conflict.tsx \
	console/app/src/rows/Content.tsx \
	console/app/src/rows/DeleteRow.tsx \
	console/app/src/rows/Empty.tsx \
	console/app/src/rows/JsonInput.tsx \
	console/app/src/rows/Lines.tsx \
	console/app/src/rows/Outcomes.tsx \
	console/app/src/rows/Pages.tsx \
	console/app/src/rows/Preview.tsx \
	console/app/src/rows/RowForm.tsx \
	console/app/src/rows/RowList.tsx \
	console/app/src/rows/RowShow.tsx \
	console/app/src/rows/SideBySide.tsx \
	console/app/src/rows/actions.tsx \
	console/app/src/rows/catalog.ts \
	console/app/src/rows/eachRow.ts \
	console/app/src/rows/filters.tsx \
	console/app/src/rows/overTime.ts \
	console/app/src/session/RequireSession.tsx \
	console/app/src/session/RightEnv.tsx \
	console/app/src/session/Session.tsx \
	console/app/src/session/SignInAgain.tsx \
	console/app/src/session/types.ts \
	console/app/src/session/useAuth.ts \
	console/app/src/session/useNext.ts \
	console/app/src/settings/Address.tsx \
	console/app/src/settings/Joining.tsx \
	console/app/src/settings/Organization.tsx \
	console/app/src/settings/Settings.tsx \
	console/app/src/settings/types.ts \
	console/app/src/settings/useSave.ts \
	console/app/src/tenant/Blocked.tsx \
	console/app/src/tenant/ContextBadge.tsx \
	console/app/src/tenant/EnvChip.tsx \
	console/app/src/tenant/Home.tsx \
	console/app/src/tenant/Invited.tsx \
	console/app/src/tenant/Joinable.tsx \
	console/app/src/tenant/Overview.tsx \
	console/app/src/tenant/Tables.tsx \
	console/app/src/tenant/Tenant.tsx \
	console/app/src/tenant/TenantApp.tsx \
	console/app/src/tenant/TenantGate.tsx \
	console/app/src/tenant/TenantMenu.tsx \
	console/app/src/tenant/Tenants.tsx \
	console/app/src/tenant/labels.tsx \
	console/app/src/tenant/places.ts \
	console/app/src/ui/AccountMenu.tsx \
	console/app/src/ui/Col.tsx \
	console/app/src/ui/Confirm.tsx \
	console/app/src/ui/EntryList.tsx \
	console/app/src/ui/Field.tsx \
	console/app/src/ui/LanguageButton.tsx \
	console/app/src/ui/Link.tsx \
	console/app/src/ui/MenuButton.tsx \
	console/app/src/ui/ModeButton.tsx \
	console/app/src/ui/Nav.tsx \
	console/app/src/ui/NearBody.tsx \
	console/app/src/ui/NotFound.tsx \
	console/app/src/ui/NotFoundHere.tsx \
	console/app/src/ui/Nothing.tsx \
	console/app/src/ui/Page.tsx \
	console/app/src/ui/PasswordField.tsx \
	console/app/src/ui/Picker.tsx \
	console/app/src/ui/Shell.tsx \
	console/app/src/ui/SelectableRows.tsx \
	console/app/src/ui/Shortcuts.tsx \
	console/app/src/ui/Submit.tsx \
	console/app/src/ui/Told.tsx \
	console/app/src/ui/Waiting.tsx \
	console/app/src/ui/csv.ts \
	console/app/src/ui/mode.tsx \
	console/app/src/ui/remembered.ts \
	console/app/src/ui/showShortcuts.ts \
	console/app/src/ui/theme.ts \
	console/app/src/ui/useChange.ts \
	console/app/src/ui/useLoad.ts \
	console/app/src/ui/useNotifyRefusal.ts \
	console/app/src/ui/useSubmit.ts \
	console/app/src/ui/when.ts \
	console/app/src/vite-env.d.ts \
	console/app/tsconfig.json \
	console/app/vite.config.ts \
	console/package-lock.json \
	console/package.json \
	console/ra-data-tenantd/README.md \
	console/ra-data-tenantd/package.json \
	console/ra-data-tenantd/src/authProvider.ts \
	console/ra-data-tenantd/src/client.ts \
	console/ra-data-tenantd/src/content.ts \
	console/ra-data-tenantd/src/dataProvider.ts \
	console/ra-data-tenantd/src/index.ts \
	console/ra-data-tenantd/src/problem.ts \
	console/ra-data-tenantd/src/query.ts \
	console/ra-data-tenantd/test/query.test.mjs \
	console/ra-data-tenantd/test/stack.test.mjs \
	console/ra-data-tenantd/tsconfig.json

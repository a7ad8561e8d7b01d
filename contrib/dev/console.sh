# shellcheck shell=bash disable=SC2034,SC2154,SC2164 # a part of dev, which sets -e
# Builds the web console. What is built stands in the build tree under the digest of its sources, so that stacks of one
# tree share it, and it is built again only when a source has changed: www has the pages, ra-data-tenantd the package.

console_sources() { (cd "$top/console" && find . \( -name node_modules -o -name dist \) -prune -o -type f ! -name '*.md' ! -name '*.mk' -print | sort); }

console_digest() { (cd "$top/console" && console_sources | tr '\n' '\0' | xargs -0 sha256sum | sha256sum | cut -c 1-16); }

# Without node the stack is complete but for the console, and says so.
build_console() {
	console=$tree/console/none
	if ! command -v npm >/dev/null; then
		say "no npm here, so there is no console at $url/console/ (the API needs none)"
		return 0
	fi
	mkdir -p "$tree/console"
	local built
	built=$tree/console/$(console_digest)
	console=$built/www
	[ ! -d "$built" ] || return 0
	say "building the console"
	(
		exec 7>"$tree/console/lock"
		flock 7
		[ -d "$built" ] || make_console "$tree/console/work" "$built"
	) >"$dir/log/console.log" 2>&1 || {
		tail -n 40 "$dir/log/console.log" >&2
		die "the console could not be built, its log is '$dir/log/console.log'"
	}
}

# WORK TARGET: the packages of the lock file, without their scripts, and the files of the build.
make_console() (
	umask 022
	rm -rf "$1"
	mkdir "$1"
	cd "$top/console"
	console_sources | tr '\n' '\0' | xargs -0 cp --parents -t "$1"
	cd "$1"
	npm ci --ignore-scripts --no-audit --no-fund --no-update-notifier
	npm run build
	mkdir built
	mv app/dist built/www
	mv ra-data-tenantd/dist built/ra-data-tenantd
	mv built "$2"
	rm -rf "$1"
)

# shellcheck shell=bash disable=SC2034,SC2154 # a part of dev, which sets -e
# The web console of the stack. A checkout builds it, and stacks of one build tree share what was built; a tarball has it.

# Without node the stack is complete but for the console, and says so.
build_console() {
	local log=$dir/log/console.log
	console=$top/console/www
	[ ! -d "$console" ] || return 0
	if ! command -v npm >/dev/null; then
		say "no npm here, so there is no console at $url/console/ (the API needs none)"
		return 0
	fi
	[ -d "$tree/console/made/built" ] || say "building the console"
	console=$("$top/console/build" "$tree/console/made" 2>"$log")/www || {
		tail -n 40 "$log" >&2
		die "the console could not be built, its log is '$log'"
	}
}

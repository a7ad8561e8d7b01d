# shellcheck shell=bash disable=SC2034 # a part of the scripts beside it
# A stack of one's own and its callers. Takes the finished build in TENANTD_BUILD when there is one. Ends what it
# started.

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
home=$(mktemp -d "${TMPDIR:-/tmp}/tenantd-smoke.XXXXXX")
passed=0 failed=0

dev() { "$top/dev" --dir "$home/stack" "$@"; }
finish() {
	dev down >/dev/null 2>&1 || true
	rm -rf "$home"
}
trap finish EXIT
trap 'exit 130' INT TERM

# METHOD PATH [BODY [CURL'S ARGUMENTS]]: the answer goes to $home/body and $home/headers, the status is printed.
call() {
	local method=$1 path=$2 sent=(-d "${3:-}")
	case $method in
	GET | HEAD | DELETE) sent=() ;;
	esac
	shift 2
	[ $# -eq 0 ] || shift
	curl -sS --noproxy '*' -D "$home/headers" -o "$home/body" -w '%{http_code}' -X "$method" "$url/v1/$path" \
		-H "Authorization: Bearer $token" -H 'Content-Type: application/json' "${sent[@]}" "$@"
}

# SENTENCE WANTED METHOD PATH [BODY …]: WANTED is a status, or several as in 403|404
try() {
	local said=$1 wanted=$2 got
	shift 2
	got=$(call "$@")
	if [[ "|$wanted|" == *"|$got|"* ]]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		printf 'not so: %s: %s and not %s: %s\n' "$said" "$got" "$wanted" "$(cut -c1-300 "$home/body")"
	fi
}

# SUB [TENANT]: their token, once the tenant knows them; without one, of the tenant they bootstrap.
token_for() {
	local tenant=${2:-}
	token=$(dev token --sub "$1" --env dev ${tenant:+--tenant "$tenant"})
	call POST auth/bootstrap '' >/dev/null
	[ -n "$tenant" ] || token=$(dev token --sub "$1" --env dev --tenant "$(jq -r .tenant_id "$home/body")")
}

tell() {
	printf '%d passed, %d failed\n' "$passed" "$failed"
	[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
}

dev up --port 0 ${TENANTD_BUILD:+--build "$TENANTD_BUILD"} >"$home/up" 2>&1 || {
	tail -n 20 "$home/up"
	exit 1
}
url=$(dev status | sed -n 's/^url *//p')

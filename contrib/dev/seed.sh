# shellcheck shell=bash disable=SC2034,SC2154,SC2164 # a part of dev, which sets -e
# Makes tokens that a stack accepts and its first two tenants, and prints what to try.

token_for() {
	local alg=ES256 sub='' email='' env=dev ttl=$TOKEN_TTL more=() key
	while [ $# -gt 0 ]; do
		[ $# -ge 2 ] || die "'$1' needs a value"
		case $1 in
		--alg) alg=$2 ;;
		--sub) sub=$2 ;;
		--email) email=$2 ;;
		--env) env=$2 ;;
		--ttl) ttl=$2 ;;
		--tenant | --name) more+=("$1" "$2") ;;
		*) die "token: unknown option '$1', see ./dev --help" ;;
		esac
		shift 2
	done
	[ -n "$sub" ] || die "token: --sub NAME is missing"
	key=$dir/keys/$alg.pem
	[ -r "$key" ] || die "token: no key for '$alg', choose one of ${PUBLIC_ALGORITHMS[*]} HS256"
	"$tree/tenantctl" token --key "$key" --alg "$alg" --kid "dev-${alg,,}" --issuer "$ISSUER" \
		--audience "$AUDIENCE" --sub "$sub" --email "${email:-$sub@example.com}" --env "$env" --ttl "$ttl" \
		"${more[@]}"
}

# TOKEN PATH BODY
post() {
	curl -sS --noproxy '*' -m 20 --fail-with-body -X POST "$url$2" -H "Authorization: Bearer $1" \
		-H 'Content-Type: application/json' -d "$3"
}

json_text() { sed -n "s/.*\"$1\" *: *\"\([^\"]*\)\".*/\1/p"; }

# NAME ORGANIZATION: makes the user's tenant and onboards it, if that was not done yet.
seed() {
	local name=$1 organization=$2 token answer tenant
	token=$(token_for --sub "$name" --name "${name^}")
	answer=$(post "$token" /v1/auth/bootstrap '{}') || die "cannot bootstrap a tenant for $name: $answer"
	tenant=$(json_text tenant_id <<<"$answer")
	[ -n "$tenant" ] || die "no tenant in the answer to bootstrap: $answer"
	printf '%s\n' "$tenant" >"$dir/tenant.$name"
	[ "$(json_text tenant_status <<<"$answer")" = onboarding ] || return 0
	token=$(token_for --sub "$name" --tenant "$tenant")
	answer=$(post "$token" /v1/onboarding/complete "{\"organization_name\":\"$organization\",
		\"legal_name\":\"$organization Ltd\",\"postal_address\":\"1 Example Street, Exampleton\",
		\"contact_email\":\"$name@example.com\",\"country\":\"DE\"}") ||
		die "cannot onboard the tenant of $name: $answer"
}

print_info() {
	local me=./dev pages='' tenant_a tenant_b a b
	[ ! -e "$console/index.html" ] || pages=$'\n'"the console is at $url/console/"
	[ "$dir" = "$top/.dev" ] || me="./dev --dir '$dir'"
	tenant_a=$(<"$dir/tenant.alice")
	tenant_b=$(<"$dir/tenant.bob")
	a=$(token_for --sub alice --tenant "$tenant_a")
	b=$(token_for --sub bob --tenant "$tenant_b")
	cat <<-EOF
		tenantd is up at $url$pages

		two tenants in the env dev, each with an owner; their tokens, good for $((TOKEN_TTL / 3600)) hours:
		alice of Acme    $tenant_a  $a
		bob   of Globex  $tenant_b  $b

		who am I, and where:
		curl -sS $url/v1/auth/me -H 'Authorization: Bearer $a'

		the tenant that the token names:
		curl -sS $url/v1/tenant -H 'Authorization: Bearer $a'

		its members:
		curl -sS $url/v1/members -H 'Authorization: Bearer $a'

		another tenant than the token's is refused and audited:
		curl -sS $url/v1/tenant -H 'Authorization: Bearer $b' -H 'X-Tenant-ID: $tenant_a'

		what happened in the tenant:
		curl -sS $url/v1/audit -H 'Authorization: Bearer $a'

		mail is not sent, it becomes files in $dir/mail

		more: $me token --sub NAME | psql owner | ctl doctor | logs | down
	EOF
}

# shellcheck shell=bash disable=SC2034,SC2154,SC2164 # a part of dev, which sets -e
# Makes tokens that a stack accepts and its first people and tenants, and prints what to try.

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

# Brings the people and tenants of the example; what is there already stays as it is.
seed() {
	ctl seed "$top/contrib/seed/example.json" --env dev --issuer dev >"$dir/seed.out" ||
		die "the stack has no people and tenants to try it with"
}

# SLUG: the id of a tenant that was seeded
seeded() { awk -v slug="$1" '$2 == "tenant" && $3 == slug { print $4 }' "$dir/seed.out"; }

# EMAIL…: for each the line that tells their password and what they are
sign_ins() {
	local email
	for email; do grep "^$email " "$dir/seed.out"; done
}

print_info() {
	local me=./dev pages='' tenant_a tenant_b a b
	[ ! -e "$console/index.html" ] || pages=$'\n'"the console is at $url/console/"
	[ "$dir" = "$top/.dev" ] || me="./dev --dir '$dir'"
	tenant_a=$(seeded acme)
	tenant_b=$(seeded globex)
	a=$(token_for --sub alice --tenant "$tenant_a")
	b=$(token_for --sub bob --tenant "$tenant_b")
	cat <<-EOF
		tenantd is up at $url$pages

		two tenants in the env dev, each with an owner; their tokens, good for $((TOKEN_TTL / 3600)) hours:
		alice of Acme    $tenant_a  $a
		bob   of Globex  $tenant_b  $b

		who signs in with a password, and as what; there are more in $dir/seed.out
		$(sign_ins {owner,admin,member,pending}@acme.example root@system.example)

		sign in as one of them:
		curl -sS $url/v1/auth/login -H 'X-Env: dev' -H 'Content-Type: application/json' -d '{"email": "owner@acme.example", "password": "only for trying out"}'

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

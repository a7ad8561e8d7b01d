# shellcheck shell=bash disable=SC2034,SC2154,SC2164 # a part of dev, which sets -e
# A stack's keys and configuration, its tenantd and its lighttpd.

ctl() { "$tree/tenantctl" --config "$dir/tenantd.ini" "$@"; }

random_hex() { head -c 32 /dev/urandom | od -An -v -tx1 | tr -d ' \n'; }

make_keys() {
	local alg jwks='' keys=$dir/keys
	[ -e "$keys/context.key" ] || random_hex | put "$keys/context.key"
	[ -e "$keys/HS256.secret" ] || random_hex | put "$keys/HS256.secret"
	for alg in "${ALGORITHMS[@]}"; do
		if [ ! -e "$keys/$alg.jwk" ]; then
			rm -f "$keys/$alg.pem" "$keys/$alg.jwk.new"
			"$tree/tenantctl" keys new --alg "$alg" --kid "dev-${alg,,}" --private "$keys/$alg.pem" \
				--jwk "$keys/$alg.jwk.new" >&2
			mv "$keys/$alg.jwk.new" "$keys/$alg.jwk"
		fi
		jwks+=${jwks:+,}$(<"$keys/$alg.jwk")
	done
	printf '{"keys":[%s]}\n' "$jwks" | put "$keys/jwks.json"
}

# tenantd runs as whoever runs ./dev: it must read a checkout and a DIR that nobody else may be able to read.
# A host names an unprivileged [server] user instead.
write_config() {
	put "$dir/tenantd.ini" <<-EOF
		; written by ./dev up; a change here is lost
		[server]
		listen = unix:$run/tenantd.sock
		socket_mode = 0600
		metrics_allow = 127.0.0.1
		[database]
		url = host='$run/pg' dbname=tenantd user=tenantd_app
		admin_url = host='$run/pg' dbname=tenantd user=tenantd_migrator
		[tenancy]
		allowed_envs = $ENVS
		header_fallback = warn
		context_key_file = $dir/keys/context.key
		[issuer.dev]
		issuer = $ISSUER
		audience = $AUDIENCE
		algorithms = ES256, RS256, EdDSA, HS256
		jwks_file = $dir/keys/jwks.json
		hs256_secret_file = $dir/keys/HS256.secret
	EOF
	put "$dir/lighttpd.conf" <<-EOF
		# written by ./dev up; a change here is lost
		server.document-root = "$dir/www"
		server.bind = "127.0.0.1"
		server.port = $port
		server.errorlog = "$dir/log/lighttpd.log"
		server.upload-dirs = ( "$dir/tmp" )
		var.tenantd_socket = "$run/tenantd.sock"
		var.tenantd_errors = "$top/contrib/lighttpd/errors/error-"
		include "$top/contrib/lighttpd/tenantd.conf"
	EOF
}

# A database of another system than this one's is no business of a dev stack.
clean_environment() {
	unset "${!PG@}"
	unset TENANTD_DATABASE_URL TENANTD_DATABASE_ADMIN_URL TENANTD_SERVER_LISTEN TENANTD_SERVER_USER
}

is_ready() { [ "$(curl -s --noproxy '*' -o /dev/null -m 5 -w '%{http_code}' "$url/readyz")" = 200 ]; }

# What a running tenantd was started from; another program, configuration or key means starting it again.
tenantd_stamp() { cksum "$tree/tenantd" "$dir/tenantd.ini" "$dir"/keys/* && env | sed -n '/^TENANTD_/p' | sort; }

start_tenantd() {
	local stamp
	stamp=$(tenantd_stamp | cksum)
	if is_alive tenantd; then
		[ "$(cat "$dir/pid/tenantd.stamp" 2>/dev/null)" != "$stamp" ] || return 0
		say "tenantd changed"
		stop tenantd TERM 30
	fi
	say "starting tenantd"
	spawn tenantd "$tree/tenantd" --config "$dir/tenantd.ini"
	printf '%s\n' "$stamp" >"$dir/pid/tenantd.stamp"
	wait_for tenantd 30 test -S "$run/tenantd.sock"
}

start_lighttpd() {
	local lighttpd stamp
	lighttpd=$(command -v lighttpd || echo /usr/sbin/lighttpd)
	stamp=$(cat "$dir/lighttpd.conf" "$top/contrib/lighttpd/tenantd.conf" | cksum)
	if is_alive lighttpd; then
		[ "$(cat "$dir/pid/lighttpd.stamp" 2>/dev/null)" != "$stamp" ] || return 0
		say "the configuration of lighttpd changed"
		stop lighttpd INT 30
	fi
	"$lighttpd" -tt -f "$dir/lighttpd.conf" >&2 || die "lighttpd refuses '$dir/lighttpd.conf'"
	say "starting lighttpd"
	spawn lighttpd "$lighttpd" -D -f "$dir/lighttpd.conf"
	printf '%s\n' "$stamp" >"$dir/pid/lighttpd.stamp"
	wait_for lighttpd 20 port_answers "$port"
}

port_answers() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# The port asked for, else the recorded one, else the default; a busy one is refused before anything is built.
choose_port() {
	local asked=$1 recorded
	recorded=$(cat "$dir/port" 2>/dev/null || true)
	port=${asked:-${recorded:-$DEFAULT_PORT}}
	[[ $port =~ ^[0-9]{1,5}$ && $port -le 65535 ]] || die "'$port' is no port"
	if is_alive lighttpd && { [ "$port" = "$recorded" ] || [ "$port" = 0 ]; }; then
		port=$recorded
	elif [ "$port" = 0 ]; then
		port=$((20000 + RANDOM % 12000))
		while port_answers "$port"; do port=$((20000 + RANDOM % 12000)); done
	elif port_answers "$port"; then
		die "port $port is in use by another program, choose one with ./dev up --port N (0: any free one)"
	fi
	printf '%s\n' "$port" >"$dir/port"
	url=http://127.0.0.1:$port
}

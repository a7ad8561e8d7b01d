# shellcheck shell=bash disable=SC2034,SC2154,SC2164 # a part of dev, which sets -e
# The keys, the configuration, tenantd and the web server of a stack.

# tenantctl looks for migrations where `make install` puts them. A stack uses those of the checkout instead.
ctl() {
	local folder=migrations
	[[ " $* " != *' --set areas '* ]] || folder=areas
	case ${1:-} in
	migrate | doctor) [[ " $* " == *' --'[dh]* ]] || set -- "$@" --directory "$top/db/$folder" ;;
	esac
	TENANTD_CONFIG=$dir/tenantd.ini "$tree/tenantctl" "$@"
}

# The keys are made in another folder and moved to their place together, so that there are all of them or none.
make_keys() {
	local alg keys=$dir/keys.new
	[ ! -d "$dir/keys" ] || return 0
	rm -rf "$keys"
	mkdir "$keys"
	{
		ctl context-key new "$keys/context.key"
		ctl keys new --alg HS256 --kid dev-hs256 --private "$keys/HS256.pem"
		for alg in "${PUBLIC_ALGORITHMS[@]}"; do
			ctl keys new --alg "$alg" --kid "dev-${alg,,}" --private "$keys/$alg.pem" --jwk "$keys/jwks.json"
		done
	} >"$dir/log/keys.log" 2>&1 || {
		cat "$dir/log/keys.log" >&2
		die "no keys could be made"
	}
	mv "$keys" "$dir/keys"
}

# Apache does not serve as root. When root runs ./dev it serves as this user of its package.
readonly WEB_USER=www-data
changes_user() { [ "${web:-}" = apache2 ] && is_root; }
as_web_user() { setpriv --reuid="$WEB_USER" --regid="$WEB_USER" --clear-groups "$@"; }
is_shut_out() { changes_user && ! as_web_user test -x "$dir"; }

# What Apache reads while it serves, in a place that its user reaches.
lend_to_web_user() {
	local shared=$run/web
	changes_user || return 0
	rm -rf "$shared"
	mkdir "$shared"
	cp -r "$top/contrib/lighttpd/errors" "$shared/errors"
	[ ! -d "$console" ] || cp -r "$console" "$shared/console"
	chmod -R u=rwX,go=rX "$shared"
	errors=$shared/errors console=$shared/console
}

# tenantd runs as the user who runs ./dev, because others may not be able to read the checkout and DIR. On a real host
# set an unprivileged [server] user.
write_config() {
	local access='socket_mode = 0600' errors=$top/contrib/lighttpd/errors
	if changes_user; then access="socket_group = $WEB_USER"; fi
	lend_to_web_user
	put "$dir/tenantd.ini" <<-EOF
		; written by ./dev up; a change here is lost
		[server]
		listen = unix:$run/tenantd.sock
		$access
		metrics_allow = 127.0.0.1
		public_url = $url
		[database]
		url = host='$run/pg' dbname=tenantd user=tenantd_app
		admin_url = host='$run/pg' dbname=tenantd user=tenantd_migrator
		errands_url = host='$run/pg' dbname=tenantd user=tenantd_errands
		[tenancy]
		allowed_envs = $ENVS
		header_fallback = warn
		context_key_file = $dir/keys/context.key
		[accounts]
		issuer = $url
		keys_dir = $dir/keys/accounts
		[governance]
		key_file = $dir/keys/governance/key.pem
		[mail]
		from = tenantd@localhost.localdomain
		from_name = tenantd at $url
		spool = $dir/mail
		templates = $top/share/mail/en
		interval = 1
		[domains]
		interval = 2
		[issuer.dev]
		issuer = $ISSUER
		audience = $AUDIENCE
		algorithms = ${PUBLIC_ALGORITHMS[*]/%/,} HS256
		jwks_file = $dir/keys/jwks.json
		hs256_secret_file = $dir/keys/HS256.pem
	EOF
	write_"$web"_config
}

write_lighttpd_config() {
	put "$dir/lighttpd.conf" <<-EOF
		# ./dev up writes this file and overwrites changes
		server.document-root = "$dir/www"
		server.bind = "127.0.0.1"
		server.port = $port
		server.errorlog = "$dir/log/lighttpd.log"
		server.upload-dirs = ( "$dir/tmp" )
		var.tenantd_socket = "$run/tenantd.sock"
		var.tenantd_errors = "$errors/error-"
		include "$top/contrib/lighttpd/tenantd.conf"
		var.tenantd_console = "$console"
		include "$top/contrib/lighttpd/console.conf"
	EOF
}

# Every stack has its own Apache, with the modules that docs/apache.md names.
write_apache2_config() {
	local module modules=(mpm_event authz_core alias mime env headers setenvif reqtimeout buffer rewrite proxy proxy_fcgi)
	{
		printf '# ./dev up writes this file and overwrites changes\n'
		if changes_user; then printf 'User %s\nGroup %s\n' "$WEB_USER" "$WEB_USER"; fi
		for module in "${modules[@]}"; do
			printf 'LoadModule %s_module /usr/lib/apache2/modules/mod_%s.so\n' "$module" "$module"
		done
		cat <<-EOF
			ServerName 127.0.0.1
			ServerRoot "$dir/tmp"
			DefaultRuntimeDir "$dir/tmp"
			DocumentRoot "$dir/www"
			PidFile "$dir/tmp/apache2.pid"
			ErrorLog "$dir/log/apache2.log"
			TypesConfig /dev/null
			Listen 127.0.0.1:$port
			Define TENANTD_SOCKET "$run/tenantd.sock"
			Define TENANTD_ERRORS "$errors/error-"
			Define TENANTD_APACHE "$top/contrib/apache"
			Define TENANTD_CONSOLE "$console"
			<VirtualHost *>
			Include "$top/contrib/apache/tenantd-proxy.conf"
			Include "$top/contrib/apache/console.conf"
			</VirtualHost>
		EOF
	} | put "$dir/apache2.conf"
}

# The key of the stack's own issuer, and the one that signs checkpoints and receipts.
make_own_keys() {
	[ -d "$dir/keys/accounts" ] || ctl keys new >/dev/null
	[ -d "$dir/keys/governance" ] || {
		mkdir "$dir/keys/governance"
		ctl keys new --private "$dir/keys/governance/key.pem" --jwk "$dir/keys/governance/public.jwks" >/dev/null
	}
}

# A dev stack must use only its own database system.
clean_environment() {
	unset "${!PG@}"
	unset TENANTD_DATABASE_URL TENANTD_DATABASE_ADMIN_URL TENANTD_DATABASE_ERRANDS_URL TENANTD_SERVER_LISTEN TENANTD_SERVER_USER
}

is_ready() { [ "$(curl -s --noproxy '*' -o /dev/null -m 5 -w '%{http_code}' "$url/readyz")" = 200 ]; }

# What tenantd was started with. When the program, the configuration or a key has changed, it must be started again.
tenantd_stamp() {
	find "$dir/keys" -type f -exec cksum "$tree/tenantd" "$dir/tenantd.ini" {} + && env | sed -n '/^TENANTD_/p' | sort
}

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

# The web server that was asked for, or else the recorded one, or else lighttpd.
choose_server() {
	case ${1:-$(cat "$dir/server" 2>/dev/null || true)} in
	lighttpd | '') web=lighttpd ;;
	apache | apache2) web=apache2 ;;
	*) die "'$1' is no server, choose lighttpd or apache" ;;
	esac
	[ -z "$1" ] || printf '%s\n' "$web" >"$dir/server"
}

# What checks a configuration, and what serves it in the foreground.
web_check() { case $web in lighttpd) echo -tt ;; apache2) echo -t ;; esac }
web_foreground() { case $web in lighttpd) echo -D ;; apache2) echo -DFOREGROUND ;; esac }

start_web() {
	local program stamp other=apache2
	[ "$web" = lighttpd ] || other=lighttpd
	stop "$other" TERM 30
	program=$(command -v "$web" || echo "/usr/sbin/$web")
	stamp=$(cat "$dir/$web.conf" "$top"/contrib/{lighttpd,apache}/*.conf | cksum)
	if is_alive "$web"; then
		[ "$(cat "$dir/pid/$web.stamp" 2>/dev/null)" != "$stamp" ] || return 0
		say "the configuration of $web changed"
		stop "$web" TERM 30
	fi
	"$program" "$(web_check)" -f "$dir/$web.conf" >"$dir/log/$web.check" 2>&1 || {
		cat "$dir/log/$web.check" >&2
		die "$web refuses '$dir/$web.conf'"
	}
	say "starting $web"
	spawn "$web" "$program" "$(web_foreground)" -f "$dir/$web.conf"
	printf '%s\n' "$stamp" >"$dir/pid/$web.stamp"
	wait_for "$web" 20 port_answers "$port"
}

port_answers() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

any_port() {
	local free=$((20000 + RANDOM % 12000))
	while port_answers "$free"; do free=$((20000 + RANDOM % 12000)); done
	printf %s "$free"
}

# Chooses the port that was asked for, or else the recorded one, or else the default. A port in use is refused before
# anything is built. Port 0 means the recorded port if that is free, or else any free one.
choose_port() {
	local asked=$1 recorded
	recorded=$(cat "$dir/port" 2>/dev/null || true)
	port=${asked:-${recorded:-$DEFAULT_PORT}}
	[[ $port =~ ^[0-9]{1,5}$ && $port -le 65535 ]] || die "'$port' is no port"
	if [ "$port" = 0 ]; then port=${recorded:-$(any_port)}; fi
	if { [ "$port" != "$recorded" ] || ! { is_alive lighttpd || is_alive apache2; }; } && port_answers "$port"; then
		[ "$asked" = 0 ] ||
			die "port $port is in use by another program, choose one with ./dev up --port N (0: any free one)"
		port=$(any_port)
	fi
	printf '%s\n' "$port" >"$dir/port"
	url=http://127.0.0.1:$port
}

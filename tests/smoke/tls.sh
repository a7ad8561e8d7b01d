# shellcheck shell=bash disable=SC2154 # a part of run, which has dir and tell
# The whole configurations for TLS and HTTP/2 in contrib, each served by its web server to curl, also while the certificate
# changes. Only names of files and the addresses are changed; and the user of lighttpd, unless root runs this.

# What the examples say of a host's files, said of this machine.
moved() {
	sed "s#/etc/ssl/app.example.com#$dir/tls/host#; s#/usr/share/tenantd/console#$dir/tls/console#
		s#/usr/share/tenantd/#$PWD/contrib/#; s#/run/tenantd/tenantd.sock#$tls_socket#
		s#/var/log/lighttpd/#$dir/tls/#; s#/run/lighttpd.pid#$dir/tls/pid#; s#/var/cache/lighttpd/uploads#$dir/tls#
		s#/var/www/html#$dir/tls#" "$1"
}

# The same, at ports of 127.0.0.1.
near() {
	local users=
	[ "$(id -u)" = 0 ] || users='/^server.username\|^server.groupname/d;'
	moved "$1" | sed "$users /\[::\]/d; s#\*:443#127.0.0.1:$tls_port#; s#\*:80#127.0.0.1:$plain_port#
		s#https://app.example.com#https://app.example.com:$tls_port#; s#\":443\"#\"127.0.0.1:$tls_port\"#
		s#^server.port = 80#server.bind = \"127.0.0.1\"\nserver.port = $plain_port#"
}

lighttpd_tls() {
	near contrib/lighttpd/example.conf >"$dir/tls/lighttpd.conf"
	exec "$lighttpd" -D -f "$dir/tls/lighttpd.conf"
}

apache_tls() {
	local module
	{
		for module in mpm_event authz_core alias mime env headers setenvif reqtimeout buffer rewrite proxy proxy_fcgi \
			socache_shmcb ssl http2; do
			printf 'LoadModule %s_module /usr/lib/apache2/modules/mod_%s.so\n' "$module" "$module"
		done
		printf 'ServerRoot "%s"\nDefaultRuntimeDir "%s"\nPidFile "%s/apache.pid"\nErrorLog "%s/apache.log"\n' \
			"$dir/tls" "$dir/tls" "$dir/tls" "$dir/tls"
		printf 'TypesConfig /dev/null\nListen 127.0.0.1:%s\nListen 127.0.0.1:%s https\n' "$plain_port" "$tls_port"
		[ "$(id -u)" != 0 ] || printf 'User www-data\nGroup www-data\n'
		near contrib/apache/example.conf
	} >"$dir/tls/apache.conf"
	exec "$(command -v apache2 || echo /usr/sbin/apache2)" -DFOREGROUND -f "$dir/tls/apache.conf"
}

# ARGUMENTS…: curl to the host of the examples.
ask() {
	curl -sS --http2 --noproxy '*' -m 20 --cacert "$dir/tls/trusted" --connect-to "app.example.com:$tls_port:127.0.0.1:$tls_port" \
		--connect-to "app.example.com:$plain_port:127.0.0.1:$plain_port" "$@"
}

# COMMAND: a new certificate of the host, put into place by the script that docs/lighttpd.md gives to certbot, with this command
# in the place of the reload.
certificate() {
	local script group=
	[ "$(id -u)" = 0 ] || group='s# -g www-data##;'
	script=$(sed -n '\|^#!/bin/sh$|,/^```/{/^```/d;p}' docs/lighttpd.md | sed "$group s#/etc/ssl/app.example.com#$dir/tls/host#; s#systemctl reload lighttpd#$1#")
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=app.example.com -days 2 \
		-addext subjectAltName=DNS:app.example.com -keyout "$dir/tls/privkey.pem" -out "$dir/tls/fullchain.pem" 2>/dev/null
	cat "$dir/tls/fullchain.pem" >>"$dir/tls/trusted"
	RENEWED_LINEAGE=$dir/tls sh -ec "$script"
}

# ARGUMENTS…: asks again and again, each time by a new connection, until there is a file `enough`; the answers go to standard
# output. A web server that changes its certificate may have taken a connection by HTTP/2 and end it before the request came, by
# GOAWAY or by closing it. Clients ask once more then (RFC 9113, 8.7; RFC 9110, 9.2.2), but curl does not by itself.
ask_on() {
	local got rc
	until [ -e "$dir/tls/enough" ]; do
		rc=0
		got=$(ask -o /dev/null -w '%{http_code}\n' "$@" 2>&1) || rc=$?
		if [[ $1 = --http2 && $rc = @(16|55|56) ]]; then # CURLE_HTTP2, CURLE_SEND_ERROR, CURLE_RECV_ERROR
			got=$(ask -o /dev/null -w '%{http_code}\n' "$@" 2>&1) || true
		fi
		printf '%s\n' "$got"
	done
}

# NAME PID AT: a new certificate is served after the signal of a reload, and no request fails meanwhile.
change_certificate() {
	local name=$1 pid=$2 at=$3 loads=() files=("$dir/tls/load.2" "$dir/tls/load.1") begun=$SECONDS served= more=
	rm -f "$dir/tls/enough"
	ask_on --http2 "$at/readyz" >"${files[0]}" &
	loads+=($!)
	ask_on --http1.1 "$at/readyz" >"${files[1]}" &
	loads+=($!)
	until [ -s "${files[0]}" ] && [ -s "${files[1]}" ] || ((SECONDS > begun + 60)); do sleep 0.05; done
	certificate "kill -s USR1 $pid"
	for ((begun = SECONDS; SECONDS < begun + 60; )); do
		if [ -z "$served" ]; then
			# Only the new one is believed here.
			! ask --cacert "$dir/tls/host.crt" -o /dev/null "$at/readyz" 2>/dev/null || served=$(cat "${files[@]}" | wc -l)
		elif [ "$(cat "${files[@]}" | wc -l)" -ge $((served + 20)) ]; then
			more=yes
			break
		fi
		sleep 0.05
	done
	touch "$dir/tls/enough"
	wait "${loads[@]}" || true
	tell "$name serves a new certificate after a reload" "$more" "$(cat "$dir/tls/$name.out" "$dir/tls/error.log" 2>/dev/null | tail -n 5)"
	tell "$name fails no request meanwhile" "$([ "$(sort -u "${files[@]}")" = 200 ] && echo yes)" "$(sort "${files[@]}" | uniq -c)"
}

# SENTENCE EXPECTED ARGUMENTS…: what curl writes of the answer.
answers() {
	local sentence=$1 expected=$2 got
	shift 2
	got=$(ask -o "$dir/tls/body" "$@" 2>&1) || true
	tell "$sentence" "$([ "$got" = "$expected" ] && echo yes)" "$got, not $expected: $(cat "$dir/tls/body" 2>/dev/null)"
}

try_tls() {
	local name=$1 pid token tenant at=https://app.example.com:$tls_port
	token=$(./dev --dir "$dir/stack" token --sub smoke-tls)
	"$2" >"$dir/tls/$name.out" 2>&1 &
	pid=$!
	for ((i = 0; i < 200; i++)); do
		! ask -o /dev/null "$at/healthz" 2>/dev/null || break
		kill -0 "$pid" 2>/dev/null || break
		sleep 0.05
	done
	local version='%{http_version} %{http_code}'
	answers "$name serves the example by HTTP/2: $(head -c 300 "$dir/tls/$name.out")" '2 200' -w "$version" "$at/readyz"
	answers "$name serves it by HTTP/1.1, too" '1.1 200' --http1.1 -w "$version" "$at/readyz"
	answers "$name takes no TLS before 1.2" 000 --tls-max 1.1 --ciphers DEFAULT@SECLEVEL=0 --no-show-error -w '%{http_code}' "$at/readyz"
	answers "$name passes a token and a body on" '2 200' -w "$version" -H "Authorization: Bearer $token" \
		-H 'Content-Type: application/json' -d '{}' "$at/v1/auth/bootstrap"
	tenant=$(sed -n 's/.*"tenant_id":"\([^"]*\)".*/\1/p' "$dir/tls/body")
	answers "$name passes a body of unknown length on" '2 400' -w "$version" -H "Authorization: Bearer $token" \
		-H "X-Tenant-ID: $tenant" -H 'Content-Type: application/json' -X PATCH -T - "$at/v1/tenant" < <(printf '{"unheard":1}')
	tell "$name passes all of it on" "$(grep -q unheard "$dir/tls/body" && echo yes)" "$(cat "$dir/tls/body")"
	# lighttpd refuses such a POST, and tells tenantd nothing of its body (T135): it must not be taken for an empty one.
	ask -o "$dir/tls/body" -s -H "Authorization: Bearer $token" -H 'Content-Type: application/json' -X POST -T - \
		"$at/v1/auth/bootstrap" < <(printf '{"unheard":1}') 2>/dev/null || true
	tell "$name takes no body for an empty one" "$(grep -q 'unheard\|needs Content-Length' "$dir/tls/body" && echo yes)" \
		"$(cat "$dir/tls/body")"
	answers "$name lets no look-alike through" '2 400' -w "$version" -H 'X_Tenant_ID: x' -H "Authorization: Bearer $token" "$at/v1/auth/me"
	answers "$name writes a refusal as an error" '2 404 application/problem+json' -w "$version %{content_type}" "$at/nowhere"
	answers "$name serves the console" '2 200' -w "$version" "$at/console/"
	answers "$name leads from plain HTTP to TLS" "308 $at/v1/auth/me?a=b" -w '%{http_code} %{redirect_url}' \
		"http://app.example.com:$plain_port/v1/auth/me?a=b"
	ask -D "$dir/tls/head" -o /dev/null "$at/readyz" || true
	tell "$name keeps browsers to TLS" "$(grep -qi '^strict-transport-security: max-age=' "$dir/tls/head" && echo yes)" \
		"$(cat "$dir/tls/head")"
	change_certificate "$name" "$pid" "$at"
	kill "$pid" 2>/dev/null || true
	wait "$pid" || true
}

# FILE PAGE PATTERN: the page has what stands in the file below its first two lines, from the line with the pattern on.
is_shown() {
	diff <(sed 1,2d "$1") <(awk -v begin="$3" '$0 ~ begin { inside = 1 } inside && /^```/ { exit } inside' "$2") >&2
}

check_tls() {
	mkdir "$dir/tls"
	tls_socket=$(sed -n 's/^listen = unix://p' "$dir/stack/tenantd.ini")
	tls_port=$((32000 + RANDOM % 200 * 2)) plain_port=$((32001 + RANDOM % 200 * 2))
	certificate true
	mkdir -p "$dir/tls/console/assets"
	printf '<!doctype html><html></html>' >"$dir/tls/console/index.html"
	# The web server's user, when root runs this, must reach the socket, and has folders of its own on a host.
	if [ "$(id -u)" = 0 ]; then
		chgrp www-data "$dir/tls"
		chmod 711 "$dir"
		chmod 771 "$dir/tls"
		chmod -R go+rX "$dir/tls/console"
		chown :www-data "$tls_socket"
		chmod 660 "$tls_socket"
	fi
	local lighttpd
	lighttpd=$(command -v lighttpd || echo /usr/sbin/lighttpd)
	moved contrib/lighttpd/example.conf >"$dir/tls/whole.conf"
	tell 'lighttpd takes the example with all its addresses' "$("$lighttpd" -tt -f "$dir/tls/whole.conf" >"$dir/tls/whole.out" 2>&1 && echo yes)" \
		"$(cat "$dir/tls/whole.out")"
	try_tls lighttpd lighttpd_tls
	try_tls Apache apache_tls
	tell 'docs/apache.md shows contrib/apache/example.conf' \
		"$(is_shown contrib/apache/example.conf docs/apache.md '^Define TENANTD_SOCKET' && echo yes)" ''
	tell 'docs/lighttpd.md shows contrib/lighttpd/example.conf' \
		"$(is_shown contrib/lighttpd/example.conf docs/lighttpd.md '^server.modules' && echo yes)" ''
}

# shellcheck shell=bash disable=SC2034,SC2154,SC2164 # a part of dev, which sets -e
# A stack's PostgreSQL: a cluster of its own, which only its user can reach.

# The server refuses to run as root. When ./dev is run by root, the server runs as the user of its package. If DIR is in
# a folder that this user may not enter, the server keeps the one capability for that, so that the permissions of the
# folder need not be changed.
find_postgres() {
	pg_bin=/usr/lib/postgresql/15/bin
	[ -x "$pg_bin/postgres" ] || pg_bin=$(pg_config --bindir 2>/dev/null) || die "no PostgreSQL server found"
	as_postgres=()
	is_root || return 0
	local plain=(setpriv --reuid=postgres --regid=postgres --init-groups) capability
	if "${plain[@]}" env -C "$dir/pg" env -C "$run/pg" true 2>/dev/null; then
		as_postgres=("${plain[@]}" --inh-caps=-all)
		return
	fi
	for capability in dac_read_search dac_override; do
		as_postgres=("${plain[@]}" "--inh-caps=+$capability" "--ambient-caps=+$capability")
		"${as_postgres[@]}" env -C "$dir/pg" env -C "$run/pg" true 2>/dev/null && return
	done
	die "the user postgres cannot reach '$dir', choose another folder with --dir"
}

# The cluster is made beside its final place and moved there when it is complete. Whoever can reach the socket is
# trusted: only the server's user and root can enter its folder, and the server does not listen anywhere else.
init_cluster() {
	[ ! -e "$dir/pg/PG_VERSION" ] || return 0
	say "making a PostgreSQL cluster"
	rm -rf "$dir/pg"
	mkdir "$dir/pg"
	if is_root; then chown postgres: "$dir/pg"; fi
	find_postgres
	(cd "$dir/pg" && "${as_postgres[@]}" "$pg_bin/initdb" -D "$dir/pg" -U postgres -A trust -E UTF8 \
		--locale=C.UTF-8 --no-sync) >"$dir/log/initdb.log" 2>&1 || {
		rm -rf "$dir/pg"
		tail -n 20 "$dir/log/initdb.log" >&2
		die "initdb failed, its log is '$dir/log/initdb.log'"
	}
	printf 'local all all trust\n' >"$dir/pg/pg_hba.conf"
	sync -f "$dir/pg"
}

# After a kill -9 the server's lock file names a process that may still be listed (the first process of a container may
# not collect its children), or whose number may belong to another process now. The file is removed only when that
# process is not our server and no process is attached to the shared memory that the file names.
clear_stale_lock() {
	local file=$dir/pg/postmaster.pid end=$((SECONDS + 20)) pid attached
	while [ -e "$file" ] && pid=$(head -n 1 "$file") && [ -d "/proc/$pid" ]; do
		attached=$(awk -v line="$(sed -n 7p "$file")" 'BEGIN { split(line, id) }
			FNR > 1 && $2 == id[2] { print $7 }' /proc/sysvipc/shm)
		printf '%s\n' "$pid" >"$dir/pid/postgres"
		if ! is_alive postgres && [ "${attached:-0}" = 0 ]; then
			rm -f "$file"
		elif [ "$SECONDS" -ge "$end" ]; then
			die "'$file' is held by process $pid, end it first"
		fi
		sleep 0.05
	done
	[ -e "$file" ] || rm -f "$run"/pg/.s.PGSQL.*
}

is_accepting() { "$pg_bin/pg_isready" -q -h "$run/pg" -U postgres -d postgres; }

start_postgres() {
	socket_folder make
	chmod 700 "$run/pg"
	[ -d "$dir/pg" ] || mkdir "$dir/pg"
	if is_root; then chown postgres: "$run/pg"; fi
	find_postgres
	if is_alive postgres; then
		is_accepting && return
		stop postgres INT 30
	fi
	init_cluster
	clear_stale_lock
	say "starting PostgreSQL"
	spawn postgres "${as_postgres[@]}" "$pg_bin/postgres" -D "$dir/pg" -c listen_addresses= \
		-c unix_socket_directories="$run/pg" -c unix_socket_permissions=0700 -c port=5432 -c fsync=on \
		-c timezone=UTC -c log_timezone=UTC -c cluster_name=tenantd-dev
	wait_for postgres 60 is_accepting
}

# ROLE ARGUMENTS…
sql() {
	local role=$1
	shift
	psql -X -q -v ON_ERROR_STOP=1 -h "$run/pg" -d tenantd -U "$role" "$@"
}

prepare_database() {
	local sum
	sum=$(cksum <"$top/db/roles.sql")
	if [ "$(cat "$dir/pg/tenantd-roles" 2>/dev/null)" != "$sum" ]; then
		[ "$(psql -X -At -h "$run/pg" -U postgres -d postgres \
			-c "SELECT count(*) FROM pg_database WHERE datname = 'tenantd'")" = 1 ] ||
			psql -X -q -h "$run/pg" -U postgres -d postgres -c 'CREATE DATABASE tenantd'
		sql postgres -f "$top/db/roles.sql" >&2
		sql postgres -c 'SET client_min_messages = warning' \
			-c 'CREATE SCHEMA IF NOT EXISTS app AUTHORIZATION tenantd_owner'
		printf '%s\n' "$sum" >"$dir/pg/tenantd-roles"
	fi
	{ ctl migrate up && ctl migrate up --set areas --directory "$top/db/areas"; } >"$dir/log/migrate.log" 2>&1 || {
		cat "$dir/log/migrate.log" >&2
		die "the migrations did not run, see '$dir/log/migrate.log'"
	}
}

# shellcheck shell=bash disable=SC2034,SC2154,SC2164 # a part of dev, which sets -e
# The folder of a stack and its processes. It must never write elsewhere, nor send a signal to a process that this stack
# did not start.

# DIR may be used when it is new, is empty or has our mark. So no files get into a folder that is used for something else.
open_dir() {
	[[ $dir =~ ^[A-Za-z0-9._/+@\ -]+$ ]] || die "'$dir' has characters that build tools trip over"
	if [ -d "$dir" ] && [ ! -e "$dir/.tenantd-dev" ] && [ -n "$(ls -A "$dir")" ]; then
		die "'$dir' is not empty and was not made by ./dev, name another with --dir"
	fi
	[ -d "$dir" ] || (umask 066 && mkdir -p "$dir")
	: >"$dir/.tenantd-dev"
	mkdir -p "$dir/log" "$dir/pid" "$dir/www" "$dir/tmp" "$dir/mail"
}

lock_dir() {
	exec {lock_fd}>"$dir/lock"
	flock -n "$lock_fd" && return
	say "waiting for another ./dev on '$dir'"
	flock "$lock_fd"
}

need_up() { [ -e "$dir/tenantd.ini" ] || die "nothing in '$dir' yet, run ./dev up first"; }

# The sockets are in DIR/run, or in a folder of their own when the path of DIR/run is too long for a socket or Apache's user
# cannot enter it.
socket_folder() {
	local longest=$dir/run/pg/.s.PGSQL.5432
	run=$(cat "$dir/run.path" 2>/dev/null || true)
	if [ -z "$run" ] || [ ! -d "$run" ] || [ ! -O "$run" ]; then
		run=$dir/run
		if [ "$(printf %s "$longest" | LC_ALL=C wc -c)" -gt "$SOCKET_MAX" ] || is_shut_out; then
			[ "${1:-}" = make ] || return 0
			run=$(mktemp -d /tmp/tenantd-XXXXXX)
			chmod 711 "$run" # the users of the servers must reach what is theirs in it
			printf '%s\n' "$run" >"$dir/run.path"
		fi
	fi
	[ "${1:-}" != make ] || { (umask 066 && mkdir -p "$run") && mkdir -p "$run/pg"; }
	return 0
}

# Writes stdin to FILE, but only when that changes the file.
put() {
	cat >"$1.new"
	if cmp -s "$1.new" "$1"; then rm "$1.new"; else mv "$1.new" "$1"; fi
}

# ---- processes

# What the command line of a process must contain for it to be ours.
marker_of() {
	case $1 in
	postgres) printf %s "$dir/pg" ;;
	tenantd) printf %s "$dir/tenantd.ini" ;;
	lighttpd | apache2) printf %s "$dir/$1.conf" ;;
	esac
}

is_alive() {
	local pid comm
	pid=$(cat "$dir/pid/$1" 2>/dev/null) && [ -n "$pid" ] || return 1
	comm=$(cat "/proc/$pid/comm" 2>/dev/null) && [[ $comm == "$1"* ]] || return 1
	grep -qzxF -- "$(marker_of "$1")" "/proc/$pid/cmdline" 2>/dev/null
}

# NAME COMMAND…: starts the command in a session of its own and records its pid. That pid is the command's, because
# setsid and setpriv replace themselves by it.
spawn() {
	local name=$1
	shift
	(cd "$dir" && exec setsid "$@" {lock_fd}>&-) </dev/null >>"$dir/log/$name.log" 2>&1 &
	printf '%s\n' "$!" >"$dir/pid/$name"
}

# NAME SECONDS COMMAND…: waits until the command succeeds. Gives up after SECONDS, or when the process NAME has ended.
wait_for() {
	local name=$1 end=$((SECONDS + $2)) begun=$SECONDS
	shift 2
	until "$@" >/dev/null 2>&1; do
		if ! is_alive "$name" && [ $((SECONDS - begun)) -ge 1 ]; then
			tail -n 20 "$dir/log/$name.log" >&2
			die "$name ended while starting, its log is '$dir/log/$name.log'"
		fi
		if [ "$SECONDS" -ge "$end" ]; then
			tail -n 20 "$dir/log/$name.log" >&2
			die "$name does not answer, its log is '$dir/log/$name.log'"
		fi
		sleep 0.05
	done
}

# NAME SIGNAL SECONDS: sends SIGNAL, waits up to SECONDS for the process to end, and then kills it.
stop() {
	local name=$1 signal=$2 end=$((SECONDS + $3)) pid
	if is_alive "$name"; then
		pid=$(<"$dir/pid/$name")
		kill -s "$signal" "$pid" 2>/dev/null || true
		while is_alive "$name"; do
			if [ "$SECONDS" -ge "$end" ]; then
				say "$name did not end in $3 seconds, killing it"
				kill -s KILL "$pid" 2>/dev/null || true
				end=$((SECONDS + $3))
			fi
			sleep 0.05
		done
	fi
	rm -f "$dir/pid/$name"
}

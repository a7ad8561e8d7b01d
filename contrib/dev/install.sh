# shellcheck shell=bash disable=SC2034,SC2154,SC2164 # a part of dev, which sets -e
# What ./dev installs and builds. It must never change a service or a configuration of the machine.

# The packages of Debian 12: those that `up` needs to build and run, and those that only the checks need.
readonly PACKAGES_UP=(
	gcc libc6-dev make autoconf automake pkg-config
	libc-ares-dev libcurl4-gnutls-dev libfcgi-dev libgnutls28-dev libinih-dev libjson-c-dev libjwt-dev libpq-dev libsodium-dev libtalloc-dev
	ca-certificates curl lighttpd nodejs npm postgresql-15 util-linux
)
readonly PACKAGES_CHECK=(
	apache2 apache2-utils libapache2-mod-fcgid chromium-headless-shell clang clang-format libclang-rt-14-dev libcunit1-dev llvm
	jq lighttpd-mod-openssl openssl patch postgresql-15-pgtap shellcheck spawn-fcgi valgrind wrk xz-utils
)


missing_packages() {
	local have package
	have=$(dpkg-query -W -f='${Package} ${db:Status-Status}\n' "$@" 2>/dev/null || true)
	for package; do
		case $package in # these are often installed from another source, which Debian's packages conflict with
		nodejs) ! command -v node >/dev/null || continue ;;
		npm) ! command -v npm >/dev/null || continue ;;
		esac
		grep -qxF "$package installed" <<<"$have" || printf '%s\n' "$package"
	done
}

# Keeps the packages from starting their own services when they are installed; this stack has its own.
apt_install() {
	local as_root=() policy=/usr/sbin/policy-rc.d made='' rc=0
	is_root || as_root=(sudo)
	if [ ! -e "$policy" ]; then
		printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
		"${as_root[@]}" chmod 755 "$policy"
		made=yes
	fi
	local get=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300)
	{ "${get[@]}" install -y --no-install-recommends "$@" ||
		{ "${get[@]}" update && "${get[@]}" install -y --no-install-recommends "$@"; }; } >&2 || rc=$?
	[ -z "$made" ] || "${as_root[@]}" rm -f "$policy"
	return "$rc"
}

# The services of packages that were installed for a stack stay off at the next start of the machine as well. Nobody who had
# them before loses them: these packages were missing.
disable_services() {
	local package as_root=()
	is_root || as_root=(sudo)
	command -v systemctl >/dev/null || return 0
	for package; do
		case $package in
		lighttpd | apache2) "${as_root[@]}" systemctl --quiet disable "$package" 2>/dev/null || true ;;
		postgresql-15) "${as_root[@]}" systemctl --quiet disable postgresql 2>/dev/null || true ;;
		esac
	done
}

# PostgreSQL 15 before its minor release 20 shows rows that row-level security hides to whoever may make a function in pg_temp
# (the workers may not). Debian has a newer one, so it is said and not refused.
warn_of_leak() {
	local version
	version=$(/usr/lib/postgresql/15/bin/postgres --version 2>/dev/null | sed 's/.* (PostgreSQL) \([0-9.]*\).*/\1/')
	case $version in
	15.?|15.1?) say "warning: PostgreSQL $version leaks hidden rows through functions in pg_temp, upgrade to 15.20 or later:" \
		"apt-get update && apt-get install postgresql-15" ;;
	esac
}

install_packages() {
	command -v dpkg-query >/dev/null || {
		say "dev: no dpkg here, taking it that these are installed: $*"
		return 0
	}
	local missing
	mapfile -t missing < <(missing_packages "$@")
	[ "${#missing[@]}" -gt 0 ] || return 0
	say "installing ${missing[*]}"
	is_root || command -v sudo >/dev/null || die "install these as root first: ${missing[*]}"
	apt_install "${missing[@]}" || die "apt-get could not install: ${missing[*]}"
	disable_services "${missing[@]}"
}

# configure and Makefile.in are made in the checkout, under a lock; everything else is made in DIR/build.
make_configure() (
	cd "$top"
	umask 022
	exec 8<"$top"
	flock 8
	[ -e Makefile.in ] && [ -e configure ] &&
		[ -z "$(find configure.ac Makefile.am ./*/ \( -name '*.mk' -o -name configure.ac -o -name Makefile.am \) \
			-newer Makefile.in -print -quit)" ] && return
	./autogen.sh
)

# TREE ARGUMENTS…: configures TREE with the arguments if that was not done yet, then builds what is out of date.
build_tree() (
	local tree=$1
	shift
	make_configure
	umask 022
	mkdir -p "$tree"
	cd "$tree"
	[ -e Makefile ] || "$top/configure" --quiet "$@"
	make -s -j"$(nproc)" all
)

build() {
	if [ -r "$dir/build.path" ]; then
		tree=$(<"$dir/build.path")
		return
	fi
	tree=$dir/build
	[ "${1:-}" = make ] || return 0
	say "building in '$tree'"
	if ! build_tree "$tree" --prefix="$dir/inst" CFLAGS='-O2 -g' >"$dir/log/build.log" 2>&1; then
		tail -n 40 "$dir/log/build.log" >&2
		die "the build failed, its log is '$dir/log/build.log'"
	fi
}

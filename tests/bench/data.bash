# The part of tests/bench/run that measures the rows of resources: the reads among the rows of 10,000 tenants and among
# those of 100, each beside pgbench with the same statements, and inserts. Sourced by it, and nothing runs by that.
# shellcheck shell=bash disable=SC2034,SC2154 # the names of tests/bench/run

readonly MANY=10000 FEW=100 # tenants
readonly ROW=20000000-0000-4000-8000-0000000013ba # the 50th of TENANT
readonly INSERT_TENANT=10000000-0000-4000-8000-00000000012c # reads nothing

# The rows of a resource, and a second database that is the same with few tenants.
prepare_data() {
	psql -X -q -h "$home/pg" -U postgres -d postgres -c 'CREATE DATABASE few TEMPLATE tenantd'
	database=few
	sql postgres -c 'SET client_min_messages = warning' -f "$top/db/roles.sql"
	sql postgres -v tenants="$FEW" -v alone= -f "$here/data.sql" -o /dev/null
	database=tenantd
	local began=$SECONDS many=$MANY
	[ -z "$brief" ] || many=1000
	sql postgres -v tenants="$many" -f "$here/data.sql" -o /dev/null
	note data_seed $((SECONDS - began))
}

# Requests of the tenants that are in both databases, for the tenant's 50th row and for a list; and inserts by others.
make_data_requests() {
	local seen=$home/data_seen
	"$tree/bench_mint" members "$home" ES256 1 "$FEW" >"$seen"
	awk -v OFS='\t' '{ print $1, sprintf("/v1/data/items/20000000-0000-4000-8000-%012x", NR * 1000 + 50) }' \
		"$seen" >"$home/data_get"
	awk -v OFS='\t' '{ print $1, "/v1/data/items?status=eq.open&order=created_at.desc&limit=50" }' "$seen" >"$home/data_list"
	"$tree/bench_mint" members "$home" ES256 $((FEW + 1)) "$FEW" |
		awk -v OFS='\t' '{ print $1, "/v1/data/items", "{\"title\":\"Another\",\"status\":\"open\",\"amount\":12.5}" }' \
			>"$home/data_insert"
}

start_data() {
	make_data_requests
	start_tenantd few 2 few
	start_lighttpd few "$home/tenantdfew.sock"
	url_few=http://127.0.0.1:$port
	wait_until 'tenantd with few tenants' answers "$url_few/v1/tenant" "$(<"$home/seen")"
	local what
	for what in get list; do
		load warm 1 "$url2" GET "$home/data_$what"
		load warm 1 "$url_few" GET "$home/data_$what"
	done
	load warm 1 "$url8" POST "$home/data_insert"
}

# The rows of resources: each read at both sizes, one after the other, and growth from those two.
measure_data() {
	local what
	for what in get list; do
		load "data_$what" "$SQL_S" "$url2" GET "$home/data_$what"
		load "data_$what.few" "$SQL_S" "$url_few" GET "$home/data_$what"
		note "data_$what.growth" "$(calc "$(last "data_$what.p50") / $(last "data_$what.few.p50")" 4)"
		pg "pgbench_data_$what" "$SQL_S" tenantd_app 2 "data_$what.pgb" -D claimed=0 -D tenant="$TENANT" -D env=dev \
			-D id="$ROW" -D status=open -D rows=51
		ceiling "data_$what.ceiling" "pgbench_data_$what"
		ratio "data_$what.ratio" "data_$what" "data_$what.ceiling"
	done
	pg pgbench_data_insert "$SQL_S" tenantd_app 8 data_insert.pgb -D claimed=0 -D tenant="$INSERT_TENANT" -D env=dev
	load data_insert "$SQL_S" "$url8" POST "$home/data_insert"
	ratio data_insert.ratio data_insert pgbench_data_insert
}

data_results() {
	cat <<-EOF
		data_get_rps $(median data_get) GET /v1/data/items/{id}, 10,000 tenants, a million rows, 2 workers
		data_get_p50_ms $(median data_get.p50 2) its median
		data_get_p99_ms $(median data_get.p99 2) and its 99th percentile
		data_get_rps_100_tenants $(median data_get.few) the same with 100 tenants, 10,000 rows
		data_get_p50_ms_100_tenants $(median data_get.few.p50 2) its median
		data_get_p99_ms_100_tenants $(median data_get.few.p99 2) and its 99th percentile
		data_get_growth $(median data_get.growth 3) the median with many over that with few (aim: 1.1 or less)
		pgbench_data_get_rps $(median pgbench_data_get) pgbench, the same statements, 2 clients
		data_get_ratio $(median data_get.ratio 3) of S, from H and that
		data_list_rps $(median data_list) 50 rows by a filter in an order, 10,000 tenants, a million rows
		data_list_p50_ms $(median data_list.p50 2) its median
		data_list_p99_ms $(median data_list.p99 2) and its 99th percentile
		data_list_rps_100_tenants $(median data_list.few) the same with 100 tenants, 10,000 rows
		data_list_p50_ms_100_tenants $(median data_list.few.p50 2) its median
		data_list_p99_ms_100_tenants $(median data_list.few.p99 2) and its 99th percentile
		data_list_growth $(median data_list.growth 3) the median with many over that with few (aim: 1.1 or less)
		pgbench_data_list_rps $(median pgbench_data_list) pgbench, the same statements, 2 clients
		data_list_ratio $(median data_list.ratio 3) of S, from H and that
		data_insert_rps $(median data_insert) POST /v1/data/items, a row and its audit row, 8 workers
		data_insert_p50_ms $(median data_insert.p50 2) its median
		data_insert_p99_ms $(median data_insert.p99 2) and its 99th percentile
		pgbench_data_insert_rps $(median pgbench_data_insert) pgbench, the same statements, 8 clients
		data_insert_ratio $(median data_insert.ratio 3) of pgbench
		data_seed_s $(last data_seed) seconds that a million rows took to seed
	EOF
}

# What the wire carries: our server and foreign ones under the same load. Sourced by scripts/bench.
#
# Every server has the first core, one at a time; the load generator has the second. All get the same bytes from the same
# h2load, round after round in turn; what counts is the median of the rounds.

readonly build_bench=$root/.build-bench peers=$here/bench.d/peers
# The first is ours, the last the floor: a file server on the same HTTP/2 library, without gRPC.
readonly wire_peers=(huddle grpc_cpp grpc_swift grpcio nghttpd)
readonly wire_metrics=(unary_per_s unary_1000_per_s latency_us tls_per_s bulk_mib_per_s)
readonly wire_rounds=${HUDDLE_BENCH_ROUNDS:-5} run_seconds=${HUDDLE_BENCH_SECONDS:-3}
readonly server_core=0 load_core=1
# One message of 1 MiB after another in one stream.
readonly bulk_count=1024
readonly method=/huddle.bench.v1.Bench
# The one cipher that all can, so that none wins by another.
readonly cipher=TLS_AES_128_GCM_SHA256

declare -A port samples value
agent_rows=()
wire_processes=()

# measure_wire: fills `value`, by "PEER METRIC", and the rows of README's table.
measure_wire() {
    (( $(nproc) >= 2 )) || fail "one core only" "server and load generator need one each" "run on a machine with two cores"
    ulimit -n 16384
    build_peers
    measure_agents
    trap stop_peers EXIT
    start_peers
    local round metric peer
    for (( round = 1; round <= wire_rounds; round++ )); do
        say "round $round of $wire_rounds …"
        for metric in "${wire_metrics[@]}"; do
            for peer in "${wire_peers[@]}" libssl; do
                [[ $peer != libssl || $metric == bulk_mib_per_s ]] || continue
                samples["$peer $metric"]+=" $("measure_$metric" "$peer")"
            done
        done
    done
    stop_peers
    local key
    for key in "${!samples[@]}"; do
        # shellcheck disable=SC2086 # one word for each round
        value["$key"]=$(median ${samples[$key]})
    done
    wire_rows
    rows+=("${agent_rows[@]}")
}

# measure_agents: fills `agent_rows`. Connections as agents have them, over mutual TLS: what one costs that says nothing, and what ten thousand cost that report.
measure_agents() {
    local idle fleet
    say "idle connections, and a fleet of 10,000; some minutes …"
    idle=$("$bench_binary" idle --connections 1000 --seconds 60 -o json)
    fleet=$("$bench_binary" fleet --agents 10000 --interval 5s --seconds 60 -o json)
    agent_rows+=("memory of an idle agent connection|$(jq --raw-output '"\(.kibibytes_per_connection * 10 | round / 10) KiB"' <<< "$idle")|≤ 96 KiB; 48 KiB")
    agent_rows+=("10,000 agents that report every 5 s|$(jq --raw-output '"\(.coordinator_cores * 100 | round) % of a core, p99 \(.p99_milliseconds * 10 | round / 10) ms, \(.lost) sessions lost"' <<< "$fleet")|≤ 1 core, p99 < 50 ms")
}

# MARK: what is measured

measure_unary_per_s() { rate "http://127.0.0.1:${port[$1]}" 10 100; }
measure_unary_1000_per_s() { rate "http://127.0.0.1:${port[$1]}" 1000 1; }
measure_tls_per_s() { rate "https://127.0.0.1:$(( port[$1] + 1 ))" 10 100; }
measure_latency_us() {
    local per_second
    per_second=$(rate "http://127.0.0.1:${port[$1]}" 1 1)
    awk "BEGIN { printf \"%.1f\", 1000000 / $per_second }"
}

measure_bulk_mib_per_s() {
    local seconds
    if [[ $1 == libssl ]]; then
        seconds=$(taskset --cpu-list "$load_core" "$build_bench/stream" read "${port[libssl]}" "$bulk_count")
    else
        seconds=$(load -n 1 -c 1 -m 1 -w 30 -W 30 -d "$build_bench/bulk.bin" "https://127.0.0.1:$(( port[$1] + 1 ))$method/Bulk" |
            awk '/^finished in/ { sub(/,/, "", $3); unit = $3; sub(/^[0-9.]+/, "", unit)
                print $3 / (unit == "ms" ? 1000 : unit == "us" ? 1000000 : 1) }')
    fi
    awk "BEGIN { printf \"%.0f\", $bulk_count / $seconds }"
}

# rate BASE CONNECTIONS STREAMS: answers per second.
rate() {
    load -D "$run_seconds" --warm-up-time 1 -c "$2" -m "$3" -d "$build_bench/sum.bin" "$1$method/Sum" |
        awk '/^finished in/ { printf "%.0f", $4 }'
}

# load ARGUMENTS...: h2load with the headers of gRPC; no answer may be missing or other than 200.
load() {
    local output
    output=$(taskset --cpu-list "$load_core" h2load -t 1 --tls13-ciphers="$cipher" \
        -H 'content-type: application/grpc' -H 'te: trailers' "$@")
    grep --quiet ' 0 failed, 0 errored, 0 timeout' <<< "$output" && grep --quiet ' 0 3xx, 0 4xx, 0 5xx' <<< "$output" ||
        fail "h2load $* was not answered in full" "$(grep -E '^(requests|status)' <<< "$output")" "scripts/bench wire"
    printf '%s\n' "$output"
}

# MARK: the servers

build_peers() {
    mkdir -p "$build_bench/generated" "$build_bench/files$method"
    make_bench_files
    # Both Swift servers as ours is shipped, with the runtime inside.
    build_release huddle-bench "$bench_binary"
    timed "building the grpc-swift peer, release; minutes the first time" swift build -c release \
        --static-swift-stdlib --quiet --package-path "$peers/grpc-swift" --scratch-path "$build_bench/grpc-swift" >&2
    (cd "$peers/proto" && protoc --cpp_out="$build_bench/generated" --grpc_out="$build_bench/generated" \
        --plugin=protoc-gen-grpc="$(command -v grpc_cpp_plugin)" bench/v1/bench.proto
        "$build_lab/venv/bin/python" -m grpc_tools.protoc --proto_path=. --python_out="$build_bench/generated" \
            --grpc_python_out="$build_bench/generated" bench/v1/bench.proto)
    # shellcheck disable=SC2046 # pkg-config prints words
    timed "building the gRPC C++ peer" g++ -std=c++17 -O2 -I "$build_bench/generated" -o "$build_bench/grpc-cpp" \
        "$peers/grpc-cpp/server.cc" "$build_bench"/generated/bench/v1/*.cc $(pkg-config --cflags --libs grpc++ protobuf)
    gcc -O2 -o "$build_bench/stream" "$peers/libssl/stream.c" -lssl -lcrypto
}

# The requests, with gRPC's five bytes before them; a certificate; and what the file server serves.
make_bench_files() {
    printf '\0\0\0\0\4\10\50\20\2' > "$build_bench/sum.bin"
    printf '\0\0\0\0\7\10\200\10\20\200\200\100' > "$build_bench/bulk.bin"
    printf '12345\n' > "$build_bench/files$method/Sum"
    truncate --size "${bulk_count}M" "$build_bench/files$method/Bulk"
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$build_bench/key.pem" \
        -out "$build_bench/certificate.pem" -days 2 -subj /CN=bench -addext subjectAltName=DNS:bench 2> /dev/null
}

start_peers() {
    local peer next=18440
    for peer in "${wire_peers[@]}" libssl; do
        port[$peer]=$next
        next=$(( next + 10 ))
    done
    local credentials=("$build_bench/certificate.pem" "$build_bench/key.pem")
    peer_command huddle "$bench_binary" serve
    peer_command grpc_cpp "$build_bench/grpc-cpp"
    peer_command grpc_swift "$build_bench/grpc-swift/release/grpc-swift-peer"
    peer_command grpcio env PYTHONPATH="$build_bench/generated" "$build_lab/venv/bin/python" "$peers/grpcio/server.py"
    pinned nghttpd --no-tls --address=127.0.0.1 --htdocs="$build_bench/files" "${port[nghttpd]}"
    pinned nghttpd --address=127.0.0.1 --htdocs="$build_bench/files" $(( port[nghttpd] + 1 )) "$build_bench/key.pem" \
        "$build_bench/certificate.pem"
    pinned "$build_bench/stream" serve "${port[libssl]}" "${credentials[@]}"
    for peer in "${wire_peers[@]}"; do
        await_port $(( port[$peer] + 1 ))
        [[ $peer == nghttpd ]] || PYTHONPATH=$build_bench/generated "$build_lab/venv/bin/python" "$peers/grpcio/check.py" \
            "${port[$peer]}" $(( port[$peer] + 1 )) "$build_bench/certificate.pem" ||
            fail "$peer does not answer as it should" "the call that failed is above" "scripts/bench wire"
    done
    await_port "${port[libssl]}"
}

# peer_command PEER COMMAND...: starts a server that takes both ports, certificate and key.
peer_command() {
    local peer=$1
    shift
    pinned "$@" "${port[$peer]}" $(( port[$peer] + 1 )) "${credentials[@]}"
}

pinned() {
    taskset --cpu-list "$server_core" "$@" > /dev/null 2>> "$build_bench/servers.log" &
    wire_processes+=($!)
}

await_port() {
    local tries
    for (( tries = 0; tries < 100; tries++ )); do
        (: < "/dev/tcp/127.0.0.1/$1") 2> /dev/null && return
        sleep 0.1
    done
    fail "nothing listens on port $1" "$(tail -n 3 "$build_bench/servers.log")" "scripts/bench wire"
}

stop_peers() {
    (( ${#wire_processes[@]} == 0 )) || kill "${wire_processes[@]}" 2> /dev/null || true
    wire_processes=()
}

# MARK: what is said

wire_rows() {
    rows+=("unary calls a second on one core, 10 connections × 100 streams|$(against unary_per_s)|≥ gRPC C++; 2 × gRPC C++, 5 × grpc-swift-2")
    rows+=("unary calls a second on one core, 1,000 connections × 1 stream|$(against unary_1000_per_s)|≥ gRPC C++; 35,000/s")
    rows+=("microseconds for one call after another|$(against latency_us)|≤ gRPC C++; ≤ 1.5 × nghttpd")
    rows+=("unary calls a second under TLS, as a part of cleartext|$(percent huddle\ tls_per_s huddle\ unary_per_s): $(against tls_per_s)|≥ 60 %; 75 %")
    rows+=("MiB/s of 1 MiB messages in one stream under TLS, as a part of what libssl alone writes|$(percent huddle\ bulk_mib_per_s libssl\ bulk_mib_per_s): $(against bulk_mib_per_s), libssl ${value[libssl bulk_mib_per_s]}|≥ 60 %; 85 %")
}

# against METRIC: ours, and the others' in the order of the peers.
against() {
    local v=()
    local peer
    for peer in "${wire_peers[@]}"; do v+=("$(thousands "${value[$peer $1]}")"); done
    printf '%s; gRPC C++ %s, grpc-swift-2 %s, grpcio %s, nghttpd %s' "${v[@]}"
}

thousands() { sed -E ':again; s/^([0-9]+)([0-9]{3})/\1,\2/; t again' <<< "$1"; }

percent() { awk "BEGIN { printf \"%.0f %%\", 100 * ${value[$1]} / ${value[$2]} }"; }

# One object: for each server what was measured of it.
wire_json() {
    local key
    for key in "${!value[@]}"; do printf '%s %s\n' "$key" "${value[$key]}"; done | sort |
        jq --raw-input --null-input --compact-output \
            'reduce (inputs / " ") as [$peer, $metric, $value] ({}; .[$peer][$metric] = ($value | tonumber))'
}

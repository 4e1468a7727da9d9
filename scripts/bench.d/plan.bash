# What the planner makes of public test beds, beside what is published of others. Sourced by scripts/bench.

readonly plan_data=${HUDDLE_BENCH_DATA:-$root/../shared/data}
# As the published means have them.
readonly arrival_seeds=(42 43 44 45 46 47 48 49 50 51)
# Nodes, disk, memory and cores, each group's policy first; hspace needs the square of the nodes, so more of them take minutes.
readonly ganeti_clusters=("p,20,512g,64g,16" "p,40,256g,32g,8" "p,80,256g,32g,8" "p,20,512g,64g,16 p,20,256g,32g,8")

# measure_plan [quick]: fills the rows of README's table; quick leaves out what takes an hour, a second for each instance.
measure_plan() {
    [[ -d $plan_data/vector-packing ]] || fail "$plan_data holds no data" \
        "the public test beds are not part of the project" "HUDDLE_BENCH_DATA=DIR scripts/bench plan"
    build_release huddle-bench "$bench_binary"
    local work
    work=$(mktemp --directory)
    measure_packing "$work" panigrahy "120616 best single heuristic, 119936 best of 351, 117548 optimum or bound" "${1-}"
    measure_packing "$work" new-classes-1-3 "28576 best of 351, 24986 optimum or bound" "${1-}"
    measure_planetlab "$work"
    measure_openb "$work"
    measure_ganeti "$work"
    measure_scale
    rm -rf "$work"
}

bench_value() { jq --raw-output "$2" <<< "$1"; }

# measure_packing WORK NAME ANCHORS [quick]
measure_packing() {
    local directory=$1/$2 total
    mkdir "$directory"
    tar --extract --gzip --file "$plan_data/vector-packing/$2.tar.gz" --directory "$directory"
    say "vector packing, $2 …"
    total=$("$bench_binary" pack "$directory" | tail -n 1)
    rows+=("vector packing, $2, default budget|$(bench_value "$total" '"\(.bins) bins in \(.instances) instances, bound \(.bound), \(.ms / 1000 | round) s"')|$3")
    [[ ${4-} != quick ]] || return 0
    total=$("$bench_binary" pack "$directory" --budget-ms 1000 | tail -n 1)
    rows+=("idem, 1 s an instance|$(bench_value "$total" '"\(.bins) bins, bound \(.bound), \(.ms / 1000 | round) s"')|$3")
}

measure_planetlab() {
    local archive day policy result
    for archive in "$plan_data"/planetlab/*.tar.gz; do
        day=$(basename "$archive" .tar.gz)
        mkdir "$1/$day"
        tar --extract --gzip --strip-components 1 --file "$archive" --directory "$1/$day"
        for policy in none dvfs huddle; do
            say "PlanetLab, $day, $policy …"
            result=$("$bench_binary" planetlab "$1/$day" --policy "$policy")
            # shellcheck disable=SC2046 # four numbers
            rows+=("PlanetLab $day, policy $policy|$(printf '%.2f kWh, %d migrations, SLAV %.2e, ESV %.2e' \
                $(bench_value "$result" '.energy_kwh, .migrations, .slav, .esv'))|$(planetlab_anchor "$day" "$policy")")
        done
    done
}

# planetlab_anchor DAY POLICY: what CloudSim 3.0.3 says of it, where that is published.
planetlab_anchor() {
    [[ $1 == 20110303 ]] || return 0
    case $2 in
        none) echo "2410.80 kWh" ;;
        dvfs) echo "764.96 kWh" ;;
        huddle) echo "167.83 kWh, 27649 migrations, SLAV 4.32e-5, ESV 7.25e-3 (LR-MMT 1.2)" ;;
    esac
}

measure_openb() {
    local seed results=()
    gzip --decompress --stdout "$plan_data/openb/openb_node_list_gpu_node.csv.gz" > "$1/nodes.csv"
    gzip --decompress --stdout "$plan_data/openb/openb_pod_list_default.csv.gz" > "$1/pods.csv"
    say "openb, ${#arrival_seeds[@]} seeds …"
    for seed in "${arrival_seeds[@]}"; do
        results+=("$("$bench_binary" openb --nodes "$1/nodes.csv" --pods "$1/pods.csv" --seed "$seed")")
    done
    rows+=("openb default, mean of ${#arrival_seeds[@]} seeds|$(printf '%s\n' "${results[@]}" | jq --slurp --raw-output \
        '"\(map(.gpu_allocated_percent) | add / length * 100 | round / 100) % of GPUs allocated, \(map(.decisions_per_s) | min | round) decisions/s"')|93.08 % BestFit, 95.39 % FGD")
}

# measure_ganeti WORK: instances of hspace's standard size, one after the other, until one finds no room.
measure_ganeti() {
    local cluster group result options
    for cluster in "${ganeti_clusters[@]}"; do
        say "Ganeti, $cluster …"
        options=()
        for group in $cluster; do options+=("--simulate=$group"); done
        # It saves what it filled; without what it placed that is the cluster it began with.
        if ! timeout 300 hspace "${options[@]}" --save="$1/ganeti" > /dev/null 2>&1; then
            rows+=("Ganeti, nodes of $cluster|not measured: hspace ended with an error, or took more than five minutes|")
            continue
        fi
        sed '/^new-/d' "$1/ganeti.standard" > "$1/ganeti.cluster"
        result=$("$bench_binary" hspace "$1/ganeti.cluster")
        rows+=("Ganeti, nodes of $cluster|$(bench_value "$result" \
            '"\(.placements) instances, \(.seconds * 1000 * 100 | round / 100) ms, \(.times_faster) × faster"')|$(bench_value "$result" \
            '"hspace \(.hspace_placements) in \(.hspace_seconds * 100 | round / 100) s"')")
    done
}

measure_scale() {
    local result
    say "placing and planning at scale …"
    result=$("$bench_binary" place --hosts 10000 --workloads 200000)
    rows+=("placing 200,000 workloads on 10,000 hosts|$(bench_value "$result" \
        '"\(.placements_per_s | round)/s, p99 \(.p99_us) µs, \(.rss_mib) MiB, \(.hosts_used) hosts, bound \(.bound)"')|≥ 20000/s, p99 < 5 ms")
    result=$("$bench_binary" replan --hosts 12500 --workloads 150000)
    rows+=("a plan for 150,000 workloads on 12,500 hosts|$(bench_value "$result" \
        '"\(.seconds * 10 | round / 10) s, \(.hosts_before) → \(.hosts_after) hosts, bound \(.bound), \(.moves) moves"')|< 10 s, gap ≤ 5 %")
}

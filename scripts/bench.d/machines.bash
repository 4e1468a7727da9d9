# The guests of scripts/bench moves, ours and by hand: alike, and under the same limits. Sourced by scripts/bench.d/moves.bash.

# Of each, in thousandths of a core: what is reserved, and the most. Without the same group by hand one of both would have more of a
# host that both keep busy.
readonly bench_cpu=(300 1000)

# start_machines MEMORY WORDS DISK: ours on lab-1, the one by hand on lab-2, both ready.
start_machines() {
    at=([huddle]=lab-1 [hand]=lab-2) free=lab-3
    hand_machine=$(jq --null-input --compact-output --argjson memory "$1" --arg words "$2" --argjson disk "$3" \
        --arg beacon "$(witness_address):$hand_port" --arg address "$hand_address" \
        --argjson reserved "${bench_cpu[0]}" --argjson most "${bench_cpu[1]}" '{
            folder: "/var/lib/bench", memory: $memory, disk: $disk, bandwidth: 0, downtime: 300, cpu: [$reserved, $most],
            append: "\($words) huddle.beacon=\($beacon) huddle.beat=1 huddle.ip=\($address)/16 huddle.gw=10.99.0.1" }')
    "$here/bench.d/bare_move.py" start "${move_pids[${at[hand]}]}" "$hand_machine"
    start_ours "$@"
}

# start_ours MEMORY WORDS DISK [MOVE]
start_ours() {
    local spec
    "$huddle" image remove bench --yes > /dev/null 2>&1 || true
    "$huddle" image add bench --kernel "$build_lab/guest/vmlinuz" --initrd "$build_lab/guest/initrd.img" \
        --append "console=ttyS0 quiet $2 huddle.beacon=$(witness_address):$beacon_port huddle.beat=1" > /dev/null 2>&1
    spec=('kind: vm' 'name: bench' 'image: bench' "size: {cpu: ${bench_cpu[0]}m, memory: $1MiB}" "limit: {cpu: ${bench_cpu[1]}m}"
        "move: {${4-downtime: 300ms}}")
    (( $3 == 0 )) || spec+=("disks: [$3MiB]")
    printf '%s\n' "${spec[@]}" | "$huddle" apply -f - --on lab-1 --wait > /dev/null 2>&1
    until inside grep --quiet "Enter .help" /var/lib/huddle/agent/vms/bench-0/run/console.log 2> /dev/null; do sleep 0.2; done
}

stop_machines() {
    local name
    for name in lab-1 lab-2 lab-3; do "$here/bench.d/bare_move.py" leave "${move_pids[$name]}"; done
    delete bench
}

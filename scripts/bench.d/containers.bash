# What a move of a container takes and what its users see of it. Sourced by scripts/bench.d/moves.bash.

# start_box NAME MEBIBYTES: ours on lab-1, with that much of its memory no zeros.
start_box() {
    printf '%s\n' 'kind: container' "name: $1" 'image: busybox' "command: [/bin/holder, \"$2\", \"0\", \"25\"]" \
        "size: {cpu: 100m, memory: $(( $2 + 48 ))MiB}" 'move: {allow: [live]}' | "$huddle" apply -f - --on lab-1 --wait > /dev/null 2>&1
}

# measure_container MEBIBYTES: that much of its memory no zeros; a client in a third host's network holds a connection.
measure_container() {
    local round name
    say "containers with $1 MiB of memory …"
    from=lab-1 to=lab-2 ours=() theirs=() ours_gaps=() theirs_gaps=()
    "$huddle" policy set moves.bandwidth=none > /dev/null 2>&1
    start_box bench "$1"
    for name in lab-1 lab-2; do
        "$here/lab" shell "$name" podman load --quiet < "$build_lab/guest/busybox.tar" > /dev/null
    done
    "$here/bench.d/bare_container.py" start "${move_pids[lab-1]}" localhost/huddle/busybox:1 "$hand_container" /bin/holder "$1" 0 25
    witness_inside web replies "$(instance_address bench-0)" 25
    witness_inside hand replies "$hand_container" 25
    sleep 60
    quiet=$(moment)
    for (( round = 0; round <= pairs; round++ )); do
        if (( round % 2 )); then move_by_huddle; carry_by_hand; else carry_by_hand; move_by_huddle; fi
        turn_round
    done
    is_watching web || fail "the connection to bench-0 broke" "a live move takes connections along" "huddle events"
    is_watching hand || fail "the connection to the container by hand broke" "the comparison needs it" "scripts/lab shell $from podman ps"
    stop_watching
    # With its network: the address would answer for the next one.
    for name in lab-1 lab-2; do "$here/bench.d/bare_container.py" leave "${move_pids[$name]}"; done
    delete bench
    pair_row "container with $1 MiB, total" ours theirs "≤ 0.9 ×; ≤ 0.5 ×"
    pair_row "container with $1 MiB, longest gap of a TCP client" ours_gaps theirs_gaps "≤ 0.9 ×$([[ $1 == 16 ]] && echo "; < 300 ms")"
}

# witness_inside NAME KIND ADDRESS PORT: from the third host's network.
witness_inside() {
    mkdir -p "$witness_notes"
    local tries
    for (( tries = 0; tries < 50; tries++ )); do
        : > "$(notes "$1")"
        nsenter --target "${move_pids[lab-3]}" --net "$root/scripts/demo.d/witness.py" "$2" "$3" "$4" "$(notes "$1")" inf 0.002 2> /dev/null &
        witnesses[$1]=$!
        sleep 0.3
        if is_watching "$1" && [[ -s $(notes "$1") ]]; then return; fi
        kill "${witnesses[$1]}" 2> /dev/null || true
    done
    fail "nothing answers at $3" "the container has not come up" "huddle get instances"
}

# One that runs twice for a while; a client in a third host's network gets its page again and again, each time anew.
measure_relocation() {
    local round end=$witness_notes/pages-end
    say "containers that are relocated …"
    from=lab-1 to=lab-2 ours=() ours_gaps=()
    printf '%s\n' 'kind: container' 'name: bench' 'image: busybox' \
        'command: [/bin/sh, -c, "mkdir /tmp/www; echo here > /tmp/www/index.html; exec httpd -f -p 80 -h /tmp/www"]' \
        'size: {cpu: 100m, memory: 64MiB}' 'move: {allow: [relocate]}' 'check: {http: /, port: 80, every: 1s}' |
        "$huddle" apply -f - --on lab-1 --wait > /dev/null 2>&1
    mkdir -p "$witness_notes"
    rm -f "$end"
    : > "$(notes web)"
    nsenter --target "${move_pids[lab-3]}" --net "$root/scripts/demo.d/witness.py" pages "$(instance_address bench-0)" 80 "$(notes web)" "$end" > /dev/null &
    witnesses[web]=$!
    heard_again web
    sleep 60
    quiet=$(moment)
    for (( round = 0; round <= pairs; round++ )); do
        move_by_huddle relocate
        turn_round
    done
    stop_watching
    delete bench
    alone_row "container relocated, total" ours
    # It waits 250 ms for a page, so that a packet lost is a gap of that.
    alone_row "container relocated, longest gap of a client that tries again after 250 ms" ours_gaps "≤ one try"
}

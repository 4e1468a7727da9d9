# What a move takes and what its users see of it. Sourced by scripts/bench.
# shellcheck source=scripts/demo.d/witnesses.bash
source "$here/demo.d/witnesses.bash"

readonly pairs=10

measure_moves() {
    # What stands by hand beside ours counts as use; only what is reserved may decide here.
    "$huddle" policy set mode=off rest=0s reserve=0 demand=reserved hot.cpu=97% ceiling.cpu=95% > /dev/null 2>&1
    measure_total
    measure_interruptions
}

pid_of() { podman inspect --format '{{.State.Pid}}' "huddle-$1"; }

# The same guest by hand and by Huddle, each moved to and fro between two hosts.
measure_total() {
    say "live moves of a VM of 256 MiB, $pairs interleaved pairs …"
    local ours=() theirs=() round from=lab-1 to=lab-2 began
    local -A pid
    pid=([lab-1]=$(pid_of lab-1) [lab-2]=$(pid_of lab-2))
    make_bench_tls
    "$here/bench.d/bare_move.py" start "${pid[lab-1]}" /tmp/bench
    machine_spec | "$huddle" apply -f - --on lab-1 --wait > /dev/null 2>&1
    until inside grep --quiet "Enter .help" /var/lib/huddle/agent/vms/bench-0/run/console.log 2> /dev/null; do sleep 0.2; done
    for (( round = 0; round <= pairs; round++ )); do
        theirs+=("$("$here/bench.d/bare_move.py" move "${pid[$from]}" "${pid[$to]}" /tmp/bench)")
        began=$(date +%s%N)
        "$huddle" migrate bench-0 --to "$to" --mode live > /dev/null 2>&1
        ours+=($(( ($(date +%s%N) - began) / 1000000 )))
        if [[ $from == lab-1 ]]; then from=lab-2 to=lab-1; else from=lab-1 to=lab-2; fi
    done
    "$here/bench.d/bare_move.py" stop "${pid[$from]}"
    delete bench
    for host_name in lab-1 lab-2; do "$here/lab" shell "$host_name" rm -rf /tmp/bench < /dev/null; done
    rows+=("live move of a VM, from the command to the source's end|$(ratio ours theirs)|≤ 1.5 × bare QEMU with TLS")
}

# The guest and one key for both ends, in both hosts.
make_bench_tls() {
    local work host_name file
    work=$(mktemp --directory)
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$work/ca-key.pem" -out "$work/ca-cert.pem" \
        -days 2 -subj /CN=bench -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign 2> /dev/null
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$work/server-key.pem" -out "$work/request.pem" \
        -subj /CN=bench.move 2> /dev/null
    openssl x509 -req -in "$work/request.pem" -CA "$work/ca-cert.pem" -CAkey "$work/ca-key.pem" -CAcreateserial -days 2 \
        -out "$work/server-cert.pem" -extfile <(printf '%s\n' subjectAltName=DNS:bench.move basicConstraints=critical,CA:FALSE \
            keyUsage=critical,digitalSignature,keyEncipherment extendedKeyUsage=serverAuth,clientAuth) 2> /dev/null
    cp "$work/server-cert.pem" "$work/client-cert.pem"
    cp "$work/server-key.pem" "$work/client-key.pem"
    cp "$build_lab/guest/vmlinuz" "$build_lab/guest/initrd.img" "$work/"
    for host_name in lab-1 lab-2; do
        tar --create --directory "$work" . | "$here/lab" shell "$host_name" bash -c 'mkdir -p /tmp/bench && tar --extract --directory /tmp/bench'
    done
    rm -rf "$work"
}

# What a receiver and a client see, which do not move.
measure_interruptions() {
    say "interruptions, $pairs moves of a VM and of a container …"
    local round target web=() mail=()
    "$huddle" image remove guest --yes > /dev/null 2>&1 || true
    "$huddle" image add beacon --kernel "$build_lab/guest/vmlinuz" --initrd "$build_lab/guest/initrd.img" \
        --append "console=ttyS0 quiet huddle.beacon=$(witness_address):$beacon_port" > /dev/null 2>&1
    printf '%s\n' 'kind: vm' 'name: web' 'image: beacon' 'size: {cpu: 300m, memory: 256MiB}' 'move: {downtime: 300ms}' |
        "$huddle" apply -f - --on lab-1 --wait > /dev/null 2>&1
    "$huddle" apply -f "$root/deploy/examples/mail.yaml" --on lab-2 --wait > /dev/null 2>&1
    watch_web
    watch_mail
    until [[ -s $(notes web) && -s $(notes mail) ]]; do sleep 0.2; done
    sleep 60
    quiet=$(moment)
    for (( round = 0; round < pairs; round++ )); do
        target=lab-$(( round % 2 + 1 ))
        mail+=("$(moved mail "$target")")
        web+=("$(moved web "lab-$(( 3 - ${target#lab-} ))")")
    done
    is_watching mail || fail "mail-0's connection broke" "a live move takes connections along" "huddle events"
    stop_watching
    rows+=("interruption of a VM, as a receiver outside sees it|median $(median "${web[@]}") ms, most $(most "${web[@]}") ms|≤ 500 ms")
    rows+=("interruption of a container with an open connection, as its client sees it|median $(median "${mail[@]}") ms, most $(most "${mail[@]}") ms|≤ 2000 ms")
}

most() { printf '%s\n' "$@" | sort -n | tail -n 1; }

# moved NAME HOST: moves it there and prints how long it was away, in milliseconds.
moved() {
    local from
    from=$(moment)
    "$huddle" migrate "$1-0" --to "$2" --mode live > /dev/null 2>&1
    sleep 2
    "$root/scripts/demo.d/witness.py" gap "$(notes "$1")" "$from" "$(moment)" "$quiet"
}

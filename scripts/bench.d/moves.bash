# What a move takes and what its users see of it, ours and by hand. Sourced by scripts/bench.
#
# The same guests and containers move by Huddle and by hand in turn, whoever goes first alternating: containers to and fro between
# two lab hosts, VMs each to the one of three that nobody is on. A first pair warms up and is not counted. Interruptions are the
# longest time without a datagram or a reply beyond the longest of the quiet minute before.
# shellcheck source=scripts/demo.d/witnesses.bash
source "$here/demo.d/witnesses.bash"
# shellcheck source=scripts/bench.d/machines.bash
source "$here/bench.d/machines.bash"
# shellcheck source=scripts/bench.d/containers.bash
source "$here/bench.d/containers.bash"

readonly hand_port=9901 hand_address=10.99.255.200 hand_container=10.99.255.201
readonly bench_memories=(256 512) bench_changes=(0 8 32) bench_caps=(64 192)
# Objects of the JSON form, one a row.
move_objects=()
declare -A move_pids=()
# Of the point under way, by pair.
declare -a ours=() theirs=() ours_gaps=() theirs_gaps=() expected=()
# Of the grid: an object a point, of what was forecast and what came true; and each interruption where less than half of what is
# sent changes.
declare -a forecasts=() calm_gaps=()
from=lab-1 to=lab-2
# Of VMs that are compared: who is where, and the host that nobody is on.
declare -A at=()
free=lab-3

# measure_moves [quick | pairs=N] [PART...]: quick takes three pairs a point and three points, in the place of ten and twelve.
measure_moves() {
    local memories=("${bench_memories[@]}") changes=("${bench_changes[@]}") caps=("${bench_caps[@]}") name part parts=("$@")
    pairs=10
    case ${1-} in
        quick) pairs=3 memories=(256) caps=(64) parts=("${@:2}") ;;
        pairs=*) pairs=${1#pairs=} parts=("${@:2}") ;;
    esac
    (( ${#parts[@]} )) || parts=(grid endless disk streams ceiling small large relocate)
    # What stands by hand beside ours counts as use; only what is reserved may decide here.
    "$huddle" policy set mode=off rest=0s reserve=0 demand=reserved hot.cpu=97% ceiling.cpu=95% > /dev/null 2>&1
    for name in lab-1 lab-2 lab-3; do move_pids[$name]=$(podman inspect --format '{{.State.Pid}}' "huddle-$name"); done
    at_end=leave_hosts
    trap "$at_end" EXIT
    make_bench_tls
    for part in "${parts[@]}"; do
        case $part in
            grid) measure_grid ;;
            endless) measure_endless ;;
            disk) measure_disk ;;
            streams) measure_streams ;;
            ceiling) measure_ceiling ;;
            small) measure_container 16 ;;
            large) measure_container 512 ;;
            relocate) measure_relocation ;;
        esac
    done
    leave_hosts
    trap - EXIT
}

# Also after a failure half-way: the witnesses end, and the hosts have nothing of ours any more.
leave_hosts() {
    local name
    stop_watching
    "$huddle" delete bench --yes > /dev/null 2>&1 || true
    "$huddle" delete bench-box --yes > /dev/null 2>&1 || true
    for name in lab-1 lab-2 lab-3; do "$huddle" restore "$name" > /dev/null 2>&1 || true; done
    "$huddle" policy set moves.bandwidth=none > /dev/null 2>&1 || true
    for name in lab-1 lab-2 lab-3; do
        "$here/bench.d/bare_move.py" leave "${move_pids[$name]}" || true
        "$here/bench.d/bare_container.py" leave "${move_pids[$name]}" || true
        "$here/lab" shell "$name" rm -rf /var/lib/bench < /dev/null || true
    done
}

# MARK: VMs

measure_grid() {
    local memory change cap
    for memory in "${memories[@]}"; do
        for change in "${changes[@]}"; do
            say "VMs of $memory MiB, half of it no zeros, $change MiB a second of that changed …"
            start_machines "$memory" "huddle.hold=$(( memory / 2 )):$change" 0
            for cap in "${caps[@]}"; do
                measure_point "VM of $memory MiB, $change MiB/s changed, at most $cap MiB/s" "$cap" "$pairs"
                (( change * 2 >= cap )) || calm_gaps+=("${ours_gaps[@]:1}")
            done
            if (( memory == memories[0] && change == 0 )); then measure_pings; fi
            stop_machines
        done
    done
    calm_row
    forecast_rows
}

# All of them together: of one point alone there are too few for its hundredth.
calm_row() {
    local half hundredth
    half=$(median "${calm_gaps[@]}")
    # By nearest rank.
    hundredth=$(printf '%s\n' "${calm_gaps[@]}" | sort -n | awk '{ v[NR] = $1 } END { place = NR * 0.99; if (place > int(place)) place++; print v[int(place)] }')
    one_row "VM interruption where less than half of the bandwidth is changed" "$hundredth" \
        "median $half ms, p99 $hundredth ms, most $(most "${calm_gaps[@]}") of ${#calm_gaps[@]} moves" "median ≤ 50 ms, p99 ≤ 300 ms"
}

# Guests that no pre-copy comes to an end for: refused before anything is sent, or sent by post-copy where their spec says so.
measure_endless() {
    local round cap=64 what="VM of 512 MiB, 200 MB/s changed, at most 64 MiB/s" clock told
    say "a $what …"
    from=lab-1 to=lab-2 ours=() ours_gaps=()
    "$huddle" policy set "moves.bandwidth=${cap}MiB/s" > /dev/null 2>&1
    start_ours 512 "huddle.hold=384:191" 0
    until [[ $("$huddle" explain bench-0) == *"would not end"* ]]; do sleep 1; done
    clock=$(date +%s%N)
    if told=$("$huddle" migrate bench-0 --to "$to" --mode live 2>&1); then fail "it was moved" "it changes more than is sent" "huddle moves"; fi
    clock=$(( ($(date +%s%N) - clock) / 1000000 ))
    told=$(grep --only-matching "it changes .* of sending" <<< "$told" | head -n 1)
    one_row "$what" "$clock" "refused in $clock ms: $told" "refused or sent its way before the start, in numbers"
    delete bench
    start_ours 512 "huddle.hold=384:191" 0 "downtime: 300ms, converge: [postcopy]"
    until [[ $("$huddle" explain bench-0) == *"by post-copy"* ]]; do sleep 1; done
    watch_web
    heard_again web
    sleep 60
    quiet=$(moment)
    for (( round = 0; round <= pairs; round++ )); do
        move_by_huddle
        turn_round
    done
    stop_watching
    delete bench
    alone_row "$what, by post-copy, total" ours
    alone_row "$what, by post-copy, interruption" ours_gaps
}

# A disk that is copied in the same move.
measure_disk() {
    say "VMs with a disk of 2 GiB …"
    start_machines 256 huddle.fill=2032 2048
    measure_point "VM with 2 GiB of its own disk" 0 "$pairs" no-gaps
    stop_machines
}

# Several streams beside one, both ours: what they bring where nothing but the hosts holds a move back.
measure_streams() {
    local round several=() one=()
    say "a VM of 768 MiB, over several streams and over one …"
    from=lab-1 to=lab-2
    start_ours 768 "huddle.hold=512:0" 0
    "$huddle" policy set moves.bandwidth=none > /dev/null 2>&1
    # What a guest changes while it starts is no measure.
    sleep 20
    for (( round = 0; round <= pairs; round++ )); do
        if (( round % 2 )); then move_over 2 several; move_over 1 one; else move_over 1 one; move_over 2 several; fi
    done
    "$huddle" policy set moves.streams=2 > /dev/null 2>&1
    delete bench
    pair_row "VM of 768 MiB without a ceiling, over two streams, total" several one "< 1 ×" "over one"
}

# move_over STREAMS TIMES: a move of ours, its time added to TIMES.
move_over() {
    local -n times=$2
    "$huddle" policy set "moves.streams=$1" > /dev/null 2>&1
    ours=()
    time_move
    times+=("${ours[0]}")
    turn_round
}

# A VM and a container leave one host in one plan, and share what it may send: counted by the kernel where it leaves the host.
measure_ceiling() {
    local round cap=32 end=$witness_notes/sent-end mean=() peak=() each
    say "a VM and a container that leave a host at once, at most $cap MiB/s together …"
    start_ours 512 "huddle.hold=256:0" 0
    start_box bench-box 256
    "$huddle" policy set "moves.bandwidth=${cap}MiB/s" > /dev/null 2>&1
    # What a guest changes while it starts is no measure.
    sleep 20
    mkdir -p "$witness_notes"
    # So that there is one host for both to go to.
    "$huddle" drain lab-3 --yes > /dev/null 2>&1
    for (( round = 0; round < pairs; round++ )); do
        from=$(host_of bench-0)
        [[ $from == "$(host_of bench-box-0)" ]] || fail "a VM and a container are on two hosts" "they are to leave one" "huddle get instances"
        rm -f "$end"
        "$root/scripts/demo.d/witness.py" sent "${move_pids[$from]}" eth0 "$end" > "$witness_notes/sent" &
        witnesses[sent]=$!
        "$huddle" drain "$from" --yes > /dev/null 2>&1
        touch "$end"
        wait "${witnesses[sent]}"
        unset 'witnesses[sent]'
        "$huddle" restore "$from" > /dev/null 2>&1
        went_at_once || fail "the VM and the container did not leave $from at once" "what was sent says nothing then" "huddle moves"
        each=$(< "$witness_notes/sent")
        mean+=("${each% *}")
        peak+=("${each#* }")
    done
    "$huddle" restore lab-3 > /dev/null 2>&1
    delete bench
    delete bench-box
    one_row "a VM and a container that leave one host at once, at most $cap MiB/s together" "$(median "${mean[@]}")" \
        "$(median "${mean[@]}") MiB/s on average, at most $(most "${peak[@]}") within two seconds" "≤ $(( cap * 11 / 10 )) MiB/s"
}

# measure_point WHAT CAP PAIRS [no-gaps]: rows for the whole of the move and for what is seen of it.
measure_point() {
    local round bandwidth=$(( $2 << 20 ))
    ours=() theirs=() ours_gaps=() theirs_gaps=() expected=()
    "$huddle" policy set "moves.bandwidth=$([[ $2 == 0 ]] && echo none || echo "$2MiB/s")" > /dev/null 2>&1
    # As ours: several streams where nothing holds them back.
    hand_machine=$(jq --compact-output ".bandwidth = $bandwidth | .streams = $(( bandwidth ? 1 : 2 ))" <<< "$hand_machine")
    watch_web
    witness hand datagrams "$(witness_address)" "$hand_port"
    heard_again web
    heard_again hand
    sleep 60
    quiet=$(moment)
    for (( round = 0; round <= $3; round++ )); do
        if (( round % 2 )); then take_turn huddle; take_turn hand; else take_turn hand; take_turn huddle; fi
    done
    stop_watching
    pair_row "$1, total" ours theirs "≤ 1.2 ×; ≤ 1.05 ×"
    [[ ${4-} == no-gaps ]] || pair_row "$1, interruption" ours_gaps theirs_gaps "≤ 1.2 ×; ≤ 50 ms"
    [[ ${4-} == no-gaps ]] || note_forecast "$1"
}

# note_forecast WHAT: medians of what the coordinator expected of these moves and of what it saw, in milliseconds, and how they compare.
# Downtimes below 20 ms are as good as each other.
note_forecast() {
    forecasts+=("$(printf '%s\n' "${expected[@]:1}" | jq --slurp --compact-output --arg what "$1" '
        def median: sort | (.[(length - 1) / 2 | floor] + .[length / 2 | floor]) / 2;
        { what: $what, total: (map(.total) | median), saw: (map(.saw) | median),
          downtime: (map(.downtime) | median), stood: (map(.stood) | median) }
        | .total_ratio = (if .total > 0 then (.saw / .total * 100 | round) / 100 else 0 end)
        | .total_holds = (.total_ratio >= 0.75 and .total_ratio <= 1.25)
        | .downtime_holds = (([.downtime, .stood] | max) as $most | $most <= 20 or ([.downtime, .stood] | min) * 2 >= $most)')")
    say "forecast: $(jq --raw-output '"total \(.total) ms, was \(.saw); downtime \(.downtime) ms, was \(.stood)"' <<< "${forecasts[-1]}")"
}

forecast_rows() {
    local part name
    for part in total downtime; do
        name=$([[ $part == total ]] && echo "total within 25 %" || echo "downtime within 2 ×, or both below 20 ms")
        one_row "forecast of these VMs' moves, $name" "$(printf '%s\n' "${forecasts[@]}" | jq --slurp "map(select(.${part}_holds)) | length")" \
            "$(printf '%s\n' "${forecasts[@]}" | jq --slurp --raw-output --arg part "$part" '
                "\(map(select(.[$part + "_holds"])) | length) of \(length)" + if $part == "total" then
                    " (what was, by what was expected: \(map(.total_ratio) | "\(min) to \(max)"))" else "" end')" "10 of 12 points; all"
    done
}

turn_round() { local was=$from; from=$to to=$was; }

# take_turn huddle | hand: a move to the host that nobody is on. To and fro between two whoever goes first leaves one that the other's
# guest keeps busy as well and takes twice as long, and the median of both kinds of moves is that of neither.
take_turn() {
    from=${at[$1]} to=$free
    "move_by_$1"
    at[$1]=$to free=$from
}

move_by_hand() { time_by_hand bare_move.py "$hand_machine"; }

carry_by_hand() { time_by_hand bare_container.py "$hand_container"; }

# time_by_hand TOOL WHAT
time_by_hand() {
    local began
    began=$(moment)
    theirs+=("$("$here/bench.d/$1" move "${move_pids[$from]}" "${move_pids[$to]}" "$2")")
    heard_again hand
    theirs_gaps+=("$(gap_since hand "$began")")
}

# move_by_huddle [MODE]
move_by_huddle() {
    local began
    began=$(moment)
    time_move "$@"
    heard_again web
    ours_gaps+=("$(gap_since web "$began")")
    expected+=("$("$huddle" moves -o json | jq --compact-output '.moves | max_by(.beganAtMilliseconds) | {
        total: (.forecast.durationMilliseconds // 0), saw: (.endedAtMilliseconds - .beganAtMilliseconds),
        downtime: (.forecast.downtimeMilliseconds // 0), stood: (.measured.downtimeMilliseconds // 0) }')")
}

# time_move [MODE]: a move and nothing else.
time_move() {
    local clock
    clock=$(date +%s%N)
    "$huddle" migrate bench-0 --to "$to" --mode "${1-live}" > /dev/null 2>&1
    ours+=($(( ($(date +%s%N) - clock) / 1000000 )))
}

# heard_again NAME: what was lost meanwhile is sent again after a second, or two.
heard_again() {
    local tries
    for (( tries = 0; tries < 60; tries++ )); do
        if notes_grow "$1"; then return; fi
    done
    fail "$1 is not heard any more" "the connection broke, or what moved does not run" "huddle events"
}

# gap_since NAME MOMENT
gap_since() { "$root/scripts/demo.d/witness.py" gap "$(notes "$1")" "$2" "$(moment)" "$quiet"; }

# Questions from the host that is in no move, ten milliseconds apart.
measure_pings() {
    local round lost=() end=$witness_notes/pings-end asking
    for (( round = 0; round < pairs; round++ )); do
        rm -f "$end"
        from=${at[huddle]} to=$free
        nsenter --target "${move_pids[${at[hand]}]}" --net "$root/scripts/demo.d/witness.py" pings "$(instance_address bench-0)" "$end" > "$witness_notes/pings" &
        asking=$!
        sleep 1
        "$huddle" migrate bench-0 --to "$to" --mode live > /dev/null 2>&1
        at[huddle]=$to free=$from
        sleep 1
        touch "$end"
        wait "$asking"
        lost+=("$(< "$witness_notes/pings")")
    done
    one_row "pings lost in a VM's move, 10 ms apart" "$(median "${lost[@]}")" "median $(median "${lost[@]}"), most $(most "${lost[@]}")" "≤ 30; ≤ 5"
}

# Whether the last two moves were under way together, for most of either, and are done.
went_at_once() {
    "$huddle" moves -o json | jq --exit-status '.moves | sort_by(.beganAtMilliseconds) | .[-2:] |
        all(.outcome == "done") and
        ((map(.endedAtMilliseconds) | min) - (map(.beganAtMilliseconds) | max)) * 2
            >= (map(.endedAtMilliseconds) | max) - (map(.beganAtMilliseconds) | min)' > /dev/null
}

host_of() { "$huddle" get instances -o json | jq --raw-output --arg name "$1" '.instances[] | select(.name == $name) | .host'; }

instance_address() { "$huddle" get instances -o json | jq --raw-output --arg name "$1" '.instances[] | select(.name == $name) | .address'; }

# MARK: what is said

most() { printf '%s\n' "$@" | sort -n | tail -n 1; }

# pair_row WHAT OURS THEIRS AIM [BESIDE]: medians of two arrays without their first; a ratio of gaps below 20 ms is said and not judged.
pair_row() {
    local -n mine=$2 other=$3
    local x y judged="" peer=${5-by hand}
    x=$(median "${mine[@]:1}") y=$(median "${other[@]:1}")
    [[ $1 == *total || $x -ge 20 || $y -ge 20 ]] || judged=", not judged"
    say "$1: $x ms against $y ms $peer"
    rows+=("$1|$(over "$x" "$y") × ($x ms against $y ms $peer, most $(most "${mine[@]:1}") against $(most "${other[@]:1}"))$judged|$4")
    move_objects+=("$(jq --null-input --compact-output --arg what "$1" --argjson huddle "$x" --argjson peer "$y" \
        '{what: $what, huddle: $huddle, peer: $peer, ratio: (if $peer > 0 then ($huddle / $peer * 100 | round) / 100 else null end)}')")
}

# alone_row WHAT OURS [AIM]: its median without its first.
alone_row() {
    local -n mine=$2
    local x
    x=$(median "${mine[@]:1}")
    say "$1: $x ms"
    one_row "$1" "$x" "$x ms, most $(most "${mine[@]:1}")" "${3-–}"
}

over() { awk "BEGIN { if ($2 > 0) printf \"%.2f\", $1 / $2; else printf \"–\" }"; }

# one_row WHAT VALUE TEXT AIM: where there is nobody to compare with.
one_row() {
    rows+=("$1|$3|$4")
    move_objects+=("$(jq --null-input --compact-output --arg what "$1" --argjson huddle "$2" '{what: $what, huddle: $huddle, peer: null, ratio: null}')")
}

# One key for both ends, and the guest, in both hosts.
make_bench_tls() {
    local work host_name
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
    for host_name in lab-1 lab-2 lab-3; do
        tar --create --directory "$work" . | "$here/lab" shell "$host_name" bash -c 'mkdir -p /var/lib/bench && tar --extract --directory /var/lib/bench'
    done
    rm -rf "$work"
}

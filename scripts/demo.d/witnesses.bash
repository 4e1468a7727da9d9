# Who watches the workloads from outside, with a clock of its own. Sourced by scripts/demo, scripts/bench and the lab's tests.

readonly beacon_port=9900
readonly witness_notes=$build_lab/witness
# What a move may interrupt, in milliseconds.
readonly most_web=500 most_mail=2000
declare -A witnesses=()
# What is done when the script ends, however it does.
at_end=stop_watching
# The end of a minute in which nothing moved, for comparison.
quiet=0

# This machine's own address on the lab's network.
witness_address() {
    local address
    address=$("$here/lab" address coordinator)
    echo "${address%.*}.1"
}

# Seconds of the machine's monotonic clock, as the witnesses stamp them.
moment() { cut -d ' ' -f 1 /proc/uptime; }

notes() { echo "$witness_notes/$1"; }

watch_web() { witness web datagrams "$(witness_address)" "$beacon_port"; }

watch_mail() { witness mail replies "$("$here/lab" address lab-3)" 2525; }

# witness NAME KIND ADDRESS PORT
witness() {
    mkdir -p "$witness_notes"
    : > "$(notes "$1")"
    python3 "$root/scripts/demo.d/witness.py" "$2" "$3" "$4" "$(notes "$1")" &
    witnesses[$1]=$!
    trap "$at_end" EXIT
}

is_watching() { kill -0 "${witnesses[$1]}" 2> /dev/null; }

stop_watching() {
    local name
    for name in "${!witnesses[@]}"; do
        kill "${witnesses[$name]}" 2> /dev/null || true
        wait "${witnesses[$name]}" 2> /dev/null || true
    done
    witnesses=()
}

# notes_grow NAME: something was noted within the last second or so.
notes_grow() {
    local before
    before=$(wc -l < "$(notes "$1")")
    sleep 0.5
    (( $(wc -l < "$(notes "$1")") > before ))
}

# interruptions SINCE: how long each was away, beyond what is usual, and whether that is short enough.
interruptions() {
    local until
    sleep 1
    until=$(moment)
    interruption web "$1" "$until" "$most_web"
    interruption mail "$1" "$until" "$most_mail"
}

# interruption NAME SINCE UNTIL MOST
interruption() {
    local gap
    is_watching "$1" || fail "the witness of $1 has ended" "the connection broke, or it could not note any more" "scripts/lab logs lab-1"
    gap=$("$root/scripts/demo.d/witness.py" gap "$(notes "$1")" "$2" "$3" "$quiet") || fail "$1 was not heard again" "$gap" "huddle moves"
    (( gap <= $4 )) || fail "$1 was away for $gap ms" "at most $4 ms are allowed" "huddle moves; huddle events"
    say "✓ $1 was away for $gap ms (at most $4 ms are allowed)"
}

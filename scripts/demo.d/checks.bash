# What the demo shows and asserts. Sourced by scripts/demo; every wait has an end.

readonly huddle=${HUDDLE_BINARY:-$root/.build/debug/huddle}

title() { printf '\n\033[1m== %s\033[0m\n' "$*" >&2; }
[[ -t 2 && -z ${NO_COLOR-} ]] || title() { printf '\n== %s\n' "$*" >&2; }

show() { printf '$ %s\n' "$*" >&2; }

# run ARGUMENTS...: shows a command of the user's and runs it.
run() {
    show "huddle ${*/#$root\//}"
    "$huddle" "$@"
}

ask() { "$huddle" "$@" -o json; }

# must WHAT COMMAND...: polls until the command succeeds, for two minutes, and fails with WHAT if it never does.
must() {
    local what=$1 deadline=$(( SECONDS + 120 ))
    shift
    until "$@" > /dev/null 2>&1; do
        if (( SECONDS >= deadline )); then
            "$huddle" hosts >&2 || true
            "$huddle" get instances >&2 || true
            "$huddle" events -n 20 >&2 || true
            fail "not so: $what" "two minutes were not enough" "scripts/lab logs coordinator; scripts/lab logs lab-1"
        fi
        sleep 1
    done
    say "✓ $what"
}

# instance_is NAME STATE HOST
instance_is() {
    ask get instances | jq --exit-status --arg name "$1" --arg state "$2" --arg host "$3" \
        '[.. | objects | select(.name? == $name and .state? == $state and .host? == $host)] | length == 1'
}

all_hosts_ready() {
    ask hosts | jq --exit-status --argjson count "$1" \
        '[.. | objects | select(has("name") and .state? == "ready")] | length == $count'
}

# host_uses NAME FROM TO: percent of its cores, as last measured.
host_uses() {
    ask hosts | jq --exit-status --arg name "$1" --argjson from "$2" --argjson to "$3" \
        '[.. | objects | select(.name? == $name)][0]
         | (100 * .used.cpuMillicores / .capacity.cpuMillicores) | . >= $from and . <= $to'
}

# Hosts without an instance, by the coordinator's word.
empty_hosts() {
    ask hosts | jq --exit-status --argjson count "$1" \
        '[.. | objects | select(has("name") and .instances? == 0)] | length == $count'
}

host_is_empty() {
    ask hosts | jq --exit-status --arg name "$1" '[.. | objects | select(.name? == $name)][0].instances == 0'
}

# instances_on HOST COUNT: as many run there.
instances_on() {
    ask get instances | jq --exit-status --arg host "$1" --argjson count "$2" \
        '[.instances[] | select(.host == $host and .state == "running")] | length == $count'
}

no_moves() { ask moves | jq --exit-status '[.moves[] | select(.outcome == null)] | length == 0'; }

# live_moves COUNT: at least as many VMs and as many containers moved live.
live_moves() {
    ask moves | jq --exit-status --argjson count "$1" \
        '[.moves[] | select(.mode == "live" and .outcome == "done") | .instance] |
         ([.[] | select(startswith("web-"))] | length >= $count) and ([.[] | select(startswith("web-") | not)] | length >= $count)'
}

busy_host() {
    ask hosts | jq --raw-output '[.. | objects | select(has("name") and (.instances? // 0) > 0)][0].name'
}

# latest_plan_is BEFORE AFTER BOUND
latest_plan_is() {
    ask plan | jq --exit-status --argjson before "$1" --argjson after "$2" --argjson bound "$3" \
        '.bound | .hostsBefore == $before and .hostsAfter == $after and .hostsLowerBound == $bound'
}

# The page that the VM serves, asked for at its host's address.
serves() {
    curl --silent --show-error --fail --max-time 5 "http://$("$here/lab" address "$1"):8080/"
}

# Process numbers and start times of what runs in the hosts: the same before and after means nothing was restarted.
incarnations() {
    local host
    for host in lab-1 lab-2; do
        "$here/lab" shell "$host" bash -c \
            'for p in /proc/[0-9]*; do
                 tr "\0" " " < $p/cmdline 2> /dev/null | grep -E "^(/bin/load|/bin/busybox sh /bin/load|qemu-system)" > /dev/null &&
                     awk "{ print \$1, \$22 }" $p/stat
             done; true' < /dev/null | sort
    done
}

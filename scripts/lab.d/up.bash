# `lab up` and `lab down`. Sourced by scripts/lab.

readonly context=$build_lab/context.yaml
readonly port=7440

lab_up() {
    local wanted=$1 from=$EPOCHREALTIME other replaced
    # At its very first call ever, Podman warns of network plugins that it then does not use.
    [[ -e /var/lib/containers/storage/defaultNetworkBackend ]] || podman info > /dev/null 2>&1 || true
    other=$(podman ps --all --filter "name=^${container_prefix}lab-" --format '{{index .Labels "huddle.lab"}}' | grep --invert-match --line-regexp --fixed-strings "$root" | head -n 1) || true
    [[ -z $other ]] || fail "another lab stands on this machine" "it was made from $other" "scripts/lab down"
    require_binary
    prepare_machine
    ensure_host_image
    ensure_network
    replaced=$(install_binary)
    start_coordinator
    [[ $replaced != yes ]] || restart_services
    start_hosts "$wanted"
    wait_for_hosts "$wanted"
    say "the lab is up: $(seconds_since "$from") s"
    print_status
    show_next_steps
}

readonly binary=${HUDDLE_BINARY:-$root/.build/debug/huddle}

require_binary() {
    [[ -x $binary ]] || fail "$binary not found" "the lab runs the executable that swift build makes" \
        "swift build, or HUDDLE_BINARY=path scripts/lab up"
}

# Copies the executable and the Swift runtime it is linked with to where the machines see them, each file by rename, so that
# nobody ever starts half a file. Prints `yes` when a different executable was there before.
install_binary() {
    local target=$build_lab/bin library before=no
    mkdir -p "$target"
    # The build's run path ends in $ORIGIN, so the libraries are found beside the executable.
    while read -r library; do
        cmp --silent "$library" "$target/${library##*/}" || place "$library" "$target"
    done < <(ldd "$binary" 2> /dev/null | awk '$3 ~ /\/swift\// { print $3 }')
    [[ ! -e $target/huddle ]] || before=yes
    if cmp --silent "$binary" "$target/huddle"; then echo no; return; fi
    place "$binary" "$target" huddle
    echo "$before"
}

# place FILE DIRECTORY [NAME]
place() {
    local name=${3:-${1##*/}}
    cp --dereference "$1" "$2/.$name.new"
    mv --force "$2/.$name.new" "$2/$name"
}

# A changed executable is started by ending the old one; workloads are not its children and go on.
restart_services() {
    local machine service=coordinator
    say "the executable has changed: restarting coordinator and agents"
    for machine in coordinator $(hosts); do
        ! is_running "$machine" || end_service "$machine" "$service"
        service=agent
    done
    wait_for_coordinator
}

# Ends a service and waits until it has ended, so that nobody talks to the old one; its supervisor starts the new one.
end_service() {
    inside "$1" bash -c 'pid=$(< "/run/huddle/$1.pid") && kill "$pid" || exit 0
        for (( i = 0; i < 100; i++ )); do [[ -d /proc/$pid ]] || exit 0; sleep 0.1; done; kill -KILL "$pid"' end "$2" < /dev/null
}

start_coordinator() {
    ensure_machine coordinator coordinator
    wait_for_coordinator
    (
        umask 077
        inside coordinator cat /var/lib/huddle/coordinator/admin.yaml < /dev/null > "$context.new"
        mv --force "$context.new" "$context"
    )
}

wait_for_coordinator() {
    local address
    address=$(address_of coordinator)
    wait_until 60 coordinator_answers "$address" || {
        podman logs --tail 20 "$(container_of coordinator)" >&2 || true
        fail "the coordinator did not start within 60 s" "no admin context, or port $port of $address is closed; its last lines are above" \
            "scripts/lab logs coordinator; scripts/lab down"
    }
}

coordinator_answers() {
    inside coordinator test -s /var/lib/huddle/coordinator/admin.yaml < /dev/null &&
        (exec 3<> "/dev/tcp/$1/$port") 2> /dev/null
}

# wait_until SECONDS COMMAND...: polls ten times a second; false when the time is over.
wait_until() {
    local deadline=$(( SECONDS + $1 ))
    shift
    until "$@"; do
        (( SECONDS < deadline )) || return 1
        sleep 0.1
    done
}

# Each host that the coordinator does not know yet gets a token of its own: one use, one hour.
start_hosts() {
    local name known number
    known=$(host_names)
    for (( number = 1; number <= $1; number++ )); do
        name=lab-$number
        mkdir -p "$lab_run/$name"
        if ! grep --quiet --line-regexp --fixed-strings "$name" <<< "$known"; then
            (umask 077; huddle token create > "$lab_run/$name/token")
            [[ -s $lab_run/$name/token ]] || fail "no join token for $name" "huddle token create printed nothing" "scripts/lab logs coordinator"
        fi
        ensure_machine "$name" host
    done
}

huddle() { "$binary" --context "$context" "$@"; }

# can_run HOST: its last look found both drivers; an agent may be there a moment before its Podman is.
can_run() {
    huddle hosts -o json 2> /dev/null | jq --exit-status --arg name "$1" \
        '.hosts[] | select(.name == $name) | [.capabilities[] | select((.name == "podman" or .name == "qemu") and .available)] | length == 2' > /dev/null 2>&1
}

# host_names [STATE]: names of the hosts that the coordinator knows, in that state if one is given.
host_names() {
    huddle hosts -o json 2> /dev/null |
        jq --raw-output --arg state "${1-}" '.. | objects | select(has("name") and has("state")) | select($state == "" or .state == $state) | .name' 2> /dev/null || true
}

all_ready() {
    local ready number
    ready=$(host_names ready)
    for (( number = 1; number <= $1; number++ )); do
        grep --quiet --line-regexp "lab-$number" <<< "$ready" && can_run "lab-$number" || return 1
    done
}

wait_for_hosts() {
    wait_until 90 all_ready "$1" || {
        print_status >&2
        huddle hosts >&2 || true
        fail "not every host was ready within 90 s" "ready: $(host_names ready | paste --serial --delimiters=' ')" \
            "scripts/lab logs lab-1; scripts/lab down"
    }
}

show_next_steps() {
    say ""
    say "To talk to it:"
    say "  export HUDDLE_CONTEXT=$context"
    say "  $binary hosts"
}

# Takes back everything, also after half an `up`. `--all` removes the cached host image as well.
lab_down() {
    local from=$EPOCHREALTIME machine volume left containers
    mapfile -t containers < <(podman ps --all --quiet --no-trunc --filter "name=^${container_prefix}lab-")
    for machine in $(machines); do
        podman rm --force --time 0 "$(container_of "$machine")" > /dev/null
    done
    while read -r volume; do
        podman volume rm --force "$volume" > /dev/null
    done < <(podman volume ls --quiet --filter "name=^${container_prefix}lab-")
    ! podman network exists "$network" || podman network rm --force "$network" > /dev/null
    restore_machine "${containers[@]}"
    rm -rf "${build_lab:?}/bin" "$context" "$context.new"
    [[ ${1-} != --all ]] || { remove_host_images; rm -f "$build_lab"/host-image.*; }
    left=$(lab_leftovers "${1-}")
    [[ -z $left ]] || fail "the lab is down, but not without traces" "${left//$'\n'/; }" "scripts/lab down once more"
    say "the lab is down: $(seconds_since "$from") s"
}

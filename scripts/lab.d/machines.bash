# The machines of the lab, each a container: hosts (lab-1, lab-2, …) and the coordinator. Sourced by scripts/lab.

readonly container_prefix=huddle-
readonly shared_store=${container_prefix}lab-shared

# container_of MACHINE: lab-1 → huddle-lab-1, coordinator → huddle-lab-coordinator.
container_of() {
    [[ $1 != coordinator ]] || { echo "${container_prefix}lab-coordinator"; return; }
    echo "$container_prefix$1"
}

require_known() {
    podman container exists "$(container_of "$1")" || fail "no lab machine called $1" \
        "these exist: $(machines | paste --serial --delimiters=' ' | sed 's/^$/none, the lab is down/')" "scripts/lab status"
}

require_running() {
    require_known "$1"
    is_running "$1" || fail "$1 is not running" "it was killed or stopped" "scripts/lab start $1"
}

is_running() { [[ $(podman inspect --format '{{.State.Running}}' "$(container_of "$1")" 2> /dev/null) == true ]]; }

# Names of all lab machines that exist, running or not.
machines() {
    podman ps --all --filter "name=^${container_prefix}lab-" --format '{{.Names}}' | sed "s/^$container_prefix//; s/^lab-coordinator$/coordinator/" | sort --version-sort
}

hosts() { machines | grep --invert-match --line-regexp coordinator || true; }

# ensure_machine NAME ROLE: makes it when it is not there, starts it when it is stopped, else leaves it alone.
ensure_machine() {
    if ! podman container exists "$(container_of "$1")"; then
        make_machine "$1" "$2"
    elif ! is_running "$1"; then
        podman start "$(container_of "$1")" > /dev/null
    fi
}

# One core and 2 GiB each. --privileged and the private cgroup namespace let it run Podman and QEMU itself; the volume keeps
# its container store off the overlay of its own root; /srv/shared is one directory for all hosts, as a file server's would be;
# /run and /tmp are tmpfs, so that a start is a reboot.
make_machine() {
    local name=$1 container options
    container=$(container_of "$name")
    mapfile -t options < <(limit_options)
    mkdir -p "$lab_run/$name"
    podman volume exists "$container-data" || podman volume create "$container-data" > /dev/null
    options+=(--volume "$container-data:/var/lib/huddle")
    if [[ $2 == host ]]; then
        podman volume exists "$container-store" || podman volume create "$container-store" > /dev/null
        podman volume exists "$shared_store" || podman volume create "$shared_store" > /dev/null
        options+=(--volume "$shared_store:/srv/shared")
        options+=(--volume "$container-store:/var/lib/containers" --env "HUDDLE_LAB_ZONE=$(zone_of "$name")")
    fi
    podman run --detach --name "$container" --hostname "$name" --label "huddle.lab=$root" \
        --runtime crun --privileged --cgroupns=private --pids-limit=-1 --cpus 1 --memory 2g \
        --network "$network" --ip "$(address_of "$name")" \
        --tmpfs /run:rw,exec,mode=755 --tmpfs /tmp:rw,exec,mode=1777 \
        --log-driver k8s-file --log-opt max-size=64mb \
        --env "HUDDLE_LAB_ROLE=$2" --env "HUDDLE_LAB_NAME=$name" --env "HUDDLE_LAB_ADDRESS=$(address_of "$name")" \
        --volume "$build_lab/bin:/opt/huddle:ro" --volume "$lab_run/$name:/etc/huddle:ro" \
        --volume "$host_recipe/huddle-lab:/usr/libexec/huddle-lab:ro" \
        "${options[@]}" "$(host_image)" > /dev/null
}

# Failure domains for specs to name: lab-1 is in zone a, lab-2 in b, and so on.
zone_of() {
    local letters=abcdefghijklmnopqrstuvwxyz
    echo "${letters:$(( (${1#lab-} - 1) % 26 )):1}"
}

# inside MACHINE COMMAND...: without a terminal, input passed on.
inside() {
    local container
    container=$(container_of "$1")
    shift
    podman exec --interactive "$container" "$@"
}

start_machine() {
    require_known "$1"
    prepare_machine
    podman start "$(container_of "$1")" > /dev/null
    say "$1 is running"
}

# kill_target HOST | HOST:agent | coordinator. A host dies whole, as in a power cut; a process dies alone and is supervised.
kill_target() {
    local machine=${1%%:*} service=
    [[ $1 != *:* ]] || service=${1#*:}
    [[ $machine != coordinator ]] || service=coordinator
    require_running "$machine"
    if [[ -n $service ]]; then
        inside "$machine" bash -c 'kill -KILL "$(< "/run/huddle/$1.pid")"' kill "$service" < /dev/null || fail "$1 cannot be killed" \
            "it is not running just now, or there is no service called $service" "scripts/lab status"
        say "killed the $service process of $machine; its supervisor starts it again"
    else
        podman kill --signal KILL "$(container_of "$machine")" > /dev/null
        podman wait "$(container_of "$machine")" > /dev/null
        say "$machine lost power; boot it with: scripts/lab start $machine"
    fi
}

# process_of HOST | HOST:agent | coordinator: a host's first process, or that of its service, as this machine counts.
process_of() {
    local machine=${1%%:*} service= init number
    [[ $1 != *:* ]] || service=${1#*:}
    [[ $machine != coordinator ]] || service=coordinator
    require_running "$machine"
    init=$(podman inspect --format '{{.State.Pid}}' "$(container_of "$machine")")
    [[ -n $service ]] || { echo "$init"; return; }
    number=$(inside "$machine" cat "/run/huddle/$service.pid" < /dev/null)
    local space process
    space=$(readlink "/proc/$init/ns/pid")
    for process in /proc/[0-9]*; do
        [[ $(readlink "$process/ns/pid" 2> /dev/null) == "$space" ]] || continue
        # The last of the numbers is the one inside.
        if [[ $(awk '/^NSpid:/ { print $NF }' "$process/status" 2> /dev/null) == "$number" ]]; then
            echo "${process#/proc/}"
            return
        fi
    done
    fail "$1 has no process" "it is not running just now, or there is no service called $service" "scripts/lab status"
}

# A shell, or one command, in a machine; its exit code is ours.
shell_in() {
    local machine=$1 options=(--interactive)
    shift
    require_running "$machine"
    [[ ! -t 0 || ! -t 1 ]] || options+=(--tty --env "TERM=${TERM:-linux}")
    (( $# )) || set -- bash
    exec podman exec "${options[@]}" "$(container_of "$machine")" "$@"
}

print_status() {
    local machine state agent
    if [[ -z $(machines) ]]; then
        say "the lab is down; start it with: scripts/lab up"
        return
    fi
    printf '%-12s %-14s %-8s %s\n' MACHINE ADDRESS STATE SERVICES
    for machine in $(machines); do
        state=stopped agent=-
        if is_running "$machine"; then
            state=running
            ! is_cut "$machine" || state="cut"
            agent=$(inside "$machine" bash -c 'cd /run/huddle; for f in *.pid; do
                [[ -d /proc/$(< "$f") ]] && s=up || s=down; printf "%s=%s " "${f%.pid}" "$s"; done' < /dev/null)
        fi
        printf '%-12s %-14s %-8s %s\n' "$machine" "$(address_of "$machine")" "$state" "$agent"
    done
}

# The lab's network: one bridge on the machine, one address for each host, the same at every start. Sourced by scripts/lab.

readonly network=huddle-lab
# The lab takes the first /24 of this range that nothing on the machine uses.
readonly network_range=10.77

ensure_network() {
    ! podman network exists "$network" || return 0
    local third
    for third in 0 1 2 3 4 5 6 7; do
        [[ -z $(ip route show to root "$network_range.$third.0/24" 2> /dev/null) ]] || continue
        if podman network create --subnet "$network_range.$third.0/24" --disable-dns "$network" > /dev/null 2>&1; then return; fi
    done
    # Once more without hiding what it says.
    podman network create --subnet "$network_range.0.0/24" --disable-dns "$network" > /dev/null || true
    fail "the lab network cannot be made" "podman's message is above; tried $network_range.0.0/24 to $network_range.7.0/24" \
        "scripts/lab down, then look at: podman network ls"
}

# address_of MACHINE: .10 is the coordinator, .11 lab-1, .12 lab-2 and so on.
address_of() {
    local subnet last=10
    subnet=$(podman network inspect "$network" --format '{{range .Subnets}}{{.Subnet}}{{end}}')
    [[ $1 == coordinator ]] || last=$(( 10 + ${1#lab-} ))
    printf '%s.%d\n' "${subnet%.*}" "$last"
}

# The machine's end of a host's network cable: taking it down is pulling the cable. The host keeps address and routes.
cable_of() {
    local pid index
    pid=$(podman inspect --format '{{.State.Pid}}' "$(container_of "$1")")
    index=$(nsenter --target "$pid" --net ip -o link show dev eth0 | sed -n 's/^[0-9]*: eth0@if\([0-9]*\):.*/\1/p')
    ip -o link | sed -n "s/^$index: \([^@:]*\).*/\1/p"
}

cut_host() {
    require_running "$1"
    ip link set dev "$(cable_of "$1")" down
    say "$1 is cut off; undo with: scripts/lab heal $1"
}

heal_host() {
    require_running "$1"
    ip link set dev "$(cable_of "$1")" up
    say "$1 is connected"
}

# is_cut MACHINE: true while its cable is pulled.
is_cut() {
    [[ $(ip -o link show dev "$(cable_of "$1")") != *,UP* ]]
}

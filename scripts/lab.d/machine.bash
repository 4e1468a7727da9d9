# What the machine under the lab needs before a host can run on it, and how that is taken back. Sourced by scripts/lab.

readonly cgroup_record=$lab_run/cgroup-mounts
readonly network_record=$lab_run/network-before

prepare_machine() {
    mkdir -p "$lab_run"
    chmod 700 "$lab_run"
    load_kernel_modules
    free_cgroup_v2
    remember_network
}

# Containers cannot load modules themselves; on Debian's kernels these are modules, elsewhere they may be built in.
load_kernel_modules() {
    [[ -d /lib/modules/$(uname -r) ]] || return 0
    modprobe --quiet --all overlay bridge veth tun vxlan nf_tables tcp_diag udp_diag unix_diag inet_diag netlink_diag || true
    # KVM is wanted, not needed.
    modprobe --quiet kvm_intel || modprobe --quiet kvm_amd || true
}

# crun refuses a machine where cgroup v1 and v2 are mounted side by side and v2 has controllers ("hybrid mode").
# Mounting those controllers as v1 leaves v2 empty, and crun takes the machine for v1. Pure v1 or v2 needs nothing.
free_cgroup_v2() {
    local controller directory
    [[ -r /sys/fs/cgroup/unified/cgroup.controllers ]] || return 0
    for controller in $(< /sys/fs/cgroup/unified/cgroup.controllers) $(unmounted_controllers); do
        [[ $controller != io ]] || controller=blkio    # its name in v1
        mount_controller "$controller"
        say "cgroup v1 and v2 are mixed here: mounted $controller as v1 (taken back by: scripts/lab down)"
    done
}

mount_controller() {
    local directory=/sys/fs/cgroup/$1
    mkdir -p "$directory" "$lab_run"
    mount -t cgroup -o "$1" cgroup "$directory" || fail "cgroup controller $1 cannot be mounted" \
        "this machine mixes cgroup v1 and v2, and v2 still uses that controller" "boot with systemd.unified_cgroup_hierarchy=1"
    echo "$directory" >> "$cgroup_record"
}

# Controllers that live in a v1 hierarchy which is mounted nowhere: unmounted while groups were left in it. They would go back
# to v2 whenever the last of those groups is gone, in the middle of a lab.
unmounted_controllers() {
    local name hierarchy enabled
    while read -r name hierarchy _ enabled; do
        # Not /proc/mounts: while mounts change, a reader of it can miss lines.
        if [[ $name != \#* ]] && (( hierarchy != 0 && enabled )) && [[ ! -e /sys/fs/cgroup/$name/cgroup.procs ]]; then
            echo "$name"
        fi
    done < /proc/cgroups
}

# What Podman's first network changes on a machine and leaves there: its firewall chains, and forwarding.
remember_network() {
    [[ ! -e $network_record ]] || return 0
    netavark_chains > "$network_record"
    cat /proc/sys/net/ipv4/ip_forward >> "$network_record"
}

netavark_chains() {
    local table
    for table in nat filter; do
        iptables --table "$table" --list-rules 2> /dev/null | sed -n "s/^-N \(NETAVARK.*\)/$table \1/p"
    done
    # Newer Podman uses a table of its own.
    nft list tables 2> /dev/null | sed -n 's/^table \(.*netavark\)$/nft \1/p'
}

# Takes back what was not there before, unless somebody else's containers now need it.
restore_network() {
    [[ -e $network_record && -z $(podman ps --quiet) ]] || return 0
    local table chain rule
    if ! grep --quiet --ignore-case netavark "$network_record"; then
        for table in nat filter; do
            iptables --table "$table" --list-rules 2> /dev/null | sed -n 's/^-A \(.*NETAVARK.*\)/-D \1/p' |
                while read -r rule; do xargs iptables --table "$table" <<< "$rule"; done
        done
        netavark_chains | while read -r table chain; do
            # shellcheck disable=SC2086  # the family and the name
            if [[ $table == nft ]]; then nft delete table $chain; else iptables --table "$table" --delete-chain "$chain"; fi
        done
    fi
    [[ $(tail -n 1 "$network_record") == 1 ]] || echo 0 > /proc/sys/net/ipv4/ip_forward
}

# restore_machine CONTAINER_ID...: of the containers just removed.
restore_machine() {
    local controller directory
    restore_network
    # What a run before could not end: only a mounted hierarchy shows which groups keep it.
    if [[ -d /sys/fs/cgroup/unified ]]; then
        for controller in $(unmounted_controllers); do
            (mount_controller "$controller") || say "$controller is left as it is"
        done
    fi
    wait_until 5 groups_removed "$@" || say "cgroups of the lab's containers are still busy, left where they are"
    if [[ -f $cgroup_record ]]; then
        while read -r directory; do release_controller "$directory"; done < "$cgroup_record"
    fi
    rm -rf "$lab_run"
}

# A v1 hierarchy ends, and its controller goes back to v2, when it is unmounted without any group in it. A removed group counts
# until the kernel has let go of it, some seconds later; unmounted before that, the hierarchy would stay until the next mount.
release_controller() {
    wait_until 20 emptied "$1" || say "the kernel still holds groups of cgroup controller ${1##*/}"
    ! mountpoint --quiet "$1" || umount "$1" || fail "$1 cannot be unmounted" "something still uses it" "scripts/lab down once more"
    [[ ! -d $1 ]] || rmdir "$1"
    wait_until 5 is_back "${1##*/}" || true
}

# Whether a hierarchy has no group any more. Podman's parent group is tried again each time: a monitor of its that ends just
# now kept it the time before.
emptied() {
    find "$1" -mindepth 1 -depth -type d -path '*/libpod_parent*' -exec rmdir {} \; 2> /dev/null
    [[ $(awk -v name="${1##*/}" '$1 == name { print $3 }' /proc/cgroups) == 1 ]]
}

is_back() { ! unmounted_controllers | grep --quiet --line-regexp "$1"; }

# Podman with cgroupfs leaves its parent group behind when the last container has gone: harmless, but a trace, and in a
# hierarchy that we mounted it would keep the controller from going back to v2. A group in use cannot be removed, so nobody
# else's is at risk; a group whose processes are just dying is busy for a moment.
groups_removed() {
    local group
    find /sys/fs/cgroup -maxdepth 6 -depth -type d -path '*/libpod_parent*' -exec rmdir {} \; 2> /dev/null
    for group; do
        [[ -z $(find /sys/fs/cgroup -maxdepth 4 -type d -name "libpod-$group*" 2> /dev/null) ]] || return 1
    done
}

# limit_options: the machine's own limits, because Podman's defaults are above them where CAP_SYS_RESOURCE is missing.
# Podman lowers its own limit of processes to pid_max before it starts anything, so more than that is refused as well.
limit_options() {
    local files processes
    files=$(hard_limit -n 1048576)
    processes=$(hard_limit -u "$(< /proc/sys/kernel/pid_max)")
    printf '%s\n' --ulimit "nofile=$files:$files" --ulimit "nproc=$processes:$processes"
}

# hard_limit FLAG MOST: this shell's hard limit, or MOST where there is none or it is larger.
hard_limit() {
    local hard
    hard=$(ulimit -H "$1")
    if [[ $hard == unlimited ]] || (( hard > $2 )); then hard=$2; fi
    printf '%s\n' "$hard"
}

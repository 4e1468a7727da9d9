# Everything on this machine that a lab can leave, one line each; nothing when it left nothing. Sourced by scripts/lab.

lab_leftovers() {
    left_objects
    left_kernel_objects
    left_cgroups
    left_files
    [[ ${1-} != --all ]] || podman images --format 'image {{.Repository}}:{{.Tag}}' "$host_image_name"
}

left_objects() {
    podman ps --all --filter "name=^${container_prefix}lab-" --format 'container {{.Names}}'
    podman volume ls --filter "name=^${container_prefix}lab-" --format 'volume {{.Name}}'
    ! podman network exists "$network" || echo "network $network"
}

# Processes, network namespaces, links, firewall rules and mounts.
left_kernel_objects() {
    pgrep --full --list-full -- "conmon .*${container_prefix}lab-" | sed 's/ .*//; s/^/process conmon /' || true
    ip -o -4 address show | awk -v range="$network_range." 'index($4, range) == 1 { print "link " $2 " " $4 }'
    iptables-save 2> /dev/null | grep --fixed-strings " $network_range." | sed 's/^/iptables /' || true
    nft list ruleset 2> /dev/null | grep --fixed-strings " $network_range." | sed 's/^[[:space:]]*/nftables /' || true
    awk '$2 ~ /huddle-lab/ { print "mount " $2 }' /proc/mounts
    left_namespaces
}

# Podman keeps one file in /run/netns for each container with a network; one that no container owns is a leftover.
left_namespaces() {
    local owned file
    owned=$(podman ps --all --quiet | xargs --no-run-if-empty podman inspect --format '{{.NetworkSettings.SandboxKey}}')
    for file in /run/netns/netns-*; do
        [[ -e $file ]] || continue
        grep --quiet --fixed-strings "$file" <<< "$owned" || echo "network namespace $file"
    done
}

# Groups of containers that this Podman does not know and in which nothing runs: what runs belongs to somebody else's Podman.
left_cgroups() {
    local containers group
    [[ ! -s $cgroup_record ]] || sed 's/^/cgroup mount /' "$cgroup_record"
    [[ ! -d /sys/fs/cgroup/unified ]] || unmounted_controllers | sed 's/^/cgroup hierarchy without a mount: /'
    containers=$(podman ps --all --quiet --no-trunc)
    while read -r group; do
        [[ -z $(find "$group" -name cgroup.procs -exec cat {} + 2> /dev/null) ]] || continue
        group=${group##*/libpod-}
        grep --quiet --fixed-strings "${group:0:64}" <<< "$containers" || echo "cgroup of container ${group:0:12}"
    done < <(find /sys/fs/cgroup -maxdepth 4 -type d -name 'libpod-[0-9a-f]*' 2> /dev/null) | sort --unique
}

left_files() {
    local path
    for path in "$lab_run" "$build_lab/bin" "$context"; do
        [[ ! -e $path ]] || echo "file $path"
    done
}

# What the drivers' tests talk to. Sourced by scripts/test.

# with_driver_services COMMAND...: runs it with a Podman service of its own and the test guest.
with_driver_services() {
    local work status=0 service tun settings=/usr/share/containers/containers.conf
    work=$(mktemp --directory)
    [[ ! -e /etc/containers/containers.conf ]] || settings=/etc/containers/containers.conf
    # Podman keeps the monitor of an ended exec for five minutes, and with it a control group that would still be there when the
    # lab goes down and looks for traces. A minute is what a busy machine may need to ask how the command ended.
    sed '/^\[engine\]$/a exit_command_delay = 60' "$settings" > "$work/containers.conf"
    CONTAINERS_CONF=$work/containers.conf podman system service --time 0 "unix://$work/podman.sock" &
    service=$!
    # It takes a moment to listen, and the first tests ask at once.
    for _ in {1..100}; do
        ! podman --url "unix://$work/podman.sock" version > /dev/null 2>&1 || break
        sleep 0.1
    done
    export HUDDLE_TEST_PODMAN_SOCKET=$work/podman.sock HUDDLE_TEST_QEMU=1 HUDDLE_TEST_GUEST=$build_lab/guest
    # As udev has it: who may open which tap is a matter of the tap's owner.
    tun=$(stat --format %a /dev/net/tun)
    chmod 0666 /dev/net/tun
    "$@" || status=$?
    chmod "$tun" /dev/net/tun
    kill "$service" && wait "$service" || true
    rm -rf "$work"
    # The parent of all VMs' control groups; each test removed its own.
    find /sys/fs/cgroup -maxdepth 2 -type d -name huddle-vms -exec rmdir {} + 2> /dev/null || true
    return "$status"
}

# The tests that need a kernel which marks what changes in memory (CONFIG_MEM_SOFT_DIRTY), in an emulated machine with Debian's:
# a lab's host image is its root, the tests are on a second disk. Sourced by scripts/test.

# The rest of the drivers' tests runs on this machine, whatever its kernel.
readonly marked_tests=PodmanMemoryTests
# Drivers of its root's disk, and what CRIU looks for; the kernel itself loads what a firewall's rule needs.
readonly marked_disk=(virtio_pci virtio_blk crc32c_generic ext4)
readonly marked_modules=(overlay veth bridge tun nf_tables nft_compat ip_tables iptable_filter xt_conntrack
    inet_diag tcp_diag udp_diag unix_diag netlink_diag af_packet_diag)

test_marked() {
    local work=$build_lab/marked
    rm -rf "$work"
    mkdir -p "$work"
    timed "making a machine with Debian's kernel" make_marked "$work"
    timed "tests of memory that goes in two passes, in that machine" run_marked "$work"
    rm -rf "$work"
}

make_marked() {
    local work=$1 version container
    unpack_kernel "$work"
    version=$(ls "$work/kernel/lib/modules")
    depmod --basedir "$work/kernel" "$version"
    mkdir -p "$work"/{root,tests/lib,tests/guest}
    container=$(podman create "$(host_image)" true)
    podman export "$container" | tar --extract --directory "$work/root"
    podman rm "$container" > /dev/null
    cp --archive "$work/kernel/lib/modules" "$work/root/lib/"
    # The host image has none: its kernel is this machine's.
    cp "$(readlink -f "$(command -v modprobe)")" "$work/root/usr/sbin/modprobe"
    marked_init > "$work/root/marked-init"
    chmod +x "$work/root/marked-init"
    make_marked_initrd "$work" "$version"
    make_marked_tests "$work"
    truncate --size 6G "$work/root.img"
    mkfs.ext4 -q -d "$work/root" "$work/root.img"
    truncate --size 1G "$work/tests.img"
    mkfs.ext4 -q -d "$work/tests" "$work/tests.img"
}

make_marked_tests() {
    local tests=$1/tests program
    program=$(ls .build/debug/*PackageTests.xctest)
    strip -o "$tests/tests" "$program"
    # Those of Swift, and those of this machine's release that another one has under another name; the C library is the root's.
    ldd "$program" | awk '$3 ~ /^\// { print $3 }' | grep --invert-match --extended-regexp '/lib(c|m|stdc\+\+|gcc_s)\.so' |
        xargs --replace cp --dereference '{}' "$tests/lib/"
    cp "$build_lab/guest/busybox.tar" "$tests/guest/"
}

make_marked_initrd() {
    local work=$1 version=$2 tree=$1/initrd module file
    mkdir -p "$tree"/{bin,modules}
    cp "$(command -v busybox)" "$tree/bin/busybox"
    for module in "${marked_disk[@]}"; do
        while read -r file; do
            [[ ! -e $tree/modules/${file##*/} ]] || continue
            cp "$file" "$tree/modules/"
            echo "${file##*/}" >> "$tree/modules/order"
        done < <(modprobe --dirname "$work/kernel" --set-version "$version" --show-depends "$module" | sed -n 's/^insmod \([^ ]*\).*/\1/p')
    done
    cat > "$tree/init" << 'INIT'
#!/bin/busybox sh
busybox=/bin/busybox
$busybox mkdir -p /proc /sys /dev /root
$busybox mount -t devtmpfs dev /dev
while read -r module; do $busybox insmod "/modules/$module"; done < /modules/order
until [ -b /dev/vda ] && [ -b /dev/vdb ]; do $busybox usleep 100000; done
$busybox mount -t ext4 /dev/vda /root
exec $busybox switch_root /root /marked-init
INIT
    chmod +x "$tree/init"
    (cd "$tree" && find . -print0 | cpio --quiet --null --create --format=newc) | gzip -1 > "$work/initrd.img"
}

# What the machine does in the place of an init: one service, the tests, off.
marked_init() {
    cat << INIT
#!/bin/bash
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LD_LIBRARY_PATH=/run/tests/lib
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mkdir -p /dev/pts /dev/shm
mount -t devpts devpts /dev/pts
for place in /dev/shm /run /tmp /var/tmp; do mount -t tmpfs none \$place; done
mount -t cgroup2 none /sys/fs/cgroup
exec < /dev/console > /dev/console 2>&1
for module in ${marked_modules[*]}; do modprobe \$module; done
ip link set lo up
mkdir -p /run/tests /run/podman
mount -o ro /dev/vdb /run/tests
LD_LIBRARY_PATH= podman system service --time 0 unix:///run/podman/podman.sock &
until LD_LIBRARY_PATH= podman --url unix:///run/podman/podman.sock version > /dev/null 2>&1; do sleep 0.2; done
export HUDDLE_TEST_PODMAN_SOCKET=/run/podman/podman.sock HUDDLE_TEST_GUEST=/run/tests/guest
/run/tests/tests --testing-library swift-testing --no-parallel --filter $marked_tests
echo "marked: the tests ended with \$?"
sync
echo o > /proc/sysrq-trigger
sleep 60
INIT
}

run_marked() {
    local work=$1
    # What the machine wrote to its disks is of no use afterwards.
    timeout 900 qemu-system-x86_64 -machine q35 -accel tcg,thread=multi -cpu max -smp 2 -m 3072 -nographic -no-reboot \
        -kernel "$work"/kernel/boot/vmlinuz-* -initrd "$work/initrd.img" -append "console=ttyS0 quiet panic=-1" \
        -drive "file=$work/root.img,if=virtio,format=raw,snapshot=on" -drive "file=$work/tests.img,if=virtio,format=raw,snapshot=on" \
        < /dev/null > "$work/log" 2>&1 || true
    # Without any of them that would be so as well.
    if grep --quiet --text 'marked: the tests ended with 0' "$work/log" && grep --quiet --text "Suite $marked_tests passed" "$work/log"; then
        grep --text 'Test run with' "$work/log"
        return
    fi
    cp "$work/log" "$build_lab/marked.log"
    tail -n 60 "$work/log" >&2
    fail "the tests in the emulated machine did not pass" "its console is in $build_lab/marked.log" "scripts/test once more, with nothing else on the machine"
}

# Debian's kernel for virtual machines: downloaded as a package, unpacked and not installed. Sourced by scripts/guest and scripts/test.

# unpack_kernel DIRECTORY: its files are then in DIRECTORY/kernel.
unpack_kernel() {
    local package
    package=$(apt-cache depends --important linux-image-cloud-amd64 2> /dev/null | sed -n 's/.*Depends: \(linux-image-.*\)/\1/p' | head -n 1)
    [[ -n $package ]] || fail "no kernel package found" "apt knows no linux-image-cloud-amd64" "apt-get update; the test guest is for amd64"
    # Downloaded as the caller: apt's own user may not write into the checkout.
    (cd "$1" && apt-get --quiet -o APT::Sandbox::User=root download "$package" > /dev/null) ||
        fail "$package cannot be downloaded" "apt-get's message is above" "apt-get update, then the same command again"
    dpkg-deb --extract "$1"/linux-image-*.deb "$1/kernel"
}

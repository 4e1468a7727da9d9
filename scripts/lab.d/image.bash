# The host image: Debian with the packages that deploy/host-image names, made once for each list. The lab's own scripts in
# deploy/host-image/huddle-lab are mounted, not built in, so that a change there costs nothing. Sourced by scripts/lab.

readonly host_release=trixie
readonly newer_release=forky
readonly host_image_name=localhost/huddle/lab-host
readonly host_recipe=$root/deploy/host-image

# The image's tag is the content of its recipe: a changed recipe is another image, an unchanged one is never made twice.
host_image() {
    local hash
    hash=$(cat "$host_recipe"/{packages,packages-newer,add-newer} "$root/scripts/lab.d/image.bash" | sha256sum)
    printf '%s:%s\n' "$host_image_name" "${hash:0:12}"
}

ensure_host_image() {
    local image
    image=$(host_image)
    ! podman image exists "$image" || return 0
    timed "making the host image (Debian $host_release, about a minute, once)" make_host_image "$image"
    remove_host_images "$image"
}

make_host_image() {
    local mirror tree packages newer log
    mirror=$(debian_mirror)
    packages=$(named_in "$host_recipe/packages" | paste --serial --delimiters=,)
    newer=$(named_in "$host_recipe/packages-newer" | paste --serial --delimiters=' ')
    mkdir -p "$build_lab"
    tree=$build_lab/host-image.tar log=$build_lab/host-image.log
    mmdebstrap --variant=minbase --include="$packages" \
        --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
        --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-include=/usr/share/doc/*/copyright' \
        --customize-hook='mkdir "$1/usr/libexec/huddle-lab"' \
        --customize-hook='ln -s /opt/huddle/huddle "$1/usr/local/bin/huddle"' \
        --customize-hook="'$host_recipe/add-newer' \"\$1\" '$mirror' $newer_release $newer" \
        --customize-hook='rm -rf "$1"/var/cache/apt/* "$1"/var/lib/apt/lists/* "$1"/etc/apt/sources.list' \
        "$host_release" "$tree" "$mirror" > "$log" 2>&1 || host_image_failed "$log"
    tell_left_out "$log"
    # On a host with cgroup v1, Podman 5 warns about it at every call unless told not to.
    podman import --quiet \
        --change 'ENV PODMAN_IGNORE_CGROUPSV1_WARNING=1' \
        --change 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' \
        --change 'CMD ["/usr/bin/catatonit", "--", "/usr/libexec/huddle-lab/init"]' \
        "$tree" "$1" > /dev/null
    rm -f "$tree"
}

# named_in FILE: the packages that a list names.
named_in() { sed 's/[[:space:]]*#.*//; /^$/d' "$1"; }

# Without the newer packages the hosts still run, so this is no failure; nobody should have to find it out by a move.
tell_left_out() {
    local line
    line=$(sed -n 's/^left out: //p' "$1")
    [[ -z $line ]] || say "WARNING: $line; containers of this lab cannot move live (capability checkpoint: no). See $1"
}

host_image_failed() {
    tail -n 20 "$1" >&2
    fail "the host image could not be made" "mmdebstrap's last lines are above, all of them in $1" \
        "check that apt-get update works; if signatures are refused: apt-get install --only-upgrade debian-archive-keyring"
}

# remove_host_images [IMAGE]: all of ours but IMAGE.
remove_host_images() {
    local image
    while read -r image; do
        [[ $image == "${1-}" ]] || podman image rm --force "$image" > /dev/null
    done < <(podman images --format '{{.Repository}}:{{.Tag}}' "$host_image_name")
}

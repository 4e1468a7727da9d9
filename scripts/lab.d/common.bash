# Shared by scripts/bootstrap, scripts/lab and scripts/guest: messages, paths, timing. Sourced, never run.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# Everything the scripts make inside the checkout; ignored by git.
build_lab=$root/.build-lab
# What is true of the machine only until it reboots (mounts, tokens); outside the checkout, so that any checkout can clean up.
lab_run=/run/huddle-lab

# Progress goes to stderr: stdout belongs to data (a table, a path).
say() { printf '%s\n' "$*" >&2; }

# fail WHAT WHY TRY: the three lines every error has, then the end.
fail() {
    printf 'error: %s\n  why: %s\n  try: %s\n' "$1" "$2" "$3" >&2
    exit 1
}

# timed WHAT COMMAND...: says what a long step does before it starts, and afterwards how long it took.
timed() {
    local what=$1 from=$EPOCHREALTIME
    shift
    say "$what …"
    "$@"
    say "$what: done in $(seconds_since "$from") s"
}

# seconds_since EPOCHREALTIME: with one decimal, without a process of its own for bc.
seconds_since() {
    local tenths=$(( (${EPOCHREALTIME/[.,]/} - ${1/[.,]/}) / 100000 ))
    printf '%d.%d' $(( tenths / 10 )) $(( tenths % 10 ))
}

require_root() {
    (( EUID == 0 )) && return
    fail "$1 needs root" "it makes network namespaces, cgroups and mounts" "sudo $1"
}

# The base address of the Debian mirror that this machine itself uses; the scripts name no mirror of their own.
debian_mirror() {
    local uri
    uri=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' 'Label: Debian' | head -n 1)
    [[ -n $uri ]] || fail "no Debian mirror found" \
        "apt-get indextargets lists no archive of origin Debian (never updated, or not a Debian machine)" "apt-get update"
    printf '%s\n' "${uri%/}"
}

# What looks for rare things, for hours: the long forms of tests, sanitizers, fuzzers. Sourced by scripts/test.

# Parts that this machine cannot run, each with its reason; they are named at the end.
skipped_parts=()

# Tests that read HUDDLE_TEST_LONG. Those of the transport by themselves, because they measure memory and time.
test_long_forms() {
    timed "every fate of a move at every boundary, and all pairs of them" \
        env HUDDLE_TEST_LONG=1 swift test --skip-build --filter EveryBoundaryTests
    timed "long forms of the transport's tests: soak and attacks" \
        env HUDDLE_TEST_LONG=1 swift test --skip-build --no-parallel --filter TransportTests
}

# test_sanitized KIND: the suite once more, built with that sanitizer in a directory of its own.
test_sanitized() {
    local kind=$1 scratch=$root/.build-$1 preload=
    if ! sanitizer_works "$kind"; then
        skipped_parts+=("the suite under the $kind sanitizer: a program built with it does not run here")
        return
    fi
    timed "building for the $kind sanitizer" \
        swift build --build-tests --sanitize="$kind" --scratch-path "$scratch" --quiet
    if [[ $kind == thread ]]; then
        preload=$scratch/mutex.so
        "$(dirname "$(readlink -f "$(command -v swiftc)")")/clang" -shared -fPIC -O1 -o "$preload" "$root/scripts/test.d/tsan_mutex.c"
    fi
    local suite=(
        env HUDDLE_TEST_SANITIZED=1 LD_PRELOAD="$preload"
        LSAN_OPTIONS="suppressions=$root/scripts/test.d/leaks.txt:print_suppressions=0"
        swift test --skip-build --sanitize="$kind" --scratch-path "$scratch")
    # The laws have neither C nor threads and would take an hour; Podman, QEMU and the lab run the plain program.
    timed "the suite under the $kind sanitizer" "${suite[@]}" \
        --experimental-maximum-parallelization-width "$width" --skip "$laws|$alone|DriversTests|^LabTests"
    timed "floods and the soak under the $kind sanitizer" "${suite[@]}" --no-parallel --filter "$alone"
}

# sanitizer_works KIND: some kernels lay memory out so that a sanitizer finds no room, and some toolchains lack it.
sanitizer_works() {
    local work status=0
    work=$(mktemp --directory)
    echo 'print("here")' > "$work/main.swift"
    { swiftc -sanitize="$1" -o "$work/main" "$work/main.swift" && "$work/main"; } > /dev/null 2>&1 || status=1
    rm -rf "$work"
    return "$status"
}

test_fuzzed() {
    if ! sanitizer_works address; then
        skipped_parts+=("fuzzing: a program built with the address sanitizer does not run here")
        return
    fi
    "$here/fuzz" --seconds 600
}

say_skipped() {
    local part
    for part in "${skipped_parts[@]}"; do say "skipped: $part"; done
}

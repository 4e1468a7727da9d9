import Glibc

/// What a new process starts with: its three standard descriptors and nothing else of this process.
struct Spawn: ~Copyable {
    private let actions: UnsafeMutablePointer<posix_spawn_file_actions_t>
    private let attributes: UnsafeMutablePointer<posix_spawnattr_t>

    init(_ program: String) throws(ProcessFailure) {
        actions = .allocate(capacity: 1)
        attributes = .allocate(capacity: 1)
        posix_spawn_file_actions_init(actions)
        posix_spawnattr_init(attributes)
        // A session of its own, no signal blocked and none ignored: a service may ignore SIGPIPE,
        // tools must not.
        var none = sigset_t()
        sigemptyset(&none)
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigmask(attributes, &none)
        posix_spawnattr_setsigdefault(attributes, &all)
        let flags =
            Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF) | LinuxCalls.ownSession
        posix_spawnattr_setflags(attributes, flags)
    }

    deinit {
        posix_spawn_file_actions_destroy(actions)
        posix_spawnattr_destroy(attributes)
        actions.deallocate()
        attributes.deallocate()
    }

    /// Has the process find our `descriptor` as its own number `standard`.
    mutating func connect(_ descriptor: Int32, to standard: Int32) {
        posix_spawn_file_actions_adddup2(actions, descriptor, standard)
    }

    /// Has the process find the file at `path` as its own number `standard`.
    mutating func open(_ path: String, flags: Int32, as standard: Int32) {
        posix_spawn_file_actions_addopen(actions, standard, path, flags, 0o600)
    }

    /// Starts the process; everything above the standard descriptors is closed in it.
    consuming func start(_ program: String, _ arguments: [String]) throws(ProcessFailure) -> pid_t {
        let code = LinuxCalls.closeDescriptors(from: 3, in: actions)
        guard code == 0 else { throw .cannotStart(program, code: code) }
        var argumentList = ([program] + arguments).map { strdup($0) } + [nil]
        var environment = Self.environment.map { strdup($0) } + [nil]
        defer { for text in argumentList + environment { free(text) } }
        var process: pid_t = 0
        let result = posix_spawn(
            &process, program, actions, attributes, &argumentList, &environment)
        guard result == 0 else { throw .cannotStart(program, code: result) }
        return process
    }

    private static let environment = [
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8",
    ]
}

/// Both ends of a pipe, closed with it unless one was taken.
final class Pipe {
    private(set) var reading: Int32
    private(set) var writing: Int32

    init(_ program: String) throws(ProcessFailure) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw .cannotStart(program, code: errno) }
        (reading, writing) = (ends[0], ends[1])
        // Another thread may spawn between the two calls; that is why spawned processes close all
        // they inherit.
        _ = fcntl(reading, F_SETFD, FD_CLOEXEC)
        _ = fcntl(writing, F_SETFD, FD_CLOEXEC)
    }

    deinit {
        if reading >= 0 { close(reading) }
        if writing >= 0 { close(writing) }
    }

    func takeReading() -> Int32 {
        defer { reading = -1 }
        return reading
    }

    func takeWriting() -> Int32 {
        defer { writing = -1 }
        return writing
    }
}

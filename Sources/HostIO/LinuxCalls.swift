import Glibc

/// Calls of the C library that Swift's import of it leaves out, found by their names.
///
/// All are in glibc 2.36, that is, in Debian 12 and later; an older one makes them fail with
/// `ENOSYS`.
enum LinuxCalls {
    private typealias OpenProcess = @convention(c) (pid_t, UInt32) -> Int32
    private typealias SignalProcess =
        @convention(c) (Int32, Int32, UnsafeMutableRawPointer?, UInt32) -> Int32
    private typealias CloseFrom =
        @convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, Int32) -> Int32

    /// A descriptor that names a process and becomes readable when it ends; below zero with `errno`
    /// set.
    static func openProcess(_ process: pid_t) -> Int32 {
        guard let symbol = dlsym(nil, "pidfd_open") else { return unsupported() }
        return unsafeBitCast(symbol, to: OpenProcess.self)(process, 0)
    }

    /// Sends a signal to exactly the process that `descriptor` names.
    static func signal(_ descriptor: Int32, _ number: Int32) -> Int32 {
        guard let symbol = dlsym(nil, "pidfd_send_signal") else { return unsupported() }
        return unsafeBitCast(symbol, to: SignalProcess.self)(descriptor, number, nil, 0)
    }

    /// Has the spawned process start without any descriptor from `lowest` on.
    static func closeDescriptors(
        from lowest: Int32, in actions: UnsafeMutablePointer<posix_spawn_file_actions_t>
    ) -> Int32 {
        guard let symbol = dlsym(nil, "posix_spawn_file_actions_addclosefrom_np") else {
            return ENOSYS
        }
        return unsafeBitCast(symbol, to: CloseFrom.self)(actions, lowest)
    }

    /// Has the spawned process lead a session of its own.
    ///
    /// - Source: glibc, posix/spawn.h: `POSIX_SPAWN_SETSID`, defined only for GNU sources.
    static let ownSession: Int16 = 0x80

    /// Has `open` hold what is at a path without opening it; the same on x86-64 and ARM.
    ///
    /// - Source: Linux, include/uapi/asm-generic/fcntl.h: `O_PATH`, defined only for GNU sources.
    static let holdsPlace: Int32 = 0o10_000_000

    private static func unsupported() -> Int32 {
        errno = ENOSYS
        return -1
    }
}

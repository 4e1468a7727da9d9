import Glibc

/// How many of something this process and its descendants may have at most.
package struct ResourceLimit: Hashable, Sendable {
    package let soft: UInt64
    package let hard: UInt64

    /// Open files of one process.
    package static var openFiles: ResourceLimit { of(__rlimit_resource_t(7)) }
    /// Processes of one user.
    package static var processes: ResourceLimit { of(__rlimit_resource_t(6)) }

    /// Numbers from Linux, include/uapi/asm-generic/resource.h; the C library names them by an
    /// enumeration that Swift sees only as numbers.
    private static func of(_ resource: __rlimit_resource_t) -> ResourceLimit {
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0 else { return ResourceLimit(soft: 1024, hard: 1024) }
        return ResourceLimit(soft: UInt64(limit.rlim_cur), hard: UInt64(limit.rlim_max))
    }
}

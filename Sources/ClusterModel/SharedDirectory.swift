/// The rules for a directory that the operator has mounted at the same place on every host.
///
/// Whoever may apply a workload may write into it as root, so it is never one by which a host itself is run.
package enum SharedDirectory {
    /// Directories that decide over the host, or hold its processes, devices, keys, users' and other workloads' files.
    private static let system = [
        "/bin", "/boot", "/dev", "/etc", "/home", "/lib", "/lib32", "/lib64", "/libx32", "/proc",
        "/root", "/run", "/sbin", "/sys", "/usr", "/var/lib", "/var/run", "/var/spool",
    ]

    /// `path` without doubled or final slashes and without `.`, if it may be shared; `field` is what an error names.
    package static func checked(
        _ path: String, _ field: String = "volumes.shared"
    ) throws(InvalidValue) -> String {
        func invalid(_ problem: String) -> InvalidValue {
            InvalidValue(
                field, problem,
                suggestion: "name a directory that is mounted on every host, such as /srv/media")
        }
        guard path.utf8.first == slash, !path.utf8.contains(0) else {
            throw invalid("'\(path)' is not an absolute path")
        }
        let parts = parts(of: path)
        guard !parts.contains("..") else { throw invalid("'\(path)' has '..' in it") }
        guard !parts.isEmpty else { throw invalid("'/' is the whole host") }
        if let own = systemDirectory(at: path) {
            throw invalid("'\(path)' is no directory to share: \(own) is the host's own")
        }
        return "/" + parts.joined(separator: "/")
    }

    /// The directory of the system that `path` is in, or that is in it; `nil` when it has nothing to do with any.
    package static func systemDirectory(at path: String) -> String? {
        let parts = parts(of: path)
        return system.first { own in zip(parts, self.parts(of: own)).allSatisfy { $0 == $1 } }
    }

    private static let slash = UInt8(ascii: "/")

    /// By bytes, as the kernel reads a path: a slash with an accent is still one.
    private static func parts(of path: String) -> [String] {
        path.utf8.split(separator: slash).map { String(decoding: $0, as: UTF8.self) }
            .filter { $0 != "." }
    }
}

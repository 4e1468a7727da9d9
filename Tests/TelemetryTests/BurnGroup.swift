import Foundation
import Telemetry

/// A control group of the running machine with one process in it that does nothing but burn.
final class BurnGroup {
    let groups = ControlGroups(files: KernelFiles())
    let path = "/huddle-telemetry-test-\(ProcessInfo.processInfo.processIdentifier)"
    private let shell = Process()

    /// Whether this process may make a group in every hierarchy that accounts for one.
    static var isAllowed: Bool {
        let mounts = mounts(of: ControlGroups(files: KernelFiles()))
        return !mounts.isEmpty && mounts.allSatisfy { access($0, W_OK) == 0 }
    }

    private static func mounts(of groups: ControlGroups) -> [String] {
        let controllers: [ControlGroups.Controller] = [.cpuacct, .cpu, .memory, .blkio]
        return Set(controllers.compactMap { groups.hierarchy(of: $0)?.mount }).sorted()
    }

    private var directories: [String] { Self.mounts(of: groups).map { $0 + path } }

    init() throws {
        for directory in directories {
            try FileManager.default.createDirectory(
                atPath: directory, withIntermediateDirectories: false)
        }
    }

    deinit { remove() }

    /// Lets a process burn at least `nanoseconds` in the group; returns how much it counted itself.
    func burn(nanoseconds: UInt64) throws -> UInt64 {
        let join = directories.map { "echo $$ > \($0)/cgroup.procs" }.joined(separator: "\n")
        shell.executableURL = URL(filePath: "/bin/sh")
        shell.arguments = ["-c", "set -e\n\(join)\nwhile :; do :; done"]
        try shell.run()
        var clock = clockid_t()
        guard clock_getcpuclockid(shell.processIdentifier, &clock) == 0 else {
            throw CocoaError(.featureUnsupported)
        }
        while shell.isRunning {
            var used = timespec()
            clock_gettime(clock, &used)
            let burned = UInt64(used.tv_sec) * 1_000_000_000 + UInt64(used.tv_nsec)
            if burned >= nanoseconds {
                kill(shell.processIdentifier, SIGSTOP)
                clock_gettime(clock, &used)
                return UInt64(used.tv_sec) * 1_000_000_000 + UInt64(used.tv_nsec)
            }
            usleep(1000)
        }
        throw CocoaError(.executableNotLoadable)
    }

    /// Ends the process and removes the group; may be called twice.
    func remove() {
        if shell.isRunning {
            kill(shell.processIdentifier, SIGKILL)
            shell.waitUntilExit()
        }
        for directory in directories { rmdir(directory) }
    }
}

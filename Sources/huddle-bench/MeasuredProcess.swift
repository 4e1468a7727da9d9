import Foundation
import Glibc

/// Another process of this program, and what the kernel says it has used.
struct MeasuredProcess {
    /// A moment's reading.
    struct Use {
        /// Of one core.
        let seconds: Double
        /// Proportional set size.
        let kibibytes: Int
    }

    private let process: Process
    /// Nothing is ever written to it: it ends when this process does, however that happens, and so does the other.
    private let lifeline = Pipe()

    /// Starts this program with `arguments`, on the first core only where there are others for whoever measures.
    init(_ arguments: [String]) throws {
        process = Process()
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        process.executableURL = URL(filePath: "/usr/bin/taskset")
        process.arguments = ["--cpu-list", "0", own] + arguments
        process.standardInput = lifeline
        // Standard output is for the result alone.
        process.standardOutput = FileHandle.standardError
        try process.run()
    }

    /// Ends this process with the one that measures it, after `cleaning` up what that can no longer.
    static func endWithParent(cleaning: @escaping @Sendable () -> Void = {}) {
        Thread.detachNewThread {
            while !FileHandle.standardInput.availableData.isEmpty {}
            cleaning()
            exit(0)
        }
    }

    var isRunning: Bool { process.isRunning }

    func stop() {
        process.terminate()
        process.waitUntilExit()
    }

    func use() throws -> Use {
        let id = process.processIdentifier
        // The name, in parentheses, may hold blanks; the rest does not.
        let words = try text("/proc/\(id)/stat").split(separator: ")").last?.split(separator: " ")
        let ticks = words.map { (Double($0[11]) ?? 0) + (Double($0[12]) ?? 0) } ?? 0
        let line = try text("/proc/\(id)/smaps_rollup").split(separator: "\n")
            .first { $0.hasPrefix("Pss:") }
        let size = line?.split(separator: " ").dropFirst().first.flatMap { Int($0) }
        return Use(seconds: ticks / Double(sysconf(Int32(_SC_CLK_TCK))), kibibytes: size ?? 0)
    }

    /// Makes room for `connections`, here and in the processes that this one starts.
    static func raiseDescriptors(for connections: Int) throws {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        guard limit.rlim_cur > connections + 256 else {
            throw FleetFailure("\(limit.rlim_cur) descriptors are too few for \(connections)")
        }
    }

    /// Seconds of a core that this process has used.
    static var ownSeconds: Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// Leaves the first core to the measured process.
    static func stepAside() throws {
        guard sysconf(Int32(_SC_NPROCESSORS_ONLN)) > 1 else { return }
        let move = Process()
        move.executableURL = URL(filePath: "/usr/bin/taskset")
        let others = "1-\(sysconf(Int32(_SC_NPROCESSORS_ONLN)) - 1)"
        move.arguments = ["--all-tasks", "--cpu-list", "--pid", others, "\(getpid())"]
        move.standardOutput = FileHandle.nullDevice
        try move.run()
        move.waitUntilExit()
    }

    private func text(_ path: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
    }
}

import Glibc
import NIOCore
import NIOPosix

/// The process's event loops: one for each core it may use.
enum EventLoops {
    static let group = MultiThreadedEventLoopGroup(numberOfThreads: usableCores)

    /// Runs tasks on their connection's loop; one executor for each loop.
    static func executor(of eventLoop: any EventLoop) -> LoopExecutor {
        guard let executor = executors[ObjectIdentifier(eventLoop)] else {
            preconditionFailure("an event loop of another group: \(eventLoop)")
        }
        return executor
    }

    private static let executors = Dictionary(
        uniqueKeysWithValues: group.makeIterator().map { eventLoop in
            (ObjectIdentifier(eventLoop), LoopExecutor(eventLoop: eventLoop))
        })

    /// Cores that this process may use, not those that the machine has.
    private static var usableCores: Int {
        // Also what a control group grants, which affinity does not say.
        max(1, min(boundCores ?? .max, System.coreCount))
    }

    /// Cores that this process is bound to, as `taskset` and systemd's `CPUAffinity` set them.
    /// - Source: proc(5), `Cpus_allowed`: hexadecimal digits in groups.
    private static var boundCores: Int? {
        guard let file = fopen("/proc/self/status", "r") else { return nil }
        defer { fclose(file) }
        var line: UnsafeMutablePointer<CChar>?
        var capacity = 0
        defer { free(line) }
        while getline(&line, &capacity, file) > 0, let line {
            let words = String(cString: line).split(separator: ":", maxSplits: 1)
            guard words.first == "Cpus_allowed", words.count == 2 else { continue }
            return words[1].reduce(0) { $0 + ($1.hexDigitValue?.nonzeroBitCount ?? 0) }
        }
        return nil
    }
}

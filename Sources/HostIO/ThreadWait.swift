import Glibc

/// What the threads of a process wait for in the kernel.
package enum ThreadWait {
    /// Whether some thread waits in a function of the kernel whose name has `word`; `nil` where the kernel does not tell.
    ///
    /// - Source: proc(5), `/proc/PID/task/TID/wchan`.
    package static func isAny(of process: Int32, in word: String) -> Bool? {
        guard let found = places(of: process), !found.isEmpty else { return nil }
        if found.contains(where: { $0.contains(word) }) { return true }
        // A thread that waits for nothing has the same 0 as all have where the kernel keeps it to itself; some of this process's wait
        // at any time.
        let isHidden = !(found + (places(of: getpid()) ?? [])).contains(where: isTold)
        return isHidden ? nil : false
    }

    private static func places(of process: Int32) -> [String]? {
        let tasks = "/proc/\(process)/task"
        guard let threads = try? HostFile.names(in: tasks) else { return nil }
        return threads.compactMap { try? HostFile.text("\(tasks)/\($0)/wchan") }
    }

    private static func isTold(_ place: String) -> Bool { place != "0" && !place.isEmpty }
}

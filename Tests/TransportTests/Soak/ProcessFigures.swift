import Foundation
import Glibc

/// What this process holds of the machine.
struct ProcessFigures: Hashable, Sendable, CustomStringConvertible {
    let descriptors: Int
    let threads: Int
    /// Resident memory in bytes, with what the allocator keeps for later.
    let memory: Int

    init() throws {
        descriptors = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
        threads = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").count
        // - Source: proc(5), statm: pages; the second number is the resident set.
        let pages = try String(contentsOfFile: "/proc/self/statm", encoding: .ascii)
            .split(separator: " ").dropFirst().first.flatMap { Int($0) }
        memory = (pages ?? 0) * Int(getpagesize())
    }

    var description: String {
        "\(descriptors) descriptors, \(threads) threads, \(memory >> 10) KiB"
    }
}

import Foundation
import Glibc

/// What this process holds of the machine.
struct ProcessFigures: Hashable, Sendable, CustomStringConvertible {
    let descriptors: Int
    let threads: Int
    /// Resident memory in bytes, with what the allocator keeps for later.
    let memory: Int
    /// Bytes that the program has allocated and not given back: what a leak would be in.
    let allocated: Int

    init() throws {
        descriptors = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
        threads = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").count
        // - Source: proc(5), statm: pages; the second number is the resident set.
        let pages = try String(contentsOfFile: "/proc/self/statm", encoding: .ascii)
            .split(separator: " ").dropFirst().first.flatMap { Int($0) }
        memory = (pages ?? 0) * Int(getpagesize())
        allocated = Self.allocatedBytes()
    }

    var description: String {
        """
        \(descriptors) descriptors, \(threads) threads, \(allocated >> 10) KiB allocated, \(memory >> 10) KiB resident
        """
    }

    /// What glibc's allocator has given out, over all arenas: what it took from the kernel, less what lies free in it.
    /// - Source: malloc_info(3); the last numbers of its report are the totals.
    private static func allocatedBytes() -> Int {
        typealias Report = @convention(c) (CInt, UnsafeMutablePointer<FILE>?) -> CInt
        var text: UnsafeMutablePointer<CChar>?
        var count = 0
        // Not in the module that Swift has of glibc.
        guard let symbol = dlsym(nil, "malloc_info"), let stream = open_memstream(&text, &count)
        else { return 0 }
        _ = unsafeBitCast(symbol, to: Report.self)(0, stream)
        fclose(stream)
        defer { free(text) }
        let report = text.map { String(cString: $0) } ?? ""
        func last(_ element: String) -> Int {
            guard let found = report.range(of: element, options: .backwards) else { return 0 }
            let rest = report[found.upperBound...]
            guard let size = rest.range(of: "size=\"") else { return 0 }
            return Int(rest[size.upperBound...].prefix { $0.isNumber }) ?? 0
        }
        let taken = last("<system type=\"current\"") + last("<total type=\"mmap\"")
        return taken - last("<total type=\"fast\"") - last("<total type=\"rest\"")
    }
}

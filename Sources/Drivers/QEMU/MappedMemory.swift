import ClusterModel

/// What a process has mapped.
/// - Source: Linux, Documentation/filesystems/proc.rst, `/proc/PID/smaps`.
struct MappedMemory {
    /// What is in use, in memory or swapped out, of the largest mapping.
    let largest: Bytes?

    init(_ text: String) {
        var best: (size: UInt64, used: UInt64)?
        var present: (size: UInt64, used: UInt64) = (0, 0)
        for line in text.split(separator: "\n") {
            if let size = Self.kibibytes(line, "Size:") {
                present = (size, 0)
            } else if let part = Self.kibibytes(line, "Rss:") ?? Self.kibibytes(line, "Swap:") {
                present.used += part
                // One mapping's lines follow its size, and `Swap` comes after `Rss`.
                if best.map({ present.size >= $0.size }) ?? true { best = present }
            }
        }
        largest = best.map { Bytes($0.used << 10) }
    }

    private static func kibibytes(_ line: Substring, _ name: String) -> UInt64? {
        guard line.hasPrefix(name) else { return nil }
        return line.dropFirst(name.count).split(separator: " ").first.flatMap { UInt64($0) }
    }
}

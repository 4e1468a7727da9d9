import ClusterModel

/// Bytes read from and written to the disks of the machine, each byte once.
///
/// What goes through a logical volume or a software RAID is counted again on the disks below it,
/// and what goes to a partition again on its disk. Only what has a device behind it in sysfs is a
/// disk: neither partitions nor device mapper, loop, RAM or compressed-memory devices do.
package struct Disks: Hashable, Sendable {
    private let files: KernelFiles
    /// Whether a number is a disk's, so that it is looked up once.
    private var known: [Number: Bool] = [:]

    private struct Number: Hashable, Sendable {
        let major: UInt64
        let minor: UInt64
    }

    /// Most device numbers remembered; a machine with more looks them up again.
    private static let mostKnown = 4096
    /// Bytes of a sector in /proc/diskstats, whatever the disk's own are.
    /// - Source: Linux, Documentation/block/stat.rst.
    private static let sector: UInt64 = 512

    /// Disks of which nothing is known yet.
    package init(files: KernelFiles) { self.files = files }

    /// Bytes of the whole machine since it booted.
    /// - Source: Linux, Documentation/admin-guide/iostats.rst: fields 3 and 7 are sectors read and
    ///   written.
    package mutating func bytesOfMachine() -> UInt64? {
        let files = files
        return files.read("/proc/diskstats", upTo: KernelFiles.tableSize) { text in
            var sum: UInt64 = 0
            repeat {
                guard let major = text.number(), let minor = text.number() else { continue }
                guard isDisk(Number(major: major, minor: minor)) else { continue }
                text.skip(words: 3)
                guard let read = text.number() else { continue }
                text.skip(words: 3)
                guard let written = text.number() else { continue }
                sum = sum.saturatingSum(read.saturatingSum(written).saturatingProduct(Self.sector))
            } while text.nextLine()
            return sum
        }
    }

    /// Bytes of the control group whose `io.stat` is at `path`, since it was made.
    /// - Source: Linux, Documentation/admin-guide/cgroup-v2.rst, `io.stat`.
    package mutating func bytes(inGroupFile path: String) -> UInt64? {
        let files = files
        return files.read(path) { text in
            var sum: UInt64 = 0
            repeat {
                guard let major = text.number(), text.skip(":"), let minor = text.number() else {
                    continue
                }
                guard isDisk(Number(major: major, minor: minor)) else { continue }
                // A device may stand there without figures.
                guard text.skip(" rbytes="), let read = text.number(), text.skip(" wbytes="),
                    let written = text.number()
                else { continue }
                sum = sum.saturatingSum(read.saturatingSum(written))
            } while text.nextLine()
            return sum
        }
    }

    private mutating func isDisk(_ number: Number) -> Bool {
        if let found = known[number] { return found }
        if known.count >= Self.mostKnown { known.removeAll() }
        let found = files.exists("/sys/dev/block/\(number.major):\(number.minor)/device")
        known[number] = found
        return found
    }
}

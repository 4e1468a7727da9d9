import Glibc
import HostIO

/// What one pass saw of a directory while its container ran: which content went under which path.
struct TreePass: Hashable, Sendable {
    private let began: Moment
    private let slack: Int64
    private let most: Int
    private var seen: [[UInt8]: TreeEntry.Stamp] = [:]
    /// Those of the paths that went as directories.
    private(set) var directories: Set<[UInt8]> = []
    /// About what it takes of the agent's memory.
    private(set) var bytes = 0

    /// A directory whose names take more goes in one pass.
    static let mostBytes = 256 << 20

    /// - Parameters:
    ///   - slack: nanoseconds before its beginning from which on all counts as changed.
    ///   - most: bytes that it may take.
    init(began: Moment, slack: Int64 = slack, most: Int = mostBytes) {
        self.began = began
        self.slack = slack
        self.most = most
    }

    var isFull: Bool { bytes >= most }

    /// All that went, whether as it is or not.
    var paths: some Sequence<[UInt8]> { seen.keys }

    /// Notes that something went under this path.
    ///
    /// - Parameter isSteady: whether that is what the entry describes; it may have changed while it was read.
    mutating func note(_ entry: TreeEntry, isSteady: Bool) {
        seen[entry.path] = isSteady ? entry.stamp : Self.none
        bytes += entry.path.count + TreeNames.overhead
        if entry.kind == .directory, directories.insert(entry.path).inserted {
            bytes += entry.path.count + TreeNames.overhead
        }
    }

    /// Whether what went under this path is what is there now: the very file, unchanged since long before the pass began.
    ///
    /// Not what was changed shortly before: the kernel's times are late by up to a tick, some file systems keep whole seconds,
    /// and a direct write has its file's time when it begins and may be through much later, where a disk tries again.
    func has(_ path: [UInt8], _ stamp: TreeEntry.Stamp) -> Bool {
        seen[path] == stamp && stamp.changed < began.time - slack
    }

    /// Whether times tell, at `now`, what was changed since it began: the clock was not set back.
    func isOrdered(at now: Moment) -> Bool { now.lead >= began.lead - slack / 100 }

    /// Of no file, and later than any pass.
    private static let none = TreeEntry.Stamp(file: .init(device: 0, inode: 0), changed: .max)

    /// Half a minute: what a SCSI disk has for one command.
    static let slack: Int64 = 30_000_000_000

    /// A moment by the clock that files have their times from, which somebody may set; in nanoseconds.
    struct Moment: Hashable, Sendable {
        let time: Int64
        /// How far that clock is ahead of the one that nobody sets.
        let lead: Int64

        static func now() -> Moment {
            let time = nanoseconds(CLOCK_REALTIME)
            return Moment(time: time, lead: time - nanoseconds(CLOCK_BOOTTIME))
        }

        private static func nanoseconds(_ clock: clockid_t) -> Int64 {
            var time = timespec()
            clock_gettime(clock, &time)
            return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
        }
    }
}

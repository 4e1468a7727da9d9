import ClusterModel

/// Divides what one move may send between its disks and its memory, so that both together keep its ceiling.
///
/// Alone the disks have all of it. Beside the memory they need what the guest writes to them, and that does not wait:
/// so the memory gives way. It has what the disks left a moment ago, less what they then took beyond their part, so
/// that one moment makes good for the one before.
struct MovePace: Hashable, Sendable {
    /// Bytes a second that the disks are expected to take.
    private var expected: UInt64 = 0
    /// Bytes a second by which they took more than that.
    private var excess: UInt64 = 0
    private var last: Sighting?

    /// Bytes a second for each.
    struct Division: Hashable, Sendable {
        let disks: UInt64
        let memory: UInt64
    }

    /// What is sent of which.
    enum Load: Hashable, Sendable {
        case disks
        case memory
        /// The memory while each write to the disks, of which so many bytes were sent so far, goes along.
        case both(sent: UInt64)
    }

    private struct Sighting: Hashable, Sendable {
        let elapsed: Duration
        let sent: UInt64
    }

    /// As often as QEMU itself counts, twice.
    private static let window = Duration.milliseconds(200)
    /// Of the ceiling: the least that the memory has, or the move would never end, and what old blocks of the disks
    /// have that the guest's writes overtook.
    private static let least: UInt64 = 16

    /// What of `ceiling` each may send; `elapsed` grows from call to call.
    mutating func divide(
        _ ceiling: BytesPerSecond, among load: Load, at elapsed: Duration
    ) -> Division {
        // QEMU takes zero for no limit.
        let all = max(1, ceiling.count)
        let little = max(1, all / Self.least)
        switch load {
        case .disks:
            last = nil
            return Division(disks: all, memory: little)
        case .memory: return Division(disks: little, memory: all)
        case .both(let sent):
            note(sent, at: elapsed)
            let taken = min(all, expected) + min(all, excess)
            return Division(disks: little, memory: all > taken ? max(little, all - taken) : little)
        }
    }

    /// What QEMU is to be told so that it sends `rate` bytes a second of the memory over so many streams.
    ///
    /// It counts what each of several sends once it has sent it: in each of its moments a packet of each goes before it knows
    /// that it is to wait. Below that sum it cannot be held.
    ///
    /// Source: QEMU, migration/multifd.c, `MULTIFD_PACKET_SIZE`. Measured, 10.0: two streams that were told 24 MiB/s sent 31,
    /// eight 34.
    static func told(_ rate: UInt64, over streams: Int) -> Int64 {
        let excess = streams > 1 ? UInt64(streams) * packet * momentsPerSecond : 0
        return Int64(clamping: max(UInt64(Migration.trickle), rate > excess ? rate - excess : 0))
    }

    private static let packet: UInt64 = 512 << 10
    private static let momentsPerSecond: UInt64 = 10

    private mutating func note(_ sent: UInt64, at elapsed: Duration) {
        guard let last else {
            last = Sighting(elapsed: elapsed, sent: sent)
            return
        }
        let passed = elapsed - last.elapsed
        guard passed >= Self.window else { return }
        let bytes = sent > last.sent ? sent - last.sent : 0
        let rate = bytes.multipliedFullWidth(by: 1000)
        let divisor = UInt64(max(1, passed.milliseconds))
        let now = rate.high >= divisor ? .max : divisor.dividingFullWidth(rate).quotient
        excess = now > expected ? now - expected : 0
        expected = now
        self.last = Sighting(elapsed: elapsed, sent: sent)
    }
}

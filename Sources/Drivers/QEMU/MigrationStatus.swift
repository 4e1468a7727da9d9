/// What QEMU says of its migration.
/// - Source: QEMU, qapi/migration.json, MigrationInfo.
struct MigrationStatus: Decodable, Hashable, Sendable {
    let phase: Phase
    let memory: Memory?
    /// Why it failed; `nil` when QEMU gives no reason.
    let complaint: String?
    /// How long the guest stood still; `nil` before it was done.
    let downtime: Duration?

    /// Where a migration is, seen from its source.
    enum Phase: String, Hashable, Sendable {
        /// There was none.
        case none  // → setup
        case setup  // → active, failed, cancelling
        case active  // → preSwitchover, failed, cancelling
        /// The VM is stopped and waits for `migrate-continue`.
        case preSwitchover = "pre-switchover"  // → device, failed, cancelling
        /// What is left is being sent.
        case device  // → completed, failed, postcopy
        /// What the guest is besides its memory is being sent, and then it runs at the target; later QEMU than 10.1 tell.
        case handing = "postcopy-device"  // → postcopy, failed
        /// The guest runs at the target, and the rest of its memory is on its way.
        case postcopy = "postcopy-active"  // → completed, broken
        /// The same, and the connection is lost: what has not been sent will not come.
        case broken = "postcopy-paused"
        case completed  // → setup
        case failed  // → setup
        case cancelling  // → cancelled
        case cancelled  // → setup
        /// One that this driver asks for nowhere.
        case other

        /// Whether nothing more comes of it by itself.
        var isOver: Bool {
            switch self {
            // What is broken is mended by nobody.
            case .none, .completed, .failed, .cancelled, .broken: true
            case .setup, .active, .preSwitchover, .device, .handing, .postcopy, .cancelling, .other:
                false
            }
        }

        /// Whether its guest runs on and memory is sent, or about to be.
        var isOnItsWay: Bool { self == .setup || self == .active || self == .other }

        /// Whether the guest ran at the target before all of its memory was there, and nothing here is worth going back to.
        var isAtTarget: Bool { self == .postcopy || self == .broken }
    }

    /// How far the memory is, in bytes.
    struct Memory: Decodable, Hashable, Sendable {
        let transferred: UInt64
        let remaining: UInt64
        /// How often it was asked what changed since the last time; the first pass is number 1.
        let passes: Int
        let megabitsPerSecond: Double
        /// What of it went after the guest had gone on at the target.
        let postcopied: UInt64?

        var bytesPerSecond: UInt64 {
            guard megabitsPerSecond.isFinite, megabitsPerSecond > 0 else { return 0 }
            return UInt64(min(megabitsPerSecond, 1e9) * 125_000)
        }

        enum CodingKeys: String, CodingKey {
            case transferred, remaining
            case passes = "dirty-sync-count"
            case megabitsPerSecond = "mbps"
            case postcopied = "postcopy-bytes"
        }
    }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        let status = try fields.decodeIfPresent(String.self, forKey: .status)
        phase = status.map { Phase(rawValue: $0) ?? .other } ?? .none
        memory = try fields.decodeIfPresent(Memory.self, forKey: .memory)
        complaint = try fields.decodeIfPresent(String.self, forKey: .complaint)
        downtime = try fields.decodeIfPresent(Int64.self, forKey: .downtime).map {
            .milliseconds(min(max(0, $0), 1 << 40))
        }
    }

    /// Whether the guest ran at the target before all of its memory was sent.
    var wentPartly: Bool {
        phase.isAtTarget || phase == .completed && (memory?.postcopied ?? 0) > 0
    }

    enum CodingKeys: String, CodingKey {
        case status
        case memory = "ram"
        case complaint = "error-desc"
        case downtime
    }
}

/// A job of QEMU's block layer.
/// - Source: QEMU, qapi/job.json, JobInfo.
struct BlockJob: Decodable, Hashable, Sendable {
    let id: String
    let status: String
    let done: UInt64
    let total: UInt64
    let complaint: String?

    /// Both disks were equal once, and each write goes to both since.
    var isReady: Bool { status == "ready" || status == "standby" }
    var hasEnded: Bool { status == "concluded" }
    var remaining: UInt64 { total > done ? total - done : 0 }

    enum CodingKeys: String, CodingKey {
        case id, status
        case done = "current-progress"
        case total = "total-progress"
        case complaint = "error"
    }
}

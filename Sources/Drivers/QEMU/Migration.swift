import ClusterModel
import HostIO
import Ports

/// A conversation with one VM's QEMU about its move.
struct Migration: Sendable {
    let session: QMPSession
    let instance: InstanceID

    /// What is made in QEMU for a move; a QEMU has one move at a time.
    enum Name {
        static let credentials = "move"
        static let identity = "move-identity"
        /// Start of the names of everything that belongs to a disk.
        static let disk = "move-"
    }

    /// Bytes a second that no network has: QEMU sends as fast as it can.
    static let unlimited: Int64 = 1 << 40
    /// One byte in each of QEMU's tenths of a second: it sends nothing more.
    static let trickle: Int64 = 10

    private struct Nothing: Decodable, Sendable {}
    private struct Guest: Decodable, Sendable { let status: String }
    private struct Node: Decodable, Sendable {
        let name: String?
        enum CodingKeys: String, CodingKey { case name = "node-name" }
    }
    private struct Rate: Decodable, Sendable {
        let status: String
        /// MiB a second.
        let rate: Int64?
        enum CodingKeys: String, CodingKey {
            case status
            case rate = "dirty-rate"
        }
    }

    func order(
        _ command: String, _ arguments: QMPValue = [:], to doing: String
    ) async throws(DriverFailure) {
        _ = try await ask(command, arguments, for: Nothing.self, to: doing)
    }

    func ask<Answer: Decodable & Sendable>(
        _ command: String, _ arguments: QMPValue = [:], for: Answer.Type, to doing: String
    ) async throws(DriverFailure) -> Answer {
        do throws(QMPFailure) {
            return try await session.execute(
                command, arguments: arguments, returning: Answer.self)
        } catch {
            throw DriverFailure(vm: error, doing: "\(doing) of \(instance)")
        }
    }

    func status() async throws(DriverFailure) -> MigrationStatus {
        try await ask("query-migrate", for: MigrationStatus.self, to: "tell the move")
    }

    /// What the guest does, in QEMU's words, such as `running` and `inmigrate`.
    func guestState() async throws(DriverFailure) -> String {
        try await ask("query-status", for: Guest.self, to: "tell the state").status
    }

    /// Names of all disks QEMU has open.
    func nodes() async throws(DriverFailure) -> [String] {
        try await ask(
            "query-named-block-nodes", ["flat": true], for: [Node].self, to: "list the disks"
        ).compactMap(\.name)
    }

    /// The jobs that copy disks for a move.
    func mirrors() async throws(DriverFailure) -> [BlockJob] {
        try await ask("query-jobs", for: [BlockJob].self, to: "list the jobs")
            .filter { $0.id.hasPrefix(Name.disk) }
    }

    /// Has QEMU watch for a moment how fast the guest changes its memory.
    ///
    /// It hashes a sample of pages twice; a guest it cannot do that with is moved all the same. QEMU before 8.2 knows
    /// whole seconds alone, and a short move waits for that.
    func measureChanges(samples: Int64) async {
        if let isShort = try? await measure(.short, samples: samples), isShort { return }
        _ = try? await measure(.long, samples: samples)
    }

    /// What came of `measureChanges`, in bytes a second and rounded up; `nil` as long as it is not
    /// known.
    func changes() async throws(DriverFailure) -> UInt64? {
        let answer = try await ask("query-dirty-rate", for: Rate.self, to: "tell the changes")
        guard answer.status == "measured", let rate = answer.rate, rate >= 0 else { return nil }
        return (UInt64(rate) + 1) << 20
    }

    /// How long changes are watched for.
    enum Window: Sendable {
        case short
        case long

        var duration: Duration {
            switch self {
            case .short: .milliseconds(100)
            case .long: .seconds(1)
            }
        }
    }

    /// Where a measurement is: without a rate it has not ended.
    struct Measured: Sendable { let rate: BytesPerSecond? }

    /// Begins to watch what changes, in so many pages of each GiB; false where QEMU cannot watch so short.
    func measure(_ window: Window, samples: Int64) async throws(DriverFailure) -> Bool {
        switch window {
        case .short:
            let arguments: QMPValue = [
                "calc-time": .number(window.duration.milliseconds),
                "calc-time-unit": "millisecond", "sample-pages": .number(samples),
            ]
            do throws(DriverFailure) {
                try await order("calc-dirty-rate", arguments, to: "measure the memory")
            } catch {
                guard error.code == .refused else { throw error }
                return false
            }
        case .long:
            try await order(
                "calc-dirty-rate", ["calc-time": 1, "sample-pages": .number(samples)],
                to: "measure the memory")
        }
        return true
    }

    /// What came of `measure`; rounded as QEMU rounds it, to a MiB a second.
    func measured() async throws(DriverFailure) -> Measured {
        let answer = try await ask("query-dirty-rate", for: Rate.self, to: "tell the changes")
        guard answer.status == "measured", let rate = answer.rate, rate >= 0 else {
            return Measured(rate: nil)
        }
        return Measured(rate: BytesPerSecond(UInt64(rate) << 20))
    }

    /// Turns abilities of a migration on and off; those not named stay as they are.
    func use(_ capabilities: KeyValuePairs<String, Bool>) async throws(DriverFailure) {
        try await order(
            "migrate-set-capabilities",
            [
                "capabilities": .list(
                    capabilities.map {
                        ["capability": .text($0.key), "state": .flag($0.value)]
                    })
            ], to: "prepare the move")
    }

    /// Has the memory go over so many streams, or by post-copy where it does not converge; both ends have to be told the same, the
    /// target before it listens.
    ///
    /// In one word: QEMU takes either, and judges what it is told with what an earlier move left.
    func arrangePassage(_ streams: Int, takesPostcopy: Bool) async throws(DriverFailure) {
        try await use(["multifd": streams > 1, "postcopy-ram": takesPostcopy])
        guard streams > 1 else { return }
        try await order(
            "migrate-set-parameters", ["multifd-channels": .number(Int64(streams))],
            to: "prepare the move")
    }

    private struct Settings: Decodable, Sendable {
        let streams: Int
        enum CodingKeys: String, CodingKey { case streams = "multifd-channels" }
    }
    private struct Ability: Decodable, Sendable {
        let capability: String
        let state: Bool
    }

    /// Whether the guest may run at the target before all of its memory is there.
    func takesPostcopy() async throws(DriverFailure) -> Bool { try await uses("postcopy-ram") }

    private func uses(_ ability: String) async throws(DriverFailure) -> Bool {
        try await ask(
            "query-migrate-capabilities", for: [Ability].self, to: "tell the move's abilities"
        ).contains { $0.capability == ability && $0.state }
    }

    /// Over how many streams the memory goes.
    func streams() async throws(DriverFailure) -> Int {
        guard try await uses("multifd") else { return 1 }
        return try await ask(
            "query-migrate-parameters", for: Settings.self, to: "tell the move's settings"
        ).streams
    }

    /// Asks `condition` now and whenever QEMU tells something; false when it does not come to hold
    /// within `limit` or before the task is cancelled.
    func holds(
        within limit: Duration, _ condition: () async throws(DriverFailure) -> Bool
    ) async throws(DriverFailure) -> Bool {
        let deadline = ContinuousClock.now + limit
        while true {
            let heard = session.heard
            if try await condition() { return true }
            guard ContinuousClock.now < deadline, !Task.isCancelled else { return false }
            // Some states change without an event.
            await session.news(after: heard, within: .milliseconds(20))
        }
    }

    /// Has QEMU prove itself with the files in `directory`; earlier ones were taken back, see `withdraw`.
    func present(
        _ directory: String, as end: QEMUCredentials.End
    ) async throws(DriverFailure) {
        try await order(
            "object-add",
            [
                "qom-type": "tls-creds-x509", "id": .text(Name.credentials),
                "dir": .text(directory), "endpoint": .text(end.rawValue), "verify-peer": true,
            ], to: "read the move's key")
    }

    /// Takes back what `present` made and every setting of a move; what is not there is no matter.
    func withdraw() async {
        try? await order(
            "migrate-set-parameters",
            ["tls-creds": "", "tls-hostname": "", "tls-authz": ""], to: "forget the move's key")
        for name in [Name.credentials, Name.identity] {
            try? await order("object-del", ["id": .text(name)], to: "forget the move's key")
        }
    }
}

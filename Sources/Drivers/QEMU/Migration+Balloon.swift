import ClusterModel
import Ports

extension Migration {
    private struct Actual: Decodable, Sendable { let actual: UInt64 }
    private struct Summary: Decodable, Sendable {
        let base: UInt64
        enum CodingKeys: String, CodingKey { case base = "base-memory" }
    }

    /// The balloon among QEMU's devices.
    private static let balloon = "/machine/peripheral/" + QEMUCommandLine.balloonName

    /// What the guest has of its memory, without what is in the balloon.
    func size() async throws(DriverFailure) -> Bytes {
        Bytes(try await ask("query-balloon", for: Actual.self, to: "tell the balloon").actual)
    }

    /// What the guest was started with.
    private func fullSize() async throws(DriverFailure) -> Bytes {
        Bytes(
            try await ask(
                "query-memory-size-summary", for: Summary.self, to: "tell the memory"
            ).base)
    }

    /// Asks the guest to keep so much; it does when it comes to it.
    func keep(_ size: Bytes) async throws(DriverFailure) {
        try await order(
            "balloon", ["value": .number(Int64(clamping: max(1, size.count)))],
            to: "set the balloon")
    }

    /// Lets the guest have all of its memory; true where it has it already.
    @discardableResult
    func deflate() async throws(DriverFailure) -> Bool {
        // A copy that was cut off may have left it.
        try await pollGuest(every: 0)
        let full = try await fullSize()
        let isFull = try await size() >= full
        // Also where it is: it may have been asked for some and not have come to it.
        try await keep(full)
        return isFull
    }

    func guestMemory() async throws(DriverFailure) -> GuestMemory {
        try await ask(
            "qom-get", ["path": .text(Self.balloon), "property": "guest-stats"],
            for: GuestMemory.self, to: "tell the guest's memory")
    }

    /// Has QEMU ask the guest for its figures now and every `seconds`; zero is never again.
    func pollGuest(every seconds: Int64) async throws(DriverFailure) {
        try await order(
            "qom-set",
            [
                "path": .text(Self.balloon), "property": "guest-stats-polling-interval",
                "value": .number(seconds),
            ], to: "ask the guest for its memory")
    }
}

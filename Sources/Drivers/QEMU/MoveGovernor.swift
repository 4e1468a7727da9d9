import ClusterModel
import Ports

/// Keeps what a move sends at what it may: asked at each look, and told to QEMU where it changed.
struct MoveGovernor {
    private let ceiling: @Sendable () -> BytesPerSecond?
    private let streams: Int
    private let clock = ContinuousClock()
    private let begun: ContinuousClock.Instant
    private var pace = MovePace()
    /// What each job was told.
    private var disks: [String: Int64] = [:]
    private var memory: Int64?

    /// - Parameter streams: over how many the memory goes.
    init(_ ceiling: @escaping @Sendable () -> BytesPerSecond?, streams: Int) {
        self.ceiling = ceiling
        self.streams = streams
        begun = clock.now
    }

    /// Bytes a second with which each of `count` disks begins; zero is no limit.
    func first(among count: Int) -> Int64 {
        ceiling().map { Int64(clamping: max(1, $0.count / UInt64(max(1, count)))) } ?? 0
    }

    /// - Parameters:
    ///   - withMemory: the memory is on its way too.
    ///   - isHeld: of it nothing is to be sent now, so that the disks have all.
    mutating func govern(
        _ migration: Migration, _ mirrors: [BlockJob], withMemory: Bool, isHeld: Bool = false
    ) async throws(DriverFailure) {
        let load = load(mirrors, withMemory, isHeld)
        let division = ceiling().map { pace.divide($0, among: load, at: clock.now - begun) }
        try await limitDisks(mirrors, division, migration)
        guard withMemory else { return }
        let free = division.map { MovePace.told($0.memory, over: streams) } ?? Migration.unlimited
        let rate = isHeld ? Migration.trickle : free
        guard rate != memory else { return }
        try await migration.limit(to: rate)
        memory = rate
    }

    private func load(_ mirrors: [BlockJob], _ withMemory: Bool, _ isHeld: Bool) -> MovePace.Load {
        guard !mirrors.isEmpty else { return .memory }
        guard withMemory, !isHeld else { return .disks }
        return .both(sent: mirrors.reduce(0) { $0 &+ $1.done })
    }

    /// Those that are not through share evenly.
    private mutating func limitDisks(
        _ mirrors: [BlockJob], _ division: MovePace.Division?, _ migration: Migration
    ) async throws(DriverFailure) {
        let open = mirrors.filter { !$0.isReady && !$0.hasEnded }
        let rate =
            division.map { Int64(clamping: max(1, $0.disks / UInt64(max(1, open.count)))) } ?? 0
        for mirror in mirrors where !mirror.hasEnded && disks[mirror.id] != rate {
            try await migration.limit(mirror, to: rate)
            disks[mirror.id] = rate
        }
    }
}

extension Migration {
    /// Sends that many bytes a second of the memory at most.
    func limit(to rate: Int64) async throws(DriverFailure) {
        try await order(
            "migrate-set-parameters", ["max-bandwidth": .number(rate)], to: "pace the move")
    }

    /// Copies that many bytes a second of the disk at most; zero is no limit.
    func limit(_ mirror: BlockJob, to rate: Int64) async throws(DriverFailure) {
        try await order(
            "block-job-set-speed", ["device": .text(mirror.id), "speed": .number(rate)],
            to: "pace the copy of a disk")
    }
}

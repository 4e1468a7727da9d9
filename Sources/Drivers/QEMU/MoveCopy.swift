import ClusterModel
import HostIO
import Ports

/// The long part of a move at its source: from the first byte until little enough is left.
struct MoveCopy {
    let migration: Migration
    let endpoint: MoveEndpoint
    let name: String
    let isInterrupted: @Sendable () -> Bool
    let clock = ContinuousClock()
    private var convergence: Convergence
    private var meter = MoveMeter()
    private var speed = MoveSpeed()
    var governor: MoveGovernor
    private var isHeld = false
    /// Since the memory began to go over.
    private var took = Duration.zero
    private var ballooned: MoveMeasure.Ballooned?
    /// Bytes a second that the guest changes, once that is known.
    private var changes: UInt64?
    /// Whether no disk goes along, once that is known: of those there are none, nothing has to be asked again and again.
    private var isWithoutDisks = false

    /// Between two looks where the end is far, and where it is near.
    static let pace = (far: Duration.milliseconds(50), near: Duration.milliseconds(10))

    init(
        _ migration: Migration, to endpoint: MoveEndpoint, name: String,
        within ladder: DowntimeLadder,
        governor: MoveGovernor, isInterrupted: @escaping @Sendable () -> Bool
    ) {
        self.migration = migration
        self.endpoint = endpoint
        self.name = name
        self.governor = governor
        self.isInterrupted = isInterrupted
        convergence = Convergence(
            ladder, streams: endpoint.streams, takesPostcopy: endpoint.takesPostcopy)
    }

    /// What it came to so far.
    var result: OpenCopies.Result {
        OpenCopies.Result(
            rung: convergence.rung,
            ambition: Approach.ambition(burst: speed.burst, rate: convergence.rate), took: took)
    }

    /// What of the guest's memory would have to be sent; `nil` where nobody knows.
    typealias Held = @Sendable () async -> Bytes?

    /// Copies the disks until both sides are equal, then begins with the memory.
    ///
    /// - Parameters:
    ///   - samples: pages of each GiB to compare, so that it is known what the guest changes.
    ///   - held: what there is of the memory, of which the guest is to give up what it does not use; `nil` where it is not
    ///     to be asked.
    mutating func begin(
        samples: Int64, asking held: Held?, _ report: (MoveProgress) async -> Void
    ) async throws(DriverFailure) {
        let own = try await migration.ownDisks()
        try await migration.mirror(
            own, to: endpoint, name: name, rate: governor.first(among: own.count))
        while true {
            let heard = migration.session.heard
            let disks = try await soundMirrors()
            if disks.allSatisfy(\.isReady) { break }
            try await governor.govern(migration, disks, withMemory: false)
            if let progress = meter.read(nil, disks: disks, at: clock.now) {
                await report(progress)
            }
            await migration.session.news(after: heard, within: Self.pace.far)
        }
        // As late as can be, and before the changes are measured: pages that it gives up differ afterwards.
        if let held { ballooned = try await inflate(held: held) }
        await migration.measureChanges(samples: samples)
        try await governor.govern(migration, try await soundMirrors(), withMemory: true)
        try await migration.order(
            "migrate",
            ["uri": .text("tcp:\(endpoint.address):\(endpoint.memoryPort)")],
            to: "send the memory")
    }

    /// Watches the memory go over; returns when the switch-over may be ordered, with how fast it went.
    mutating func finish(
        _ report: (MoveProgress) async -> Void
    ) async throws(DriverFailure) -> MoveMeasure {
        let begun = clock.now
        while true {
            let heard = migration.session.heard
            let disks = try await soundMirrors()
            let status = try await migration.status()
            took = clock.now - begun
            if let progress = meter.read(status.memory, disks: disks, at: clock.now) {
                await report(progress)
            }
            var pace = Self.pace.far
            switch status.phase {
            case .setup, .other: break
            case .active:
                guard let memory = status.memory else { break }
                speed.note(memory.transferred, at: clock.now)
                if changes == nil { changes = try await migration.changes() }
                let now = Convergence.Observation(
                    memory: memory, disks: disks.reduce(0) { $0 + $1.remaining },
                    changes: changes, elapsed: clock.now - begun)
                let advice = convergence.advise(now)
                // What comes after a hold is no measure of the way.
                if advice != .goOn { speed.close() }
                if follow(advice) {
                    isHeld = true
                    try await governor.govern(migration, disks, withMemory: true, isHeld: true)
                    return measure
                }
                try await governor.govern(migration, disks, withMemory: true, isHeld: isHeld)
                if convergence.isNear { pace = Self.pace.near }
            // The guest stands still already: the sooner the switch-over comes the better.
            case .preSwitchover, .device, .handing, .postcopy, .completed: return measure
            case .none, .broken, .failed, .cancelling, .cancelled:
                throw DriverFailure(
                    .refused, "the move of \(migration.instance) failed",
                    cause: status.complaint ?? "QEMU gives no reason")
            }
            await migration.session.news(after: heard, within: pace)
        }
    }

    private var measure: MoveMeasure {
        MoveMeasure(ballooned: ballooned, streams: endpoint.streams)
            .completed(by: speed.measure)
    }

    /// Does what was advised; true when the copy is done.
    private mutating func follow(_ advice: Convergence.Advice) -> Bool {
        switch advice {
        case .goOn: return false
        case .hold: isHeld = true
        case .release: isHeld = false
        case .enough: return true
        }
        return false
    }

    mutating func soundMirrors() async throws(DriverFailure) -> [BlockJob] {
        guard !Task.isCancelled, !isInterrupted() else {
            throw DriverFailure(
                .unavailable, "the copy of \(migration.instance) was cancelled")
        }
        guard !isWithoutDisks else { return [] }
        let mirrors = try await migration.mirrors()
        isWithoutDisks = mirrors.isEmpty
        try migration.requireSound(mirrors)
        guard !mirrors.contains(where: \.hasEnded) else {
            throw DriverFailure(.refused, "the copy of a disk of \(migration.instance) ended")
        }
        return mirrors
    }
}

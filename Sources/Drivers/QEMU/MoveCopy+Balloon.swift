import ClusterModel
import HostIO
import Ports

extension MoveCopy {
    /// Has the guest give up what it does not use, before any of its memory is sent, and tells what came of it.
    ///
    /// A guest that has no driver for that, or does not answer, is moved as it is; it costs `silence`.
    ///
    /// - Parameter held: asked when it matters.
    mutating func inflate(
        held: Held
    ) async throws(DriverFailure) -> MoveMeasure.Ballooned? {
        do throws(DriverFailure) {
            let begun = clock.now
            guard let available = try await available() else { return nil }
            let size = try await migration.size()
            let balloon = Balloon(size: size, available: available, inhabited: await held())
            guard let kept = balloon.kept else { return nil }
            try await migration.keep(kept)
            let left = try await awaitBalloon(from: size, to: kept)
            // What it could not give yet it is to keep: nothing presses it while it is copied.
            if left > kept { try await migration.keep(left) }
            guard let given = size.subtracting(left), given > .zero else { return nil }
            return MoveMeasure.Ballooned(bytes: given, duration: clock.now - begun)
        } catch {
            // QEMU's own words for a balloon that does not work.
            guard error.code == .refused else { throw error }
            // Unless they are those of a disk, which come again.
            _ = try await soundMirrors()
            _ = try? await migration.deflate()
            return nil
        }
    }

    /// How long a guest may take to say what it has: a second is what QEMU tells the time of an answer in.
    static let silence = Duration.milliseconds(1_500)

    /// What the guest says that it can do without; `nil` where it says nothing.
    private mutating func available() async throws(DriverFailure) -> Bytes? {
        let before = try await migration.guestMemory().toldAt
        try await migration.pollGuest(every: 1)
        let deadline = clock.now + Self.silence
        var told = try await migration.guestMemory()
        while told.toldAt == before, clock.now < deadline {
            try await look()
            told = try await migration.guestMemory()
        }
        try await migration.pollGuest(every: 0)
        return told.toldAt == before ? nil : told.available
    }

    /// Waits for as long as that is worth, and tells what the guest has then.
    private mutating func awaitBalloon(
        from size: Bytes, to kept: Bytes
    ) async throws(DriverFailure) -> Bytes {
        var inflation = Inflation(from: size, to: kept)
        let begun = clock.now
        while true {
            let now = try await migration.size()
            if inflation.isOver(now, at: clock.now - begun) { return now }
            try await look()
        }
    }

    /// A moment in which the disks go on, and in which the copy may be given up.
    private mutating func look() async throws(DriverFailure) {
        let heard = migration.session.heard
        let disks = try await soundMirrors()
        try await governor.govern(migration, disks, withMemory: false)
        await migration.session.news(after: heard, within: Self.pace.near)
    }
}

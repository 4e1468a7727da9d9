import ClusterModel
import HostIO
import Ports

/// Guests that run here before all of their memory is there.
extension QEMUDriver {
    /// What a QEMU says of such a guest.
    private enum Sight {
        case notHere
        /// It runs, and the rest of its memory is on its way.
        case coming
        case whole
        /// The rest will not come.
        case lost
        /// QEMU does not answer: a device of the guest waits for a page, or something else keeps it busy.
        case deaf
    }

    /// What came of waiting for one.
    private enum Wait {
        case whole
        /// It has ended by itself.
        case ended
        case lost
        case notHere
    }

    /// Makes such a guest one like any other: once all of its memory is there, or as one that has ended where that will not
    /// come.
    func confirm(
        _ record: VMRecord, _ directory: VMDirectory, _ note: PostcopyNote, from source: MoveSource
    ) async throws(DriverFailure) -> StreamArrival {
        var note = note
        while true {
            switch try await wait(for: directory, &note, from: source) {
            case .whole:
                try await converse(with: directory) { (migration) async in
                    try? await migration.makeRun()
                    await deflate(record, migration)
                    await migration.close()
                }
                return StreamArrival(try await welcome(record, directory))
            case .ended: return StreamArrival(try await welcome(record, directory))
            case .lost:
                try note.reach(.lost, in: directory)
                // Nothing else ends it: it waits for a page that does not come.
                if let handle = handle(of: directory) {
                    handle.signal(.kill)
                    try await waitForEnd(handle, directory)
                }
                return StreamArrival(try await welcome(record, directory), isLost: true)
            case .notHere:
                guard try await hasCome(directory) else {
                    throw DriverFailure(.refused, "\(directory.instance) did not arrive here")
                }
            }
        }
    }

    /// Waits until it is known what becomes of the guest.
    ///
    /// For as long as its memory comes where its source has let go of it, for nobody else has anything of it. Else whoever asks is
    /// to know after a while how it is.
    private func wait(
        for directory: VMDirectory, _ note: inout PostcopyNote, from source: MoveSource
    ) async throws(DriverFailure) -> Wait {
        let begun = ContinuousClock.now
        var deafSince: ContinuousClock.Instant?
        while true {
            guard let process = directory.process.identity?.process, handle(of: directory) != nil
            else {
                if note.stage == .whole { return .ended }
                if source.hasLetGo || note.stage != .awaited {
                    // Its guest may have switched itself off, all of its memory there or not.
                    let hasEndedWell = await exitCode(directory) == 0 && note.stage != .lost
                    return hasEndedWell ? .ended : .lost
                }
                throw DriverFailure(
                    .refused, "\(directory.instance) did not arrive: its QEMU has ended",
                    cause: VMLog(directory).lastComplaint())
            }
            let sight = await look(at: directory)
            if note.stage == .lost { return .lost }
            if sight != .deaf { deafSince = nil }
            let waited = ContinuousClock.now - begun
            switch sight {
            case .whole:
                try note.reach(.whole, in: directory)
                return .whole
            case .lost:
                try note.reach(.here, in: directory)
                return .lost
            case .coming:
                try note.reach(.here, in: directory)
                // What is on its way yet still comes.
                if source.isGone, waited > Self.deafness { return .lost }
            case .notHere:
                guard waited > Self.longestLanding else { break }
                if !source.hasLetGo { return .notHere }
                if source.isGone { return .lost }
            case .deaf:
                let since =
                    waitsInVain(note, process, source) ? deafSince ?? ContinuousClock.now : nil
                deafSince = since
                if let since, ContinuousClock.now - since > Self.deafness { return .lost }
            }
            guard waited < Self.longestRest || sight == .coming && source.hasLetGo else {
                throw DriverFailure(
                    .unavailable,
                    sight == .deaf
                        ? "the QEMU of \(directory.instance) does not answer"
                        : "the memory of \(directory.instance) is still on its way")
            }
            do { try await Task.sleep(for: .milliseconds(100)) } catch {
                throw DriverFailure(
                    .unavailable, "waiting for \(directory.instance) was cancelled")
            }
        }
    }

    /// Whether a QEMU that does not answer has a thread that waits for a page, and nobody to ask for it: then it never will.
    ///
    /// One that has all of the memory waits for none, whatever else keeps it busy.
    private func waitsInVain(
        _ note: PostcopyNote, _ process: Int32, _ source: MoveSource
    ) -> Bool {
        guard note.stage != .whole, source.hasLetGo || source.isGone || note.stage == .here else {
            return false
        }
        // Where the kernel keeps it to itself only a source that is gone is enough.
        guard ThreadWait.isAny(of: process, in: "userfault") ?? source.isGone else { return false }
        return source.isGone
            || !(ConnectionTable.isEstablished(at: note.port, of: process) ?? true)
    }

    private func look(at directory: VMDirectory) async -> Sight {
        let sight = try? await converse(with: directory) {
            (migration) async throws(DriverFailure) -> Sight in
            let phase = try await migration.status().phase
            if phase == .broken { return .lost }
            let state = try await migration.guestState()
            guard state != "inmigrate" else { return .notHere }
            if phase == .postcopy {
                // It was kept from starting by itself, and came after all.
                if state == "paused" { try? await migration.order("cont", to: "go on") }
                return .coming
            }
            // By pre-copy after all, or by the end of post-copy; it tells so a moment after it runs.
            return phase == .completed || phase == .none ? .whole : .coming
        }
        return sight ?? .deaf
    }

    /// As long as a QEMU takes at most to let a guest run whose state has come.
    private static let longestLanding = Duration.seconds(10)
    /// How long a QEMU may be busy with something else once its connection has ended.
    private static let deafness = Duration.seconds(30)
    /// The coordinator waits 120 s.
    private static let longestRest = Duration.seconds(90)
}

import ClusterModel
import HostIO
import Ports
import Synchronization

extension QEMUDriver {
    /// Lets a guest that may have been asked for memory have all of it again; what QEMU does not do now `instances` does.
    func deflate(_ record: VMRecord, _ migration: Migration) async {
        guard record.hasBalloon else { return }
        deflated.forget(record.instanceID)
        _ = try? await migration.deflate()
    }

    /// The same for a VM that this driver knows nothing of, because another had it before, or of which it does not know how
    /// a move of it ended: no crash leaves a guest small.
    ///
    /// Asked once: a guest that has its memory is asked for some by nobody but a copy. Not while one is under way.
    ///
    /// - Returns: false where QEMU did not answer in time: whoever lists many waits for one such, not for each.
    func ensureDeflated(_ record: VMRecord, _ directory: VMDirectory) async -> Bool {
        let instance = record.instanceID
        guard record.hasBalloon, !deflated.knows(instance) else { return true }
        let begun = ContinuousClock.now
        let late = DriverFailure(.unavailable, "QEMU does not answer")
        let isDeflated = try? await withDeadline(Self.listingPatience, late: late) {
            () async throws(DriverFailure) -> Bool? in
            try await turns.holdingIfFree(instance) { () async throws(DriverFailure) in
                try await converse(with: directory) { (migration) async throws(DriverFailure) in
                    guard try await migration.status().phase.isOver,
                        try await migration.guestState() == "running"
                    else { return false }
                    return try await migration.deflate()
                }
            }
        }
        if isDeflated == true { deflated.note(instance) }
        return ContinuousClock.now - begun < Self.listingPatience
    }

    /// Whoever lists the instances waits this long for a QEMU that does not answer.
    static let listingPatience = Duration.seconds(1)
}

/// VMs of which it is known that they have all of their memory; forgotten with the agent, which then asks each anew.
final class DeflatedBalloons: Sendable {
    private let known = Mutex<Set<InstanceID>>([])

    func knows(_ instance: InstanceID) -> Bool { known.withLock { $0.contains(instance) } }

    func note(_ instance: InstanceID) { known.withLock { _ = $0.insert(instance) } }

    func forget(_ instance: InstanceID) { known.withLock { _ = $0.remove(instance) } }

    /// Forgets those that are not among `instances`.
    func keep(_ instances: some Sequence<InstanceID>) {
        known.withLock { $0.formIntersection(instances) }
    }
}

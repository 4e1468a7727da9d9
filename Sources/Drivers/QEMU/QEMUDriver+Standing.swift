import ClusterModel
import HostIO
import Ports
import Synchronization

extension QEMUDriver {
    /// Has a guest go on that was stopped at the end of its copy and whose switch-over nobody orders.
    ///
    /// QEMU stops it as soon as there is little enough to send, and no hold keeps it from that for ever. Who was to order the
    /// switch-over may be away; the move is undone here, and who comes back with the order is told.
    ///
    /// - Returns: false where QEMU did not answer in time.
    func ensureAwake(_ record: VMRecord, _ directory: VMDirectory) async -> Bool {
        let instance = record.instanceID
        guard HostFile.exists(directory.destination) else {
            // What was seen belongs to one move.
            standing.forget(instance)
            return true
        }
        let begun = ContinuousClock.now
        let late = DriverFailure(.unavailable, "QEMU does not answer")
        let stands = try? await withDeadline(Self.listingPatience, late: late) {
            () async throws(DriverFailure) -> Bool? in
            try await turns.holdingIfFree(instance) { () async throws(DriverFailure) in
                try await converse(with: directory) { (migration) async throws(DriverFailure) in
                    try await migration.status().phase == .preSwitchover
                }
            }
        }
        if standing.isEnough(stands ?? false, of: instance, at: begun) {
            _ = try? await turns.holdingIfFree(instance) { () async in
                await abandon(record, directory)
            }
        }
        return stands != nil || ContinuousClock.now - begun < Self.listingPatience
    }
}

/// Guests that were seen to stand still at the end of a copy, and since when.
final class StandingGuests: Sendable {
    private let since = Mutex<[InstanceID: ContinuousClock.Instant]>([:])

    /// For longer than any order takes from a coordinator that is there.
    static let longest = Duration.seconds(10)

    func forget(_ instance: InstanceID) { since.withLock { $0[instance] = nil } }

    /// Notes whether a guest stands still, and tells whether it has for too long.
    func isEnough(
        _ stands: Bool, of instance: InstanceID, at now: ContinuousClock.Instant
    ) -> Bool {
        since.withLock { since in
            guard stands else {
                since[instance] = nil
                return false
            }
            let first = since[instance] ?? now
            since[instance] = first
            guard now - first >= Self.longest else { return false }
            since[instance] = nil
            return true
        }
    }
}

import HostIO
import Testing

@testable import Drivers

extension MoveTests {
    /// Moves guests that fork much. Where there is no KVM, QEMU's translator may lose a change of such a guest's memory (see
    /// Drivers.md), and then it hangs at the target: of three moves one has to go through. With KVM the first has to.
    func onceOfThree(_ body: @escaping @Sendable (MoveBench) async throws -> Void) async throws {
        // There may be a device that cannot be used.
        let isAccelerated = await bench.source.shared.kvmRefusal() == nil
        let attempts = isAccelerated ? 1 : 3
        for attempt in 1...attempts {
            do {
                let bench = bench
                let late: any Error = GuestHangs()
                try await withDeadline(.seconds(50), late: late) { try await body(bench) }
                return
            } catch is GuestHangs where attempt < attempts {
                print("attempt \(attempt): the guest does not go on at its target")
            }
        }
    }
}

/// The guest says nothing more; every other failure is one.
private struct GuestHangs: Error {}

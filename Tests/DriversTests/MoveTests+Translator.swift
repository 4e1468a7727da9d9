import Drivers
import HostIO
import Ports
import Testing

extension MoveTests {
    /// Moves guests that fork much. Where there is no KVM, QEMU's translator may lose a change of such a guest's memory (see
    /// Drivers.md), and then it hangs at the target: of three moves one has to go through. With KVM the first has to.
    func onceOfThree(_ body: @escaping @Sendable (MoveBench) async throws -> Void) async throws {
        let attempts = HostFile.exists("/dev/kvm") ? 1 : 3
        for attempt in 1...attempts {
            do {
                let bench = bench
                let late: any Error = DriverFailure(
                    .unavailable, "the guest does not go on at its target")
                try await withDeadline(.seconds(50), late: late) { try await body(bench) }
                return
            } catch  where attempt < attempts {
                print("attempt \(attempt): \(error)")
            }
        }
    }
}

import Ports
import Synchronization

/// The trial of this host's acceleration, made when first asked for and then known.
final class Trial: Sendable {
    private let turns = Turns<String>()
    private let known = Mutex<Result?>(nil)

    private struct Result { let refusal: String? }

    func refusal(of probe: KVMProbe) async -> String? {
        do throws(DriverFailure) {
            return try await turns.holding("kvm") { () async throws(DriverFailure) -> String? in
                if let result = known.withLock({ $0 }) { return result.refusal }
                let refusal = await probe.refusal()
                // A trial that was cancelled says nothing about the host.
                if !Task.isCancelled { known.withLock { $0 = Result(refusal: refusal) } }
                return refusal
            }
        } catch {
            return "the trial was cancelled"
        }
    }
}

import ClusterModel
import ControlCore
import HostIO

/// Switches hosts through a program of the operator's: `PROGRAM sleep HOST` and `PROGRAM wake HOST`.
///
/// It knows what no agent can: how a host is reached that is off. An exit of zero says that it is done.
struct PowerSwitch: Sendable {
    private let program: String

    init(program: String) { self.program = program }

    /// What went wrong; `nil` when the program said that it is done.
    func carryOut(_ order: PowerOrder, of host: HostID) async -> String? {
        do throws(ProcessFailure) {
            let outcome = try await Tool.run(
                program, [order.rawValue, host.rawValue], within: CoordinatorLimits.powerPatience)
            guard !outcome.status.isSuccess else { return nil }
            let complaint = outcome.complaint.prefix(CoordinatorLimits.powerComplaint)
            let said = complaint.isEmpty ? "" : ": \(complaint)"
            return "\(program) ended with \(outcome.status.code)\(said)"
        } catch {
            return "\(error)"
        }
    }
}

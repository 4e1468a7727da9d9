import ClusterModel
import RPC
import Specs

/// Why a command ended without its result, in the three lines that a user reads.
package struct CommandFailure: Error, Hashable, Sendable {
    /// What did not happen.
    package let what: String
    /// Why not, one line for each cause.
    package let why: [String]
    /// What to do now.
    package let remedy: String
    package let status: ExitStatus

    package init(
        _ what: String, why: [String], remedy: String, status: ExitStatus = .failed
    ) {
        self.what = what
        self.why = why
        self.remedy = remedy
        self.status = status
    }

    package init(_ what: String, why: String, try remedy: String, _ status: ExitStatus = .failed) {
        self.init(what, why: [why], remedy: remedy, status: status)
    }

    /// A call that the coordinator refused or that never reached it.
    init(_ what: String, _ status: RPCStatus, remedy: String? = nil) {
        self.init(
            what, why: [status.message.isEmpty ? "the coordinator gave no reason" : status.message],
            remedy: remedy ?? Self.remedy(for: status.code), status: ExitStatus(status.code))
    }

    /// Files that cannot be used, with every problem in them.
    init(_ failure: SpecFailure, in what: String) {
        self.init(
            "nothing was \(what)", why: failure.problems.map(\.description),
            remedy: failure.problems.count == 1
                ? "correct the line and run the command again"
                : "correct the \(failure.problems.count) places and run the command again")
    }

    /// Every problem of the settings of a policy; `what` did not happen for them.
    init(_ failure: PolicyFailure, _ what: String) {
        let suggestions = failure.problems.compactMap(\.suggestion)
        self.init(
            what, why: failure.problems.map { "\($0.field): \($0.problem)" },
            remedy: suggestions.isEmpty
                ? "huddle policy show shows every key with its value"
                : suggestions.joined(separator: "; "))
    }

    /// Same failure with another exit code.
    package func ending(_ status: ExitStatus) -> CommandFailure {
        CommandFailure(what, why: why, remedy: remedy, status: status)
    }

    package func text(colour: Bool) -> String {
        var text = Tone.bad.applied(to: "error:", colour: colour) + " \(what)\n"
        for cause in why { text += "why: \(cause)\n" }
        return text + "try: \(remedy)\n"
    }

    private static func remedy(for code: RPCStatus.Code) -> String {
        switch code {
        case .notFound: "huddle get shows the workloads, huddle hosts the hosts"
        case .failedPrecondition, .aborted, .alreadyExists:
            "look with huddle get, huddle moves or huddle events, then run the command again"
        case .permissionDenied: "use a context of a role that may do this (--context)"
        case .unauthenticated:
            "get a new context file from the coordinator: its certificate is not accepted"
        case .unavailable:
            "see that the coordinator runs and that its address in the context is right"
        case .deadlineExceeded: "give it more time with --timeout, or look with huddle events"
        case .unimplemented: "huddle version shows both versions; use the same on both sides"
        case .invalidArgument, .outOfRange: "correct the value named above"
        case .resourceExhausted: "huddle events tells what is full"
        case .ok, .cancelled, .unknown, .internal, .dataLoss:
            "huddle events and the coordinator's log tell more"
        }
    }
}

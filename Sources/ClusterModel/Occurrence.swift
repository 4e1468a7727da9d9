/// Something that happened in the cluster and that an operator may want to know; `huddle events` lists them.
package struct Occurrence: Hashable, Sendable {
    package let at: Instant
    package let subject: Subject
    package let severity: Severity
    /// What happened, as a sentence without its subject.
    package let message: String

    package enum Subject: Hashable, Sendable {
        case cluster
        case host(HostID)
        case workload(WorkloadID)
        case instance(InstanceID)
        case plan(PlanID)
        case move(MoveID)
    }

    package enum Severity: String, Hashable, Sendable, CaseIterable {
        case notice
        case warning
        case failure
    }

    package init(at: Instant, subject: Subject, severity: Severity = .notice, message: String) {
        self.at = at
        self.subject = subject
        self.severity = severity
        self.message = message
    }
}

/// Why an instance cannot be on a host: the first failing rule, and by how much.
package enum Misfit: Error, Hashable, Sendable {
    case cpu(short: CPU)
    case memory(short: Bytes)
    case disk(short: Bytes)
    case network(short: BytesPerSecond)
    case scalar(name: String, short: UInt64)
    /// The host is not taking instances: lost, draining, not confirmed, in maintenance or asleep.
    case hostState(Host.State)
    /// The host has no working driver for this kind; the reason is the probe's.
    case driver(Workload.Kind, reason: String)
    /// The host's processor is of another architecture than the image or its source host.
    case architecture(needed: String, found: String)
    /// The host lacks a label that the spec needs.
    case need(Label)
    /// The host carries a label that the spec avoids.
    case avoid(Label)
    /// The host carries a taint that the spec does not tolerate.
    case taint(Label)
    /// An instance there must not share a host with this one.
    case apart(from: InstanceID)
    /// An instance that this one must share a host with is elsewhere.
    case together(with: InstanceID)
    /// Its failure domain already holds its share of this workload.
    case spread(domain: Label, over: Int)
    /// The spec accepts no move that these two hosts can make.
    case move(MoveRefusal)
    /// The instance moved too short a time ago.
    case resting(until: Instant)
    /// The room kept for the loss of a host would be gone.
    case reserve(short: Resources)
    /// It was moved there and did worse, so that it was moved back.
    case undone(until: Instant)
    /// It was stopped on that host to make room, and what it wrote is there.
    case files(on: HostID)
}

/// Why no accepted mode of moving is possible.
package enum MoveRefusal: Hashable, Sendable {
    /// None of the modes that the spec lists is possible between the two hosts.
    case notAllowed(allowed: [MoveMode], possible: [MoveMode])
    /// Its spec accepts a live move, and only CRIU is in its way: it was asked before, and would not.
    case unwritable(CheckpointRefusal)
    /// The instance is not running, so there is nothing to move.
    case notRunning
    /// Another move of this instance is under way.
    case underway
    /// The two hosts already take part in as many moves as the policy allows.
    case budget
}

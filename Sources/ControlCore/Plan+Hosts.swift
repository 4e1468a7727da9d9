package import ClusterModel

extension Plan {
    /// The hosts that the plan counts on.
    var hostsRead: Set<HostID> {
        Set(
            reads.compactMap { read in
                guard case .host(let host) = read.subject else { return nil }
                return host
            }
        ).union(steps.flatMap(\.hosts))
    }
}

extension Step {
    /// The hosts this step is about.
    var hosts: [HostID] {
        switch action {
        case .start(_, let host), .stop(_, let host): [host]
        case .move(_, let source, let target, _): [source, target]
        }
    }

    /// The instance this step is about.
    package var instance: InstanceID {
        switch action {
        case .start(let instance, _), .move(let instance, _, _, _), .stop(let instance, _): instance
        }
    }
}

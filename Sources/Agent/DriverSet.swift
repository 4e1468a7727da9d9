import ClusterModel
import Ports

/// The drivers of this host, by kind; what it lacks is known with its reason.
struct DriverSet: Sendable {
    private let containers: (any WorkloadDriver)?
    private let machines: (any WorkloadDriver)?

    init(containers: (any WorkloadDriver)?, machines: (any WorkloadDriver)?) {
        self.containers = containers
        self.machines = machines
    }

    var all: [any WorkloadDriver] { [containers, machines].compactMap { $0 } }

    subscript(kind: Workload.Kind) -> (any WorkloadDriver)? {
        switch kind {
        case .container: containers
        case .vm: machines
        }
    }

    /// The driver of `kind`, or why there is none.
    func driver(of kind: Workload.Kind) throws(DriverFailure) -> any WorkloadDriver {
        guard let driver = self[kind] else {
            throw DriverFailure(.unsupported, "this host has no driver for a \(kind.rawValue)")
        }
        return driver
    }
}

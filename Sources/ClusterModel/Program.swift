/// What runs inside a container and how it is watched; a VM only has the restart policy.
package struct Program: Hashable, Sendable {
    /// Replaces the image's command when not empty.
    package let command: [String]
    /// Variables in the order given.
    package let environment: [Variable]
    package let ports: [Port]
    package let check: HealthCheck?
    package let restart: RestartPolicy

    package struct Variable: Hashable, Sendable {
        package let name: String
        package let value: String

        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// A port of the instance that is reachable on its host.
    package struct Port: Hashable, Sendable {
        package let host: UInt16
        package let instance: UInt16
        package let transport: Transport

        package enum Transport: String, Hashable, Sendable, CaseIterable { case tcp, udp }

        package init(host: UInt16, instance: UInt16, transport: Transport = .tcp) {
            self.host = host
            self.instance = instance
            self.transport = transport
        }
    }

    package init(
        command: [String] = [], environment: [Variable] = [], ports: [Port] = [],
        check: HealthCheck? = nil, restart: RestartPolicy = .always
    ) {
        self.command = command
        self.environment = environment
        self.ports = ports
        self.check = check
        self.restart = restart
    }
}

/// When an instance that ended is started again on its host.
package enum RestartPolicy: String, Hashable, Sendable, CaseIterable {
    case always
    case onFailure
    case never
}

/// How a container is asked whether it does its work.
package struct HealthCheck: Hashable, Sendable {
    package let probe: Probe
    package let every: Duration
    /// Failures in a row after which the instance counts as unhealthy.
    package let fails: Int

    package enum Probe: Hashable, Sendable {
        case http(port: UInt16, path: String)
        case tcp(port: UInt16)
        case exec([String])
    }

    package init(probe: Probe, every: Duration = .seconds(10), fails: Int = 3) throws(InvalidValue)
    {
        guard every >= .seconds(1) else {
            throw InvalidValue("check.every", "has to be at least 1s")
        }
        guard fails >= 1 else { throw InvalidValue("check.fails", "has to be at least 1") }
        self.probe = probe
        self.every = every
        self.fails = fails
    }
}

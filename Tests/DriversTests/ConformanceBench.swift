import ClusterModel
import HostIO
import Ports

/// A driver under test with all that the suite has to know about its kind.
protocol ConformanceBench: Sendable {
    associatedtype Driver: LogCarryingDriver

    /// A driver object over this bench's data.
    func makeDriver() throws(DriverFailure) -> Driver

    /// Another one over the same data, as after a restart of the agent.
    func makeHeir() throws(DriverFailure) -> Driver

    /// An order for an instance that behaves so.
    func order(_ instance: InstanceID, generation: UInt64, _ behaviour: Behaviour) throws
        -> StartOrder

    /// Text that `Behaviour.idle` prints once it is up.
    func greeting(of instance: InstanceID) -> String

    /// The instance's processes.
    func members(of instance: DriverInstance) throws -> [Int32]

    /// Kills the instance's own process behind the driver's back.
    func kill(_ instance: DriverInstance) throws

    /// What can still be found of the instance on this machine.
    func leftovers(of instance: InstanceID) async throws -> [String]

    /// The cap as the system says it, in millicores.
    func processorCap(of instance: DriverInstance) throws -> UInt64?

    /// Processor time used since the start, in microseconds.
    func processorTime(of instance: DriverInstance) throws -> UInt64
}

/// What an instance under test does.
enum Behaviour: Hashable, Sendable {
    /// Prints a greeting and waits.
    case idle
    /// Keeps a core busy, capped at 300 millicores.
    case cappedAndBusy
    /// Is to be started from an image that is not there.
    case withoutImage
}

extension ConformanceBench {
    func makeHeir() throws(DriverFailure) -> Driver { try makeDriver() }

    func kill(_ instance: DriverInstance) throws {
        let members = try group(of: instance).members()
        for member in members { ProcessHandle(member)?.signal(.kill) }
    }

    func members(of instance: DriverInstance) throws -> [Int32] {
        try group(of: instance).members().sorted()
    }

    func group(of instance: DriverInstance) throws -> ControlGroup {
        guard let path = instance.controlGroup else {
            throw DriverFailure(.notFound, "\(instance.id) has no control group")
        }
        return ControlGroup(path, in: try ControlGroupTree.mounted())
    }

    /// Reads a number from the first file of these names that the group has.
    func number(in names: [String], of instance: DriverInstance) throws -> UInt64? {
        let group = try group(of: instance)
        for hierarchy in group.tree.hierarchies {
            for name in names {
                guard let text = try? HostFile.text("\(hierarchy.mount)/\(group.path)/\(name)")
                else { continue }
                let word = text.split { $0 == "\n" || $0 == " " }.first { UInt64($0) != nil }
                return word.flatMap { UInt64($0) }
            }
        }
        return nil
    }

    func processorCap(of instance: DriverInstance) throws -> UInt64? {
        try number(in: ["cpu.cfs_quota_us", "cpu.max"], of: instance).map { $0 / 100 }
    }

    func processorTime(of instance: DriverInstance) throws -> UInt64 {
        if let nanoseconds = try number(in: ["cpuacct.usage"], of: instance) {
            return nanoseconds / 1000
        }
        return try number(in: ["cpu.stat"], of: instance) ?? 0
    }
}

import ClusterModel
import Foundation
import Telemetry
import Testing

/// Readings of the machine that the tests run on.
@Suite(.serialized) struct LiveTests {
    @Test("the machine's own capacity")
    func capacity() throws {
        let capacity = try CapacityReader(disk: "/tmp").read()
        #expect(capacity.total.cpu > .zero)
        #expect(
            capacity.total.cpu.millicores <= UInt64(ProcessInfo.processInfo.processorCount) * 1000)
        #expect(capacity.total.memory.count <= ProcessInfo.processInfo.physicalMemory)
        #expect(capacity.allocatable.memory > .zero)
        #expect(!capacity.features.isEmpty)
        #expect(capacity.capabilities.allSatisfy { !$0.detail.isEmpty })
    }

    @Test("the machine's own use")
    func host() {
        var sampler = HostSampler()
        let sample = sampler.sample(atNanoseconds: 0)
        #expect(sample.memory.map { $0 > .zero } == true)
    }

    @Test(
        "a process that burns 200 ms in a group of its own is measured to 20 ms",
        .enabled(
            if: BurnGroup.isAllowed,
            "live control group: this user may make no group under the mounted hierarchies"),
        .timeLimit(.minutes(1)))
    func burn() throws {
        let group = try BurnGroup()
        defer { group.remove() }
        var sampler = InstanceSampler(groups: group.groups, controlGroup: group.path)
        let before = sampler.sample(atNanoseconds: 0)
        #expect(before != nil && before?.cpu == nil)
        let burned = try group.burn(nanoseconds: 200_000_000)
        // The test says that a second has passed: thousandths of a core are then milliseconds
        // burned.
        let sample = sampler.sample(atNanoseconds: 1_000_000_000)
        let measured = try #require(sample?.cpu?.millicores)
        #expect(measured >= 190, "the process itself counted \(burned / 1_000_000) ms")
        #expect(measured <= burned / 1_000_000 + 20)
        #expect(sample?.memory != nil && sample?.throttled != nil)
        group.remove()
        #expect(sampler.sample(atNanoseconds: 2_000_000_000) == nil)
    }
}

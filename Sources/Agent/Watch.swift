import ClusterModel
import ControlCore
import HostIO
import Ports
import Shelf
import Telemetry
import Wire

/// Looks at the drivers and measures use, every second, for as long as the agent runs.
struct Watch {
    private let shell: AgentShell
    private let link: CoordinatorLink
    private let drivers: DriverSet
    private let images: ImageKeeper
    private let clock: SystemClock
    private let groups: ControlGroups
    private var host: HostSampler
    private var hostInterval: UseInterval
    private var measured: [InstanceID: Measured] = [:]
    private let loads = MoveLoads()

    /// One running instance and what was measured of it.
    private struct Measured {
        let controlGroup: String
        var sampler: InstanceSampler
        var interval: UseInterval
        var traffic: InstanceSampler.Traffic
    }

    init(
        shell: AgentShell, link: CoordinatorLink, drivers: DriverSet, images: ImageKeeper,
        workloadsGroup: String, clock: SystemClock
    ) {
        self.shell = shell
        self.link = link
        self.drivers = drivers
        self.images = images
        self.clock = clock
        groups = ControlGroups(files: KernelFiles())
        host = HostSampler(group: workloadsGroup)
        hostInterval = UseInterval(beginningAtNanoseconds: clock.monotonicNanoseconds)
    }

    /// Works until the task is cancelled.
    ///
    /// Drivers are asked beside the measuring: a driver that hangs must not silence the host.
    func run() async throws {
        let sightings = Sightings()
        let loads = loads
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask {
                while true {
                    let running = await look()
                    await sightings.note(running)
                    await loads.follow(running.mapValues(\.generation))
                    try await Task.sleep(for: AgentLimits.lookInterval)
                }
            }
            group.addTask {
                var meter = self
                while true {
                    meter.follow(await sightings.running)
                    await meter.measure()
                    try await Task.sleep(for: AgentLimits.sampleInterval)
                }
            }
            // And what moves would carry is measured beside both: it takes seconds.
            group.addTask {
                while true {
                    try await Task.sleep(for: AgentLimits.loadPause)
                    await loads.measure(by: drivers, clock)
                }
            }
        }
    }

    /// What the drivers last said runs.
    private actor Sightings {
        private(set) var running: [InstanceID: DriverInstance] = [:]

        func note(_ running: [InstanceID: DriverInstance]) { self.running = running }
    }

    private func look() async -> [InstanceID: DriverInstance] {
        var running: [InstanceID: DriverInstance] = [:]
        for driver in drivers.all {
            for instance in await shell.look(at: driver) where instance.state == .running {
                running[instance.id] = instance
            }
        }
        return running
    }

    private mutating func follow(_ running: [InstanceID: DriverInstance]) {
        measured = measured.filter { running[$0.key]?.controlGroup == $0.value.controlGroup }
        for (id, instance) in running {
            guard let group = instance.controlGroup else { continue }
            let traffic: InstanceSampler.Traffic =
                instance.network.map { .counted($0.received + $0.sent) } ?? .ofProcesses
            if measured[id] == nil {
                measured[id] = Measured(
                    controlGroup: group,
                    // Drivers name groups relative to the root, telemetry from the root on.
                    sampler: InstanceSampler(
                        groups: groups, controlGroup: group.hasPrefix("/") ? group : "/" + group),
                    interval: UseInterval(beginningAtNanoseconds: clock.monotonicNanoseconds),
                    traffic: traffic)
            } else {
                measured[id]?.traffic = traffic
            }
        }
    }

    private mutating func measure() async {
        let moment = clock.monotonicNanoseconds
        let now = clock.now
        for id in measured.keys.sorted() {
            guard let traffic = measured[id]?.traffic else { continue }
            guard let sample = measured[id]?.sampler.sample(atNanoseconds: moment, traffic: traffic)
            else {
                measured[id] = nil
                continue
            }
            // Instances report with their host, so that the two figures are of the same five seconds.
            _ = measured[id]?.interval.add(sample, at: now, atNanoseconds: 0)
        }
        let sample = host.sample(atNanoseconds: moment)
        guard let use = hostInterval.add(sample, at: now, atNanoseconds: moment) else { return }
        let known = await loads.known
        let instances = measured.keys.sorted().compactMap { id in
            measured[id]?.interval.finish(at: now, atNanoseconds: moment).map {
                InstanceUse(id: id, use: $0, load: known[id])
            }
        }
        let digests = (try? images.shelf.digests()) ?? []
        await shell.speaking { .reporting(at: $0) }
        await link.send(.report(Report(host: use, instances: instances, images: digests)))
    }
}

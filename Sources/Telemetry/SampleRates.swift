import ClusterModel

/// The cumulative counters behind a sample, each with its last reading.
struct SampleRates: Hashable, Sendable {
    private var cpu = Rate()
    private var throttled = Rate()
    private var disk = Rate()
    private var network = Rate()

    /// The sample of `counters` and of `bytes`, the traffic both ways since some fixed moment.
    mutating func sample(
        _ counters: GroupCounters, network bytes: UInt64?, pressure: Pressure?,
        atNanoseconds now: UInt64
    ) -> Sample {
        let traffic = network.grow(to: bytes, atNanoseconds: now)?.scaled(by: 1_000_000_000)
        let transfer = disk.grow(to: counters.disk, atNanoseconds: now)?.scaled(by: 1_000_000_000)
        let used = cpu.grow(to: counters.cpuNanoseconds, atNanoseconds: now)?.scaled(by: 1000)
        return Sample(
            cpu: used.map { CPU(millicores: $0) },
            memory: counters.memory.map { Bytes($0) },
            throttled: throttled.grow(to: counters.throttledMicroseconds, atNanoseconds: now)?
                .count,
            network: traffic.map { BytesPerSecond($0) },
            disk: transfer.map { BytesPerSecond($0) },
            pressure: pressure)
    }

    /// Forgets the traffic so far, because what is counted is not the same any more.
    mutating func restartNetwork() { network.restart() }
}

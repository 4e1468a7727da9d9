package import ClusterModel

/// What was measured at one moment; rates are since the moment before.
///
/// A figure is `nil` where there is nothing to compare with yet, where its counter was restarted,
/// and where the kernel does not keep it.
package struct Sample: Hashable, Sendable {
    /// Processor time used a second.
    package let cpu: CPU?
    /// In use now.
    package let memory: Bytes?
    /// Microseconds since the last sample in which it was held back by its cap, summed over
    /// processors.
    package let throttled: UInt64?
    /// Received and sent.
    package let network: BytesPerSecond?
    /// Read and written.
    package let disk: BytesPerSecond?
    /// Waiting over the last ten seconds, with its scope.
    package let pressure: Pressure?

    /// A sample of the figures that are known.
    package init(
        cpu: CPU? = nil, memory: Bytes? = nil, throttled: UInt64? = nil,
        network: BytesPerSecond? = nil, disk: BytesPerSecond? = nil, pressure: Pressure? = nil
    ) {
        self.cpu = cpu
        self.memory = memory
        self.throttled = throttled
        self.network = network
        self.disk = disk
        self.pressure = pressure
    }
}

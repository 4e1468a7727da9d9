/// What code that runs on a host may count on of its processor.
package struct Processor: Hashable, Sendable {
    /// Machine hardware name, such as `x86_64`.
    package let architecture: String
    /// Feature names in ascending order; never none.
    package let features: [String]

    /// The processor of a host with `capacity`; `nil` where it reports no features, for then nothing is known of it.
    package init?(_ capacity: Capacity) {
        guard !capacity.features.isEmpty else { return nil }
        architecture = capacity.architecture
        features = capacity.features
    }
}

extension Capacity {
    /// That of a host of which nothing is known but its processor, if that.
    package init(lastKnown processor: Processor?) {
        guard let processor else {
            self.init(total: .zero)
            return
        }
        self.init(
            total: .zero, architecture: processor.architecture, features: processor.features)
    }
}

/// Bounds on what a file may ask of its reader.
package enum SpecLimits {
    /// 1 MiB: a thousand workloads of 1 KiB each.
    package static let fileBytes = 1 << 20
    /// Documents of one file; the size allows no more that say anything.
    package static let documents = 1_000
    /// Our deepest field, `ports[0].host`, is three levels down; the rest is room for mistakes to
    /// be named.
    package static let depth = 12
    /// Values of one document with every alias written out, so that aliases of aliases stay finite.
    package static let values = 20_000
    /// A person repairs the first few; a script needs no more either.
    package static let problems = 100
    /// A day of so many takes minutes on one core.
    package static let simulatedHosts = 1_000
    package static let simulatedInstances = 10_000
    /// A leap year.
    package static let longestSimulation = Duration.seconds(366 * 86_400)
}

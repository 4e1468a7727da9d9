/// The picture that a consolidation is decided from, and what is decided.
package enum Consolidation {
    /// A host as this decision sees it.
    package struct Site: Hashable, Sendable {
        package let capacity: Int64
        /// The most that one instance can use of it.
        package let single: Int64
        package let curve: PowerCurve

        /// Larger capacities count as this.
        package static let largest: Int64 = 1 << 50

        package init(capacity: Int64, single: Int64, curve: PowerCurve) {
            self.capacity = min(max(0, capacity), Self.largest)
            self.single = min(max(0, single), Self.largest)
            self.curve = curve
        }
    }

    /// An instance: where it runs, what it used, what a move of it costs.
    package struct Tenant: Hashable, Sendable {
        package let site: Int
        /// Oldest first; the last is what it uses now.
        package let samples: [UInt64]
        /// Instances of one size are guessed from one another.
        package let size: Int
        /// Seconds that a move takes.
        package let moveSeconds: Int64
        /// Control steps since it last moved; `nil`: never.
        package let rested: Int?

        package init(
            site: Int, samples: [UInt64], size: Int, moveSeconds: Int64, rested: Int?
        ) {
            self.site = site
            self.samples = samples
            self.size = size
            self.moveSeconds = moveSeconds
            self.rested = rested
        }
    }

    /// A move that was decided: which instance, to which host, by their positions.
    package struct Relocation: Hashable, Sendable {
        package let tenant: Int
        package let target: Int

        package init(tenant: Int, target: Int) {
            self.tenant = tenant
            self.target = target
        }
    }
}

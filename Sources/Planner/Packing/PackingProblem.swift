/// Items with sizes in several resources, and bins that are all alike.
///
/// Every item fits an empty bin, and no sum of sizes overflows: whoever reads a problem from
/// outside gets the refusal of one that does not hold that.
package struct PackingProblem: Hashable, Sendable {
    package let capacities: [UInt64]
    /// The sizes of all items, item after item, one for each resource.
    package let sizes: [UInt64]
    package let items: Int

    package var dimensions: Int { capacities.count }

    /// Why there is no such problem.
    package enum Flaw: Error, Hashable, Sendable, CustomStringConvertible {
        case noResources
        case tooManyResources(Int)
        case tooManyItems(Int)
        case capacityTooLarge(resource: Int)
        case wrongNumberOfSizes(item: Int)
        case itemTooLarge(item: Int, resource: Int)

        package var description: String {
            switch self {
            case .noResources: "no resources"
            case .tooManyResources(let count): "\(count) resources, more than \(mostResources)"
            case .tooManyItems(let count): "\(count) items are too many"
            case .capacityTooLarge(let resource):
                "the capacity of resource \(resource) is too large"
            case .wrongNumberOfSizes(let item): "item \(item) has too many or too few sizes"
            case .itemTooLarge(let item, let resource):
                "item \(item) is larger than a bin in resource \(resource)"
            }
        }
    }

    /// Most resources of a problem.
    package static let mostResources = 64
    /// Most items of a problem.
    package static let mostItems = 2_000_000
    /// Most sizes in all: 256 MiB.
    package static let mostSizes = 1 << 25
    /// Largest capacity: an item's sizes and a bin's room stay far from overflow in every sum.
    package static let largestCapacity = UInt64(1) << 62

    package init(capacities: [UInt64], items: [[UInt64]]) throws(Flaw) {
        try self.init(capacities: capacities, sizes: Self.flat(items, capacities.count))
    }

    /// - Parameter sizes: the sizes of all items, item after item.
    package init(capacities: [UInt64], sizes: [UInt64]) throws(Flaw) {
        let dimensions = capacities.count
        guard dimensions > 0 else { throw .noResources }
        guard dimensions <= Self.mostResources else { throw .tooManyResources(dimensions) }
        for (resource, capacity) in capacities.enumerated() where capacity > Self.largestCapacity {
            throw .capacityTooLarge(resource: resource)
        }
        items = sizes.count / dimensions
        guard items * dimensions == sizes.count else { throw .wrongNumberOfSizes(item: items) }
        guard items <= Self.mostItems, sizes.count <= Self.mostSizes else {
            throw .tooManyItems(items)
        }
        for index in sizes.indices where sizes[index] > capacities[index % dimensions] {
            throw .itemTooLarge(item: index / dimensions, resource: index % dimensions)
        }
        self.capacities = capacities
        self.sizes = sizes
    }

    private static func flat(_ items: [[UInt64]], _ dimensions: Int) throws(Flaw) -> [UInt64] {
        for (item, sizes) in items.enumerated() where sizes.count != dimensions {
            throw .wrongNumberOfSizes(item: item)
        }
        return items.flatMap(\.self)
    }

    package func size(of item: Int, in resource: Int) -> UInt64 {
        sizes[item * dimensions + resource]
    }
}

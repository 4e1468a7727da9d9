import ClusterModel

/// Room on so many hosts that whatever is lost finds a place, known without trying.
///
/// Where an instance that looks for a place finds none, every host lacks room for it in some
/// resource. A host lacks room in a resource only once the others that were lost have taken more
/// of it there than what is free less the largest demand. All of them together demand a known
/// amount, so in each resource only so many hosts can have become short: no more than fit into
/// that amount, smallest first. If the hosts outnumber those, one of them always has room.
/// That holds whatever the order in which places are looked for.
struct Spare: Sendable {
    /// For each resource that is demanded at all: what has to be taken of the first n hosts until
    /// all of them are short, smallest first.
    private let needed: [(dimension: Int, sums: [UInt128])]
    private let count: Int

    /// Room on `hosts`, all of which accept the instances in question, for instances of which none
    /// demands more than `largest`.
    init(_ hosts: [Int], largest: [UInt64], in layout: Layout, _ terrain: Terrain) {
        let demanded = largest.indices.filter { largest[$0] > 0 }
        let roomy = hosts.filter { host in
            demanded.allSatisfy { dimension in
                layout.load(host, dimension) + UInt128(largest[dimension])
                    <= UInt128(terrain.hosts[host].allocatable[dimension])
            }
        }
        count = roomy.count
        needed = demanded.map { dimension in
            var sum: UInt128 = 0
            let amounts = roomy.map { host in
                UInt128(terrain.hosts[host].allocatable[dimension]) + 1
                    - layout.load(host, dimension) - UInt128(largest[dimension])
            }
            return (
                dimension,
                amounts.sorted().map { amount in
                    sum += amount
                    return sum
                }
            )
        }
    }

    /// Whether instances that demand `total` together all find a place though `lost` of the hosts
    /// are gone.
    func suffices(for total: [UInt128], without lost: Int) -> Bool {
        var short = lost
        for (dimension, sums) in needed {
            short += sums.count.partitioned { sums[$0] >= total[dimension] }
        }
        return short < count
    }
}

extension Terrain {
    /// Instances that ask the same of a host and are about as large.
    ///
    /// Small ones find room where large ones do not, so what is known of the ones is not spoilt by
    /// the others.
    func reserveClass(of instance: Int) -> Int {
        rulebook.hostClass(ofWorkload: instances[instance].workload) * 3 + instances[instance].tier
    }

    /// About how large `demand` is: above a quarter of the largest host, above a sixteenth, or not.
    static func tier(of demand: [UInt64], _ largest: [UInt64]) -> Int {
        var tier = 0
        for dimension in demand.indices where demand[dimension] > largest[dimension] / 16 {
            if demand[dimension] > largest[dimension] / 4 { return 2 }
            tier = 1
        }
        return tier
    }

    /// One more than the largest `reserveClass(of:)`.
    var reserveClasses: Int { rulebook.hostClasses * 3 }

    /// Whether hosts of `kind` by themselves suit the instances of a class.
    func accepts(_ reserveClass: Int, kind: Int) -> Bool {
        rulebook.misfit(ofClass: reserveClass / 3, onKind: kind) == nil
    }
}

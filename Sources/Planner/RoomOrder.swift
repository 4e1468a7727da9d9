/// Hosts in the order of what is taken of one resource, most first and then in the order of hosts,
/// in blocks that each know the least that is taken of every resource.
///
/// A search for room begins where enough of the one resource is left and passes over every block
/// in which no host has enough of the others.
struct RoomOrder: Sendable {
    private let dimension: Int
    private let width: Int
    private var blocks: [[Int32]] = []
    /// Least taken in each block, all resources of one block after the other.
    private var least: [UInt64] = []

    /// Hosts in a block at which it is cut in two.
    private static let full = 96

    init(_ dimension: Int, width: Int) {
        self.dimension = dimension
        self.width = width
    }

    var isEmpty: Bool { blocks.isEmpty }

    var blockCount: Int { blocks.count }

    func hosts(of block: Int) -> [Int32] { blocks[block] }

    /// The most that is taken of the resource in `block` and any after it.
    func most(from block: Int, _ loads: [UInt64]) -> UInt64 { load(blocks[block][0], loads) }

    /// Whether some host of `block` may have room for `demand` below `ceiling`.
    func mayFit(_ demand: [UInt64], _ needed: [Int], below ceiling: [UInt64], in block: Int) -> Bool
    {
        for dimension in needed
        where least[block * width + dimension] > ceiling[dimension] - demand[dimension] {
            return false
        }
        return true
    }

    /// The first block that may hold a host of which at most `limit` is taken.
    func firstBlock(withAtMost limit: UInt64, _ loads: [UInt64]) -> Int {
        var (low, high) = (0, blocks.count)
        while low < high {
            let middle = (low + high) / 2
            if load(blocks[middle][0], loads) <= limit { high = middle } else { low = middle + 1 }
        }
        return max(0, low - 1)
    }

    /// Adds `host` with its present load.
    mutating func insert(_ host: Int, _ loads: [UInt64]) {
        guard !blocks.isEmpty else {
            blocks.append([Int32(host)])
            least.append(contentsOf: loads[(host * width)..<(host * width + width)])
            return
        }
        let block = block(for: host, loads)
        blocks[block].insert(Int32(host), at: position(of: host, in: block, loads))
        for index in 0..<width {
            let place = block * width + index
            least[place] = min(least[place], loads[host * width + index])
        }
        if blocks[block].count >= Self.full { split(block, loads) }
    }

    /// Takes `host` out; its load is still that with which it was put in.
    mutating func remove(_ host: Int, _ loads: [UInt64]) {
        let block = block(for: host, loads)
        let position = position(of: host, in: block, loads)
        precondition(
            position < blocks[block].count && blocks[block][position] == Int32(host),
            "host \(host) is not where its load says")
        blocks[block].remove(at: position)
        if blocks[block].isEmpty {
            blocks.remove(at: block)
            least.removeSubrange((block * width)..<(block * width + width))
        } else {
            summarize(block, loads)
        }
    }

    private func load(_ host: Int32, _ loads: [UInt64]) -> UInt64 {
        loads[Int(host) * width + dimension]
    }

    private func comes(_ a: Int, before b: Int32, _ loads: [UInt64]) -> Bool {
        let (one, other) = (loads[a * width + dimension], load(b, loads))
        return one == other ? Int32(a) < b : one > other
    }

    /// The block that holds `host`, or would.
    private func block(for host: Int, _ loads: [UInt64]) -> Int {
        var (low, high) = (0, blocks.count)
        while low < high {
            let middle = (low + high) / 2
            if comes(host, before: blocks[middle][0], loads) {
                high = middle
            } else {
                low = middle + 1
            }
        }
        return max(0, low - 1)
    }

    private func position(of host: Int, in block: Int, _ loads: [UInt64]) -> Int {
        var (low, high) = (0, blocks[block].count)
        while low < high {
            let middle = (low + high) / 2
            let other = blocks[block][middle]
            if other == Int32(host) || comes(host, before: other, loads) {
                high = middle
            } else {
                low = middle + 1
            }
        }
        return low
    }

    private mutating func split(_ block: Int, _ loads: [UInt64]) {
        let half = blocks[block].count / 2
        let rest = Array(blocks[block][half...])
        blocks[block].removeSubrange(half...)
        blocks.insert(rest, at: block + 1)
        least.insert(contentsOf: repeatElement(0, count: width), at: (block + 1) * width)
        summarize(block, loads)
        summarize(block + 1, loads)
    }

    private mutating func summarize(_ block: Int, _ loads: [UInt64]) {
        for index in 0..<width {
            var smallest = UInt64.max
            for host in blocks[block] {
                smallest = min(smallest, loads[Int(host) * width + index])
            }
            least[block * width + index] = smallest
        }
    }
}

/// All subsets of a size, in the order of their elements.
struct Subsets: Sequence, IteratorProtocol {
    private let elements: [Int]
    private var positions: [Int]?

    init(of elements: [Int], size: Int) {
        self.elements = elements
        positions = size <= elements.count ? Array(0..<size) : nil
    }

    mutating func next() -> [Int]? {
        guard var current = positions else { return nil }
        let subset = current.map { elements[$0] }
        let size = current.count
        let movable = (0..<size).last { current[$0] < elements.count - size + $0 }
        if let movable {
            current[movable] += 1
            for position in current.indices where position > movable {
                current[position] = current[position - 1] + 1
            }
            positions = current
        } else {
            positions = nil
        }
        return subset
    }
}

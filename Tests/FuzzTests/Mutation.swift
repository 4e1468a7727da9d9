import ClusterModel

/// Changes of an input as a fuzzer makes them, from a seed.
struct Mutation {
    private var random: SplitMix64

    init(seed: UInt64) { random = SplitMix64(seed: seed) }

    /// One of `corpus` with one to eight changes.
    mutating func next(of corpus: [[UInt8]]) -> [UInt8] {
        var bytes = pick(corpus)
        for _ in 0..<Int.random(in: 1...8, using: &random) { change(&bytes, corpus) }
        return bytes
    }

    private mutating func pick(_ corpus: [[UInt8]]) -> [UInt8] {
        corpus.randomElement(using: &random) ?? []
    }

    private mutating func change(_ bytes: inout [UInt8], _ corpus: [[UInt8]]) {
        let place = Int.random(in: 0...bytes.count, using: &random)
        let value = UInt8.random(in: 0...255, using: &random)
        switch Int.random(in: 0..<7, using: &random) {
        case 0 where place < bytes.count: bytes[place] = value
        case 1 where place < bytes.count: bytes[place] ^= 1 << (value & 7)
        case 2 where place < bytes.count: bytes.remove(at: place)
        case 3: bytes.insert(value, at: place)
        case 4:
            // A part once more: frames and fields come in numbers.
            let part = bytes[place...].prefix(Int(value))
            bytes.insert(contentsOf: Array(part), at: place)
        case 5: bytes.removeSubrange(place...)
        default:
            let other = pick(corpus)
            bytes.replaceSubrange(place..., with: other[min(place, other.count)...])
        }
    }
}

import HTTP2
import Testing

@Suite struct StreamIndexTests {
    @Test("streams come and go as in a dictionary, each with a slot of its own", arguments: 0..<50)
    func likeADictionary(seed: UInt64) throws {
        var random = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        func next(below bound: UInt64) -> UInt64 {
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (random >> 33) % bound
        }
        var index = StreamIndex()
        var known: [Int32: Int] = [:]
        var most = 0
        for _ in 0..<2_000 {
            // Close together at first, then far apart and colliding, as only a hostile peer picks them.
            let stream = Int32(next(below: 200)) * (seed.isMultiple(of: 2) ? 2 : 1 << 20) + 1
            if known[stream] == nil {
                let slot = index.insert(stream)
                try #require(!known.values.contains(slot), "seed \(seed): slot \(slot) given twice")
                known[stream] = slot
                most = max(most, known.count)
                try #require(slot < most, "seed \(seed): slots are not dense")
            } else {
                try #require(index.remove(stream) == known.removeValue(forKey: stream))
            }
            try #require(index.count == known.count)
        }
        for stream in known.keys { #expect(index.slot(of: stream) == known[stream]) }
        #expect(index.slot(of: 3) == known[3] && index.remove(.max) == nil)
    }
}

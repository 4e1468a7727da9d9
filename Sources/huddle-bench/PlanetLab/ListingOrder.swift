/// The order in which an ext4 folder made without a hash seed lists its files.
///
/// CloudSim numbers machines in the order that the file system lists their traces in, and the number decides how large a machine is. The
/// published figures are of such a listing, so this order is followed everywhere, whatever the file system here.
/// - Source: Linux, fs/ext4/hash.c, half MD4, `Documentation/filesystems/ext4/directory.rst`.
struct ListingOrder: Comparable {
    private let major: UInt32
    private let minor: UInt32

    init(_ name: String) {
        var state: [UInt32] = [0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476]
        var rest = Array(name.utf8)[...]
        while !rest.isEmpty {
            Self.mix(&state, Self.words(of: rest))
            rest = rest.dropFirst(32)
        }
        major = state[1] & ~1
        minor = state[2]
    }

    static func < (a: Self, b: Self) -> Bool { (a.major, a.minor) < (b.major, b.minor) }

    /// Eight words of at most 32 bytes, filled up with the length.
    private static func words(of bytes: ArraySlice<UInt8>) -> [UInt32] {
        let filler = UInt32(truncatingIfNeeded: bytes.count) &* 0x0101_0101
        var words: [UInt32] = []
        var word = filler
        for (place, byte) in bytes.prefix(32).enumerated() {
            word = UInt32(byte) &+ (word << 8)
            if place % 4 == 3 {
                words.append(word)
                word = filler
            }
        }
        if words.count < 8 { words.append(word) }
        while words.count < 8 { words.append(filler) }
        return words
    }

    /// Three rounds of eight turns each, in the order of words that each round has.
    private static func mix(_ state: inout [UInt32], _ words: [UInt32]) {
        var (a, b, c, d) = (state[0], state[1], state[2], state[3])
        for (round, order) in [
            [0, 1, 2, 3, 4, 5, 6, 7], [1, 3, 5, 7, 0, 2, 4, 6], [3, 7, 2, 6, 1, 5, 0, 4],
        ].enumerated() {
            for (turn, place) in order.enumerated() {
                let mixed =
                    switch round {
                    case 0: d ^ (b & (c ^ d))
                    case 1: (b & c) &+ ((b ^ c) & d)
                    default: b ^ c ^ d
                    }
                let sum = a &+ mixed &+ words[place] &+ additions[round]
                let turned = rotated(sum, by: shifts[round][turn % 4])
                (a, b, c, d) = (d, turned, b, c)
            }
        }
        state = [state[0] &+ a, state[1] &+ b, state[2] &+ c, state[3] &+ d]
    }

    private static let additions: [UInt32] = [0, 0x5A82_7999, 0x6ED9_EBA1]
    private static let shifts: [[UInt32]] = [[3, 7, 11, 19], [3, 5, 9, 13], [3, 9, 11, 15]]

    private static func rotated(_ word: UInt32, by bits: UInt32) -> UInt32 {
        word << bits | word >> (32 - bits)
    }
}

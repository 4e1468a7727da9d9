/// The bytes of one run, taken from the front: what a target does follows from them alone.
struct FuzzInput {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) { rest = bytes[...] }

    var isEmpty: Bool { rest.isEmpty }

    /// The next byte; zero when there is none.
    mutating func byte() -> UInt8 { rest.popFirst() ?? 0 }

    /// Up to `count` bytes.
    mutating func bytes(_ count: Int) -> [UInt8] {
        let taken = rest.prefix(count)
        rest = rest.dropFirst(count)
        return Array(taken)
    }

    /// A piece whose length the next byte says.
    mutating func piece() -> [UInt8] { bytes(Int(byte())) }

    /// All that is left.
    mutating func remainder() -> [UInt8] { bytes(rest.count) }
}

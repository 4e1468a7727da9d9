/// A number that stands for bytes in their order, the same on every machine and in every version.
/// - Source: Fowler, Noll and Vo's hash, FNV-1a of 64 bits.
package struct FNV1a: Hashable, Sendable {
    package private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    package init() {}

    /// Goes on with these bytes.
    package mutating func add(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { value = (value ^ UInt64(byte)) &* 0x100_0000_01B3 }
    }
}

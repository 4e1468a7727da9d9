/// A share of a ceiling, exact: 64-bit amounts are compared over 128 bits, so that no two hosts
/// are ranked by how a division was rounded.
struct Fullness: Comparable, Sendable {
    let taken: UInt64
    let ceiling: UInt64

    static let empty = Fullness(taken: 0, ceiling: 1)

    static func == (a: Fullness, b: Fullness) -> Bool {
        a.taken.multipliedFullWidth(by: b.ceiling) == b.taken.multipliedFullWidth(by: a.ceiling)
    }

    static func < (a: Fullness, b: Fullness) -> Bool {
        a.taken.multipliedFullWidth(by: b.ceiling) < b.taken.multipliedFullWidth(by: a.ceiling)
    }
}

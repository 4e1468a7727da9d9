/// A part of a whole, in thousandths; fit stays integer arithmetic.
package struct Share: Hashable, Comparable, Sendable {
    /// Thousandths of the whole; 1 000 is all of it.
    package let permille: UInt32

    package init(permille: UInt32) { self.permille = permille }

    package static func percent(_ percent: UInt32) -> Share { Share(permille: percent * 10) }

    package static let none = Share(permille: 0)
    package static let whole = Share(permille: 1000)

    package static func < (a: Share, b: Share) -> Bool { a.permille < b.permille }
}

extension UInt64 {
    /// The sum, or the largest value when it would overflow.
    package func saturatingSum(_ other: UInt64) -> UInt64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }

    /// `share` of this number, rounded down, exact for every input.
    package func scaled(by share: Share) -> UInt64 {
        let product = multipliedFullWidth(by: UInt64(share.permille))
        guard product.high < 1000 else { return .max }
        return UInt64(1000).dividingFullWidth(product).quotient
    }
}

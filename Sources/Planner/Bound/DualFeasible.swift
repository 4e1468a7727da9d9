/// A way to weigh sizes so that whatever fits into room weighs no more than the room does.
///
/// Each of them gives a larger size no less weight, and two sizes never more than their sum. So
/// what fits together into room of *any* size up to `whole` weighs at most what that room does, and
/// a bound by weight holds for bins of different sizes. That is more than the name asks for, which
/// is only about one size of bins; the maximal functions have it.
/// - Source: Fekete and Schepers, "New classes of fast lower bounds for bin packing problems",
///   Mathematical Programming 91, 2001; Carlier, Clautiaux and Moukrim, "New reduction procedures
///   and lower bounds for the two-dimensional bin packing problem with fixed orientation",
///   Computers & Operations Research 34, 2007.
enum DualFeasible: Hashable, Sendable {
    case volume
    /// Sizes below the threshold weigh nothing, those that leave less than it weigh all.
    case threshold(UInt64)
    /// Sizes are rounded down to multiples of a part of which slightly less than one more fits:
    /// Fekete and Schepers' u.
    case staircase(UInt64)
    /// Sizes are rounded down to multiples of a unit, those of more than half so that what they
    /// leave is rounded down: Carlier, Clautiaux and Moukrim's first.
    case rounded(UInt64)

    /// The weight of `size`, which is at most `whole`.
    func weight(of size: UInt64, in whole: UInt64) -> UInt64 {
        let size = min(size, whole)
        switch self {
        case .volume:
            return size
        case .threshold(let threshold):
            if whole - size < threshold { return whole }
            return size < threshold ? 0 : size
        case .staircase(let steps):
            let (quotient, remainder) = (size * (steps + 1)).quotientAndRemainder(
                dividingBy: max(1, whole))
            return remainder == 0 ? size * steps : quotient * whole
        case .rounded(let unit):
            let rest = whole - size
            if size > rest { return 2 * (whole / unit - rest / unit) }
            return size == rest ? whole / unit : 2 * (size / unit)
        }
    }
}

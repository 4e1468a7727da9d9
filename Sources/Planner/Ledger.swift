/// Room on a host, or places in a failure domain, of which every piece has one owner at a time.
///
/// A piece is free from the start, or owned by an instance, or given back by the step that took its
/// owner away. Whoever takes given-back room has to wait for that step. As no piece has two owners,
/// everything that is there or on its way fits at any time, whatever the order in which steps
/// without such waits run.
struct Ledger: Sendable {
    private var free: [UInt128]
    /// What is over the limit from the start; it has to leave before anything may come.
    private var debt: [UInt128]
    private var debtors: [[Int]]
    /// Room given back and not yet taken, oldest first.
    private var returned: [[Piece]]

    private struct Piece {
        let step: Int
        var amount: UInt128
    }

    init(capacity: [UInt64], taken: [UInt128]) {
        free = zip(capacity, taken).map { $1 > UInt128($0) ? 0 : UInt128($0) - $1 }
        debt = zip(capacity, taken).map { $1 > UInt128($0) ? $1 - UInt128($0) : 0 }
        debtors = capacity.map { _ in [] }
        returned = capacity.map { _ in [] }
    }

    /// Takes `amounts` and answers the steps that have to be done before.
    ///
    /// That there is enough is the caller's knowledge; the fit was checked against the same sums.
    mutating func take(_ amounts: [UInt64]) -> Set<Int> {
        var after = Set<Int>()
        for (dimension, amount) in amounts.enumerated() where amount > 0 {
            precondition(debt[dimension] == 0, "room is taken on a host above its ceiling")
            after.formUnion(debtors[dimension])
            var needed = UInt128(amount)
            let fromFree = min(needed, free[dimension])
            free[dimension] -= fromFree
            needed -= fromFree
            var used = 0
            while needed > 0 {
                precondition(
                    used < returned[dimension].count, "\(needed) more is taken than is there")
                let part = min(needed, returned[dimension][used].amount)
                after.insert(returned[dimension][used].step)
                returned[dimension][used].amount -= part
                needed -= part
                if returned[dimension][used].amount == 0 { used += 1 }
            }
            returned[dimension].removeFirst(used)
        }
        return after
    }

    /// Gives `amounts` back once `step` is done.
    mutating func give(_ amounts: [UInt64], by step: Int) {
        for (dimension, amount) in amounts.enumerated() where amount > 0 {
            var left = UInt128(amount)
            let paid = min(left, debt[dimension])
            if paid > 0 {
                debt[dimension] -= paid
                left -= paid
                debtors[dimension].append(step)
            }
            if left > 0 { returned[dimension].append(Piece(step: step, amount: left)) }
        }
    }
}

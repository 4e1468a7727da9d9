/// What beside room decides whether an item may be in a bin.
///
/// The search tells what it changes, so that rules about the company of an item can be judged.
protocol EjectionRules: Sendable {
    /// Whether `item` may be in `bin` beside all that is there but `except`.
    mutating func admits(_ item: Int, to bin: Int, except: Ejected) -> Bool
    /// Whether `item` should be in `bin` rather than in any other.
    func isHome(_ bin: Int, of item: Int) -> Bool
    mutating func put(_ item: Int, in bin: Int)
    mutating func take(_ item: Int, from bin: Int)
    /// What it is worth to keep `bin`, beside what is in it; `nil` for one that has to be kept.
    func worth(of bin: Int) -> Float?
    /// Two bins, both empty at the moment, change places.
    mutating func swap(_ bin: Int, _ other: Int)
}

/// Up to two items that have to leave a bin; -1 for none.
struct Ejected: Hashable, Sendable {
    var one = -1
    var other = -1
}

/// No rules: bins that differ in nothing.
struct FreeBins: EjectionRules {
    @inline(__always) func admits(_ item: Int, to bin: Int, except: Ejected) -> Bool { true }
    @inline(__always) func isHome(_ bin: Int, of item: Int) -> Bool { false }
    @inline(__always) mutating func put(_ item: Int, in bin: Int) {}
    @inline(__always) mutating func take(_ item: Int, from bin: Int) {}
    @inline(__always) func worth(of bin: Int) -> Float? { 0 }
    @inline(__always) mutating func swap(_ bin: Int, _ other: Int) {}
}

/// Stops the program, with the reason in optimised builds too, unless a promise is kept.
func promise(_ isKept: Bool, _ reason: @autoclosure () -> String) {
    if !isKept { broken(reason()) }
}

/// Stops the program for a promise that is not kept.
///
/// `fatalError`, because a failed precondition of an optimised build, as fuzzers are, stops without saying which.
func broken(_ reason: String) -> Never { fatalError("broken promise: \(reason)") }

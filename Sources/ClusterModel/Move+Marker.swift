extension Move {
    /// The line in the instance's log between what it wrote at the source and what it writes at the target.
    ///
    /// - Parameter isWhole: whether what it wrote before came along; a reader is to know that lines are missing.
    package func marker(at now: Instant, isWhole: Bool) -> String {
        let lost = isWhole ? "" : ", without its earlier log"
        return "--- moved from \(source) to \(target) at \(now.timestamp)\(lost) ---"
    }
}

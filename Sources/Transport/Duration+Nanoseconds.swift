import HTTP2

extension Duration {
    /// Whole nanoseconds, from zero to ten years.
    var nanoseconds: Int64 {
        let bounded = max(.zero, min(self, Limits.longestCall)).components
        return bounded.seconds * 1_000_000_000 + bounded.attoseconds / 1_000_000_000
    }
}

/// A file of the kernel without which nothing can be said of the host.
package struct TelemetryFailure: Error, Hashable, Sendable {
    /// Where it was looked for.
    package let path: String
    /// What is wrong with it, as a sentence for the operator.
    package let problem: String

    /// A failure at `path`.
    package init(_ path: String, _ problem: String) {
        self.path = path
        self.problem = problem
    }
}

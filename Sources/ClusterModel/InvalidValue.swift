/// A value that breaks a rule of the model: where it stands, what is wrong, and what would do.
package struct InvalidValue: Error, Hashable, Sendable {
    /// Path of the field as a user writes it, such as `size.cpu` or `ports[1].to`.
    package let field: String
    package let problem: String
    /// What to write instead; `nil` where nothing better than the problem can be said.
    package let suggestion: String?

    package init(_ field: String, _ problem: String, suggestion: String? = nil) {
        self.field = field
        self.problem = problem
        self.suggestion = suggestion
    }
}

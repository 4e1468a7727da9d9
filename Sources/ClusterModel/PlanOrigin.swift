/// Who asked for a plan.
package enum PlanOrigin: String, Hashable, Sendable, CaseIterable {
    case user
    /// The control loop, by itself: such a plan has to be calm, and starts only when it may.
    case loop
}

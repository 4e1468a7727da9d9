/// Where instances of a workload may be, relative to hosts and to one another.
package struct Rules: Hashable, Sendable {
    /// Labels that a host must carry, each with that value.
    package let need: Labels
    /// Labels that a host must not carry with that value.
    package let avoid: Labels
    /// Labels that make a host better; never a reason to refuse one.
    package let prefer: Labels
    /// Instances that carry all of these labels must not share a host with this one.
    package let apart: Labels
    /// Instances that carry all of these labels must share a host with this one.
    package let together: Labels
    /// Host label whose values are failure domains, over which instances are spread evenly.
    package let spread: String?
    /// Taints of hosts that do not refuse this workload.
    package let tolerate: Labels
    /// Larger goes first when room is short.
    package let priority: Int

    package static let none = Rules()

    package init(
        need: Labels = .none, avoid: Labels = .none, prefer: Labels = .none,
        apart: Labels = .none, together: Labels = .none, spread: String? = nil,
        tolerate: Labels = .none, priority: Int = 0
    ) {
        self.need = need
        self.avoid = avoid
        self.prefer = prefer
        self.apart = apart
        self.together = together
        self.spread = spread
        self.tolerate = tolerate
        self.priority = priority
    }
}

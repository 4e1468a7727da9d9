/// Whether one host can have an instance, and what it has left if so.
package struct HostVerdict: Hashable, Sendable {
    /// The host asked about.
    package let host: HostID
    /// Whether the instance is there now.
    package let current: Bool
    /// The first rule that refuses it, and by how much; `nil` when the host can have it.
    package let misfit: Misfit?
    /// What the host has left below its ceiling, the instance itself not counted.
    package let room: Resources
    /// How the instance would come here; `nil` where it runs, or where it does not and cannot.
    package let mode: MoveMode?
    /// Why it could not come here while it runs; `nil` where it could.
    package let obstacle: String?

    /// Why it could not be relocated here although its spec allows that; `nil` where it could, or where nobody asked.
    package let relocateObstacle: String?
    /// Under a joint rule, how often the host would have been above its ceiling with the instance on it.
    package let exceedance: Plan.Exceedance?

    /// A verdict on one host; without a misfit it can have the instance.
    package init(
        host: HostID, current: Bool = false, misfit: Misfit? = nil, room: Resources,
        mode: MoveMode? = nil,
        obstacle: String? = nil, relocateObstacle: String? = nil, exceedance: Plan.Exceedance? = nil
    ) {
        self.host = host
        self.current = current
        self.misfit = misfit
        self.room = room
        self.mode = mode
        self.obstacle = obstacle
        self.relocateObstacle = relocateObstacle
        self.exceedance = exceedance
    }
}

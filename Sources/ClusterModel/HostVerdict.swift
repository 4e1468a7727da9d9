/// Whether one host can have an instance, what it has left if so, and what would make it so if not.
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

    /// Its place among the hosts that can have the instance and do not, from one, the best first;
    /// `nil` for the others.
    package let rank: Int?
    /// What the rank goes by, with the instance there; `nil` where it cannot be.
    package let score: Score?
    /// Each of these would make the host take it; none where it can be there, or where nothing
    /// helps.
    package let flips: [Flip]
    /// What its move here is expected to come to; `nil` where it cannot come.
    package let forecast: MoveForecast?

    /// What hosts that can have an instance are compared by, in this order.
    package struct Score: Hashable, Sendable {
        /// Preferred labels that the host lacks; fewer are better.
        package let missing: Int
        /// Whether nothing else is there; a host in use is better.
        package let isEmpty: Bool
        /// The largest share of a ceiling that is taken then, rounded up; of hosts in use the
        /// fullest is best, of empty ones the least full.
        package let fullness: Share
        /// The resource of which that is, as a user writes it: `cpu`, `memory`, `disk`, `network`
        /// or the name of a scalar.
        package let resource: String

        package init(missing: Int, isEmpty: Bool, fullness: Share, resource: String) {
            self.missing = missing
            self.isEmpty = isEmpty
            self.fullness = fullness
            self.resource = resource
        }
    }

    /// A verdict on one host; without a misfit it can have the instance.
    package init(
        host: HostID, current: Bool = false, misfit: Misfit? = nil, room: Resources,
        mode: MoveMode? = nil,
        obstacle: String? = nil, relocateObstacle: String? = nil,
        exceedance: Plan.Exceedance? = nil, rank: Int? = nil,
        score: Score? = nil, flips: [Flip] = [], forecast: MoveForecast? = nil
    ) {
        self.host = host
        self.current = current
        self.misfit = misfit
        self.room = room
        self.mode = mode
        self.obstacle = obstacle
        self.relocateObstacle = relocateObstacle
        self.exceedance = exceedance
        self.rank = rank
        self.score = score
        self.flips = flips
        self.forecast = forecast
    }
}

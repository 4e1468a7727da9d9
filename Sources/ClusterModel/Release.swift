/// How far a plan is with emptying one host: a transaction that ends with the host empty or as it was.
package struct Release: Hashable, Sendable {
    /// Number of the wave in its plan, from zero.
    package let wave: Int
    /// The host that is emptied; `nil` for what a plan moves beside.
    package let host: HostID?
    package var stage: Stage
    /// When the present stage began.
    package var since: Instant
    /// How those that are moved, and those on the hosts they come to, did before.
    package let before: [Before]
    /// What of it still has to go back, and where to.
    package var returns: [Return]
    /// The plan that brings it back, while one does.
    package var undo: PlanID?

    package enum Stage: String, Hashable, Sendable, CaseIterable {
        case moving  // → watching, kept, undoing
        case watching  // → kept, undoing
        case kept
        case undoing  // → undone, left
        case undone
        /// Something could not go back, and is where it is.
        case left
    }

    /// How one instance did before the release began.
    package struct Before: Hashable, Sendable {
        package let instance: InstanceID
        /// Whether it ran and no check of it failed.
        package let isWell: Bool
        /// `nil` when too little was reported.
        package let strain: Strain?

        package init(instance: InstanceID, isWell: Bool, strain: Strain?) {
            self.instance = instance
            self.isWell = isWell
            self.strain = strain
        }
    }

    /// One instance and the host it was on.
    package struct Return: Hashable, Sendable {
        package let instance: InstanceID
        package let host: HostID

        package init(instance: InstanceID, host: HostID) {
            self.instance = instance
            self.host = host
        }
    }

    package init(
        wave: Int, host: HostID?, stage: Stage, since: Instant, before: [Before],
        returns: [Return] = [], undo: PlanID? = nil
    ) {
        self.wave = wave
        self.host = host
        self.stage = stage
        self.since = since
        self.before = before
        self.returns = returns
        self.undo = undo
    }
}

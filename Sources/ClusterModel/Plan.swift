/// What to do, why, and how far that is from the provable best; it changes nothing by itself.
package struct Plan: Hashable, Sendable {
    package let id: PlanID
    package let reason: Reason
    /// Revision of the snapshot it was made from.
    package let parent: Revision
    /// What it read; it is refused only if one of these changed since.
    package let reads: [Read]
    /// A DAG: each step names its predecessors, all of which come before it in this array.
    package let steps: [Step]
    /// One entry for each instance that was considered, in ascending order of instances.
    package let rationale: [Rationale]
    package let bound: Bound
    /// Under a joint rule, how often each host that holds instances in the end would have passed its ceiling, in
    /// ascending order of hosts.
    package let exceedances: [Exceedance]
    /// Sleeping hosts that the reserve counts on once the plan is done, in ascending order of lost hosts, then of sleepers.
    package let standbys: [Standby]
    /// Sleeping hosts to wake for what is pending, in ascending order: those with room for it, or one more for the reserve.
    package let wakes: [HostID]

    /// Why a plan exists.
    package enum Reason: Hashable, Sendable {
        case pack
        case relieve(HostID)
        case drain(HostID)
        case repair
        case place
        /// One instance to one host, asked for by a user.
        case move(InstanceID)
    }

    /// One thing a plan depends on, with the revision it had.
    package struct Read: Hashable, Sendable {
        package let subject: Subject
        package let revision: Revision

        package enum Subject: Hashable, Sendable {
            case host(HostID)
            case instance(InstanceID)
            case policy
        }

        package init(_ subject: Subject, at revision: Revision) {
            self.subject = subject
            self.revision = revision
        }
    }

    /// How many hosts hold instances before and after, and the fewest that any plan could reach.
    package struct Bound: Hashable, Sendable {
        package let before: Int
        package let after: Int
        /// No plan can end with fewer hosts than this.
        package let lower: Int

        package init(before: Int, after: Int, lower: Int) {
            self.before = before
            self.after = after
            self.lower = lower
        }

        package var gap: Int { after - lower }
        /// A gap of zero is a proof that no plan does better.
        package var isProved: Bool { gap == 0 }
    }

    /// In how many buckets the sum of what a host's instances count for passes the ceiling.
    package struct Exceedance: Hashable, Sendable {
        package let host: HostID
        /// Buckets above the ceiling.
        package let above: Int
        /// Buckets in the window.
        package let of: Int

        package init(host: HostID, above: Int, of buckets: Int) {
            self.host = host
            self.above = above
            of = buckets
        }

        /// The chance that the next bucket is above the ceiling, if it is like those of the window; rounded up.
        ///
        /// Never zero: that something did not happen in a day says little about the next day (`JointRule.allowed`).
        package var chance: Share {
            let (next, all) = (max(0, above) + 1, max(0, of) + 1)
            return Share(permille: UInt32(clamping: (next * 1000 + all - 1) / all))
        }
    }

    /// A sleeping host on which instances of another restart within their recovery time, should that be lost.
    package struct Standby: Hashable, Sendable {
        package let lost: HostID
        package let sleeper: HostID
        package let instances: Int
        /// How long the sleeper takes to wake.
        package let wake: Duration
        /// What is then left of the shortest recovery time of those instances.
        package let margin: Duration

        package init(
            lost: HostID, sleeper: HostID, instances: Int, wake: Duration, margin: Duration
        ) {
            self.lost = lost
            self.sleeper = sleeper
            self.instances = instances
            self.wake = wake
            self.margin = margin
        }
    }

    package init(
        id: PlanID, reason: Reason, parent: Revision, reads: [Read], steps: [Step],
        rationale: [Rationale], bound: Bound, exceedances: [Exceedance] = [],
        standbys: [Standby] = [], wakes: [HostID] = []
    ) {
        self.id = id
        self.reason = reason
        self.parent = parent
        self.reads = reads
        self.steps = steps
        self.rationale = rationale
        self.bound = bound
        self.exceedances = exceedances
        self.standbys = standbys
        self.wakes = wakes
    }
}

/// One action of a plan, and the steps that have to be done before it.
package struct Step: Hashable, Sendable {
    package let id: StepID
    package let action: Action
    /// Predecessors in ascending order.
    package let after: [StepID]

    /// Number of a step within its plan, from zero.
    package struct StepID: Hashable, Comparable, Sendable {
        package let number: Int

        package init(_ number: Int) { self.number = number }

        package static func < (a: StepID, b: StepID) -> Bool { a.number < b.number }
    }

    package enum Action: Hashable, Sendable {
        case start(InstanceID, on: HostID)
        case move(InstanceID, from: HostID, to: HostID, mode: MoveMode)
        case stop(InstanceID, on: HostID)
    }

    package init(id: StepID, action: Action, after: [StepID] = []) {
        self.id = id
        self.action = action
        self.after = after.sorted()
    }
}

/// Why an instance goes where it goes, and why no other host was taken.
package struct Rationale: Hashable, Sendable {
    package let instance: InstanceID
    package let decision: Decision
    /// The hosts that cannot have it, in ascending order, each with its first failing rule.
    package let refusals: [Refusal]
    /// How its new host compares with the next best; `nil` where it has none, or where the plan is
    /// too large for anyone to read that.
    package let standing: Standing?

    /// What hosts are compared by: of the host that was taken, and of the best of the others that
    /// could have it once the plan is done.
    package struct Standing: Hashable, Sendable {
        package let score: HostVerdict.Score
        package let runnerUp: RunnerUp?

        package init(score: HostVerdict.Score, runnerUp: RunnerUp? = nil) {
            self.score = score
            self.runnerUp = runnerUp
        }
    }

    package struct RunnerUp: Hashable, Sendable {
        package let host: HostID
        package let score: HostVerdict.Score

        package init(host: HostID, score: HostVerdict.Score) {
            self.host = host
            self.score = score
        }
    }

    package enum Decision: Hashable, Sendable {
        /// Newly placed.
        case placed(on: HostID, because: Grounds)
        case moved(from: HostID, to: HostID, because: Grounds)
        case stays(on: HostID, because: Grounds)
        /// It gives way, and waits for room there.
        case stopped(on: HostID, because: Grounds)
        /// No host can have it.
        case pending
    }

    /// What made the difference.
    package enum Grounds: Hashable, Sendable {
        /// The fullest host that still takes it.
        case fullest
        /// Its host is emptied.
        case empties(HostID)
        /// Its host is hot, and this move cools it most for its cost.
        case relieves(HostID)
        /// Its host drains.
        case drains(HostID)
        /// It broke a rule where it was.
        case repairs(Misfit)
        /// The user named this host.
        case asked
        /// It was there before, and what moved it is undone.
        case returns
        /// Moving it would free no host.
        case freesNothing
        /// Its host cannot be emptied.
        case hostStays
        /// It fitted nowhere, and these give way because their priority is lower.
        case displaces([InstanceID])
        /// It gives way to one of higher priority.
        case displaced(by: InstanceID)
    }

    package struct Refusal: Hashable, Sendable {
        package let host: HostID
        package let misfit: Misfit

        package init(host: HostID, misfit: Misfit) {
            self.host = host
            self.misfit = misfit
        }
    }

    package init(
        instance: InstanceID, decision: Decision, refusals: [Refusal], standing: Standing? = nil
    ) {
        self.instance = instance
        self.decision = decision
        self.refusals = refusals
        self.standing = standing
    }
}

package import ClusterModel
package import ControlCore

/// What a simulation came to.
package struct Run: Hashable, Sendable {
    package let hosts: [HostID]
    package let length: Duration
    /// Length of one sample.
    package let step: Duration
    package internal(set) var samples: [Sample] = []
    package internal(set) var moves: [MoveEnd] = []
    package internal(set) var totals = Totals()
    /// Plans that began by themselves, and those of them that were done.
    package internal(set) var plansBegun = 0
    package internal(set) var plansDone = 0
    /// Releases of hosts that began by themselves and ended.
    package internal(set) var releases: [ReleaseEnd] = []
    /// What the engine said, warnings and failures alone.
    package internal(set) var warnings: [Occurrence] = []
    /// What the planner made of each picture, where that was asked for.
    package internal(set) var recorded: [RecordedPlan] = []

    /// One stretch of time: each host in it, and the bound.
    package struct Sample: Hashable, Sendable {
        /// After the beginning.
        package let at: Duration
        package let hosts: [HostSample]
        /// Fewest hosts that any plan could have done with for what was really wanted.
        package let bound: Int
    }

    /// One host in a stretch of time.
    package struct HostSample: Hashable, Sendable {
        package let state: State
        /// Processor time that was served, of what instances may have; the mean of the stretch.
        package let load: Share
        package let instances: Int

        package enum State: String, Hashable, Sendable, CaseIterable {
            case on
            /// Has no instances.
            case asleep
            /// Has no power, or nobody reaches it.
            case away
        }
    }

    /// One move that ended.
    package struct MoveEnd: Hashable, Sendable {
        package let instance: InstanceID
        package let source: HostID
        package let target: HostID
        package let mode: MoveMode
        /// After the beginning.
        package let began: Duration
        package let ended: Duration
        package let outcome: Move.Outcome
        /// What went over the wire.
        package let bytes: Bytes
        /// How long no copy ran that could be reached.
        package let interruption: Duration
        /// Why its plan existed.
        package let reason: Plan.Reason?
        /// Whether its source was above the hard limit when its plan was made, so that rest was no reason to stay.
        package let isExempt: Bool
    }

    /// One host that was to be emptied.
    package struct ReleaseEnd: Hashable, Sendable {
        package let host: HostID
        /// After the beginning.
        package let began: Duration
        package let ended: Duration
        package let stage: Release.Stage
        /// Whether the host is empty, or holds just what it held before.
        package let isWhole: Bool
    }

    /// Sums over the whole time.
    package struct Totals: Hashable, Sendable {
        /// Hours in which hosts had instances.
        package internal(set) var hostHours = 0.0
        /// The same if every step had been at its bound.
        package internal(set) var boundHours = 0.0
        package internal(set) var kilowattHours = 0.0
        /// Minutes in which hosts were wanted more of than the ceiling, summed over hosts.
        package internal(set) var ceilingMinutes = 0.0
        /// The same for the hard limit.
        package internal(set) var hardMinutes = 0.0
        /// Processor time that was wanted, and what of it no host could give, in hours of a core.
        package internal(set) var wantedCoreHours = 0.0
        package internal(set) var throttledCoreHours = 0.0
        /// Minutes in which instances wanted more memory bandwidth than their host has, summed over hosts.
        package internal(set) var crowdedMinutes = 0.0
        /// Minutes in which an instance that was to run did not, summed over instances; moves included.
        package internal(set) var downMinutes = 0.0
    }

    /// Host-hours above the bound.
    package var regret: Double { totals.hostHours - totals.boundHours }

    /// Most moves that one instance made within any 24 hours, those from hosts above the hard limit left out.
    package var mostMovesOfOneADay: Int { mostMoves(within: .seconds(86_400)) { !$0.isExempt } }

    /// Most moves of one instance within any stretch of `window`, of those that `counts`.
    package func mostMoves(within window: Duration, _ counts: (MoveEnd) -> Bool) -> Int {
        var begun: [InstanceID: [Int64]] = [:]
        for move in moves where move.outcome == .done && counts(move) {
            begun[move.instance, default: []].append(move.ended.milliseconds)
        }
        return begun.values.map { times in
            let sorted = times.sorted()
            return sorted.indices.map { first in
                sorted[first...].prefix { $0 < sorted[first] + window.milliseconds }.count
            }.max() ?? 0
        }.max() ?? 0
    }
}

/// A plan with all that it was made from.
package struct RecordedPlan: Hashable, Sendable {
    package let job: PlanJob
    package let result: PlanningResult

    package init(job: PlanJob, result: PlanningResult) {
        self.job = job
        self.result = result
    }
}

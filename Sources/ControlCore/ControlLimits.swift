package import ClusterModel

/// Bounds of what the control loop keeps.
package enum ControlLimits {
    /// A working day of plans, one every ten minutes, still to be looked at the day after.
    package static let keptPlans = 100
    /// A hundred plans of ten moves.
    package static let keptMoves = 1_000
    /// Besides those, done ones of the last day: one a second for hours, in a cluster that is never calm.
    package static let keptDoneMoves = 10_000
    /// A week of a busy cluster: one a minute.
    package static let keptOccurrences = 10_000
    /// Removed instances that an agent still refuses orders about; the newest are those that may be ordered late.
    package static let tombstones = 256
    /// Changes after which a tick leaves further hosts to the next: what the store takes at once is bounded, and a network
    /// that fails takes all hosts away at the same moment.
    package static let changesPerTick = 4_000
    /// Each further one means that somebody else's placing came first.
    package static let placingAttempts = 10
    /// Two may be going away at the same moment; after the third the coordinator has it.
    package static let imageSources = 3
    /// The loop asks again for a plan of the same kind: reports come every 5 s, a large plan takes as long.
    package static let tryRest = Duration.seconds(60)
    /// What brought nothing in an unchanged cluster may bring something once use has changed.
    package static let fruitlessRest = Duration.seconds(600)
    /// Moves of one that has to give way to the same host: the second failure in a row is no accident.
    static let displacingMoves = 2
    /// How long such a host is not tried again; whoever is to come waits meanwhile, or somebody stops.
    static let displacingMemory = Duration.seconds(3_600)
    /// How long one that gives way may take to stop: drivers end by force after 10 s, and what failed is tried again after
    /// five minutes at the latest.
    package static let stopPatience = Duration.seconds(300)
    /// Failed plans double the wait before the next, up to half an hour of the shortest.
    package static let failureDoublings = 5
    /// Far above the longest search; an answer that is not here by then was lost.
    package static let planningPatience = Duration.seconds(600)
    /// What begins on a host busies it for a moment: caches and page tables are cold, clients connect anew.
    package static let guardSettling = Duration.seconds(30)
    /// Windows after which a guard does not wait any longer for what was not reported.
    package static let guardWindows = 3
    /// A rise of held-back time that is more than the noise of a minute: 3 s of it. It also has to be half as much again.
    package static let guardThrottled = Share(permille: 50)
    /// Pressure counts each short wait of any task, so it is noisier: 6 s of a minute.
    package static let guardPressure = Share(permille: 100)
    /// How long what has to go back is tried: an hour would be a night's sleep for whoever waits for room, and a host
    /// that reboots is back in some minutes.
    package static let undoPatience = Duration.seconds(1_800)
    /// Programs that CRIU refuses, each by one release of it on one kernel: far above what a cluster has of them. Beyond, the one that
    /// is over first goes.
    package static let keptRefusals = 256
    /// How long CRIU is not asked again for what it refused: as seldom as a night's work, so that what was wrong, or depended on what
    /// the program just did, is found out.
    package static let refusalMemory = day
    /// How long a host may still be heard that was put to sleep: services stop, disks are written out.
    package static let fallingAsleep = Duration.seconds(180)
    /// Longer than the program that switches hosts is given, so that it has ended whether anybody heard of it or not.
    package static let switchPatience = Duration.seconds(360)
    /// The least that a host may take to wake before that counts as failed: a server that tests its memory takes minutes.
    package static let wakePatience = Duration.seconds(300)
    /// How long a host that did not wake is not counted on to wake.
    package static let wakeRest = Duration.seconds(1_800)
    /// What `moves.instance` counts over.
    package static let day = Duration.seconds(86_400)
}

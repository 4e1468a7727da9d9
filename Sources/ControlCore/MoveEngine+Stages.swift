import ClusterModel

extension MoveEngine.Stage {
    /// Where a stored move goes on: at the beginning of its phase, or of its undoing.
    init(of record: MoveRecord) {
        guard record.isUnderWay else {
            self = .ended
            return
        }
        let overlaps = record.move.overlaps
        self =
            switch record.phase {
            case .preflight: .preflight
            case .prepare: .prepare
            case .copy where overlaps: record.isUndoing ? .undoTarget : .copyTarget
            case .copy: record.isUndoing ? .undoSource : .copySource
            case .switchOver where overlaps && record.isUndoing: .undoSource
            case .switchOver: record.isUndoing ? .undoTarget : .switchOver
            case .confirm: record.isUndoing ? .undoTarget : .confirm
            case .release where overlaps: record.isUndoing ? .undoSource : .release
            case .release: record.isUndoing ? .undoSource : .flush
            }
    }
}

extension MoveEngine {
    func patience(_ stage: Stage) -> Duration {
        let usual = Self.patience(stage, record.forecast)
        guard stage == .confirm, isAtTarget else { return usual }
        // Until the rest of its memory has come.
        return max(usual, (record.forecast?.duration ?? .zero) * 2)
    }

    /// How long a stage may take: what it does at its slowest, with room for a host that is busy.
    static func patience(_ stage: Stage, _ forecast: MoveForecast?) -> Duration {
        switch stage {
        case .preflight, .offer: .seconds(30)
        // An image of 100 GiB over a gigabit link takes a quarter of an hour, and volumes go in it too, while nobody waits.
        case .prepare: max(longest * 4, (forecast?.duration ?? .zero) * 2)
        // Much memory under a low ceiling takes what it takes; an endless one was refused.
        case .copySource, .copyTarget: max(longest, (forecast?.duration ?? .zero) * 2)
        case .switchOver, .confirm: .seconds(120)
        // What came waits its turn behind all that the host's other programs have written.
        case .flush: .seconds(120)
        case .release, .undoTarget, .undoSource: .seconds(60)
        case .ended: .seconds(0)
        }
    }

    private static let longest = Duration.seconds(1_800)
}

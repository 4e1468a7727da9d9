import ClusterModel
import Wire

extension Sampler {
    mutating func pairing() -> Pairing {
        Pairing(instance: id(), host: id(), until: instant(), reason: text())
    }

    mutating func releaseBefore() -> Release.Before {
        Release.Before(
            instance: id(), isWell: flag(),
            strain: maybe { Strain(throttled: $0.share(), pressure: $0.maybe { $0.pressure() }) })
    }

    mutating func releaseReturn() -> Release.Return {
        Release.Return(instance: id(), host: id())
    }

    mutating func release() -> Release {
        Release(
            wave: count(), host: maybe { $0.id() }, stage: one(), since: instant(),
            before: list { $0.releaseBefore() }, returns: list { $0.releaseReturn() },
            undo: maybe { $0.id() })
    }
}

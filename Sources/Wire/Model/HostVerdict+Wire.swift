import CHuddleProto
package import ClusterModel

extension HostVerdict: WireMessage, WireValue {
    init(raw: Huddle__V1__HostVerdict) throws(InvalidValue) {
        self.init(
            host: try ID(raw.host, "host"), current: raw.current != 0,
            misfit: try optional(raw.misfit, "misfit"),
            room: try optional(raw.room, "room") ?? .zero,
            mode: try MoveMode.optional(raw.move_mode, "moveMode"),
            obstacle: unlessEmpty(text(raw.live_obstacle)),
            relocateObstacle: unlessEmpty(text(raw.relocate_obstacle)),
            exceedance: try optional(raw.exceedance, "exceedance"),
            rank: raw.rank == 0 ? nil : Int(raw.rank), score: try optional(raw.score, "score"),
            flips: try messages(raw.flips, raw.n_flips, "flips"),
            forecast: try optional(raw.forecast, "forecast"))
    }

    func fill(_ raw: inout Huddle__V1__HostVerdict, _ arena: inout Arena) {
        raw.host = arena.id(host)
        raw.current = current.wire
        raw.misfit = arena.message(misfit)
        raw.room = arena.message(room)
        if let mode { raw.move_mode = mode.wire }
        raw.live_obstacle = arena.text(obstacle ?? "")
        raw.relocate_obstacle = arena.text(relocateObstacle ?? "")
        raw.exceedance = arena.message(exceedance)
        raw.rank = UInt32(clamping: rank ?? 0)
        raw.score = arena.message(score)
        (raw.n_flips, raw.flips) = arena.messages(flips)
        raw.forecast = arena.message(forecast)
    }
}

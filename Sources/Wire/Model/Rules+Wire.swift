import CHuddleProto
package import ClusterModel

extension Rules: WireMessage, WireValue {
    init(raw: Huddle__V1__Rules) throws(InvalidValue) {
        self.init(
            need: try Labels(raw.need, raw.n_need, "need"),
            avoid: try Labels(raw.avoid, raw.n_avoid, "avoid"),
            prefer: try Labels(raw.prefer, raw.n_prefer, "prefer"),
            apart: try Labels(raw.apart, raw.n_apart, "apart"),
            together: try Labels(raw.together, raw.n_together, "together"),
            spread: unlessEmpty(text(raw.spread)),
            tolerate: try Labels(raw.tolerate, raw.n_tolerate, "tolerate"),
            priority: Int(raw.priority))
    }

    func fill(_ raw: inout Huddle__V1__Rules, _ arena: inout Arena) {
        (raw.n_need, raw.need) = arena.messages(need.pairs)
        (raw.n_avoid, raw.avoid) = arena.messages(avoid.pairs)
        (raw.n_prefer, raw.prefer) = arena.messages(prefer.pairs)
        (raw.n_apart, raw.apart) = arena.messages(apart.pairs)
        (raw.n_together, raw.together) = arena.messages(together.pairs)
        raw.spread = arena.text(spread ?? "")
        (raw.n_tolerate, raw.tolerate) = arena.messages(tolerate.pairs)
        raw.priority = Int32(clamping: priority)
    }
}

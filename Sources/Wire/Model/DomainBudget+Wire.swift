import CHuddleProto
package import ClusterModel

extension Policy.DomainBudget: WireMessage, WireValue {
    init(raw: Huddle__V1__DomainBudget) throws(InvalidValue) {
        self.init(moves: Int(raw.moves), label: text(raw.label))
    }

    func fill(_ raw: inout Huddle__V1__DomainBudget, _ arena: inout Arena) {
        raw.moves = UInt32(clamping: moves)
        raw.label = arena.text(label)
    }
}

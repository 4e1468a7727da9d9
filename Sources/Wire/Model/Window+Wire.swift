import CHuddleProto
package import ClusterModel

extension Window: WireMessage, WireValue {
    init(raw: Huddle__V1__Window) throws(InvalidValue) {
        self.init(try messages(raw.entries, raw.n_entries, "window"))
    }

    func fill(_ raw: inout Huddle__V1__Window, _ arena: inout Arena) {
        (raw.n_entries, raw.entries) = arena.messages(entries)
    }
}

extension Window.Entry: WireMessage, WireValue {
    init(raw: Huddle__V1__WindowEntry) throws(InvalidValue) {
        guard raw.days < 1 << UInt32(Window.Weekday.allCases.count) else {
            throw InvalidValue("days", "\(raw.days) has days that no week has")
        }
        try self.init(
            days: Window.Weekday.allCases.filter { raw.days & $0.bit != 0 },
            from: Int(raw.from_minute), to: Int(raw.to_minute))
    }

    func fill(_ raw: inout Huddle__V1__WindowEntry, _ arena: inout Arena) {
        raw.days = days.reduce(0) { $0 | $1.bit }
        raw.from_minute = UInt32(clamping: from)
        raw.to_minute = UInt32(clamping: to)
    }
}

extension Window.Weekday {
    fileprivate var bit: UInt32 { 1 << UInt32(rawValue) }
}

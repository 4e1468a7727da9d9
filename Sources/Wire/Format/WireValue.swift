import ClusterModel

/// A value that one generated message carries.
protocol WireValue: WireMessage {
    associatedtype Raw: GeneratedMessage

    /// Reads the fields, whose text is known to be UTF-8, and checks every rule of the value.
    init(raw: Raw) throws(InvalidValue)

    /// Sets the fields of `raw`, which has its defaults; what it points to comes from `arena`.
    func fill(_ raw: inout Raw, _ arena: inout Arena)
}

extension WireValue {
    package init(decoding bytes: [UInt8]) throws(WireFault) {
        let unpacked = try Unpacked<Raw>(bytes.span)
        do throws(InvalidValue) {
            self = try unpacked.read { raw throws(InvalidValue) in try Self(raw: raw) }
        } catch {
            throw .invalid(error)
        }
    }

    package func encoded() -> [UInt8] { Arena.pack(self) }
}

import ClusterModel

/// A closed set of ours that a generated enum carries; 0 there is UNSPECIFIED.
protocol WireEnum: CaseIterable, Equatable {
    associatedtype Raw: RawRepresentable & Equatable where Raw.RawValue == UInt32

    var wire: Raw { get }
}

extension WireEnum {
    /// Reads `raw`, where UNSPECIFIED is `unspecified` or, without one, refused.
    init(
        _ raw: Raw, _ field: String, unspecified: Self? = nil
    ) throws(InvalidValue) {
        if let known = Self.allCases.first(where: { $0.wire == raw }) {
            self = known
        } else if raw.rawValue == 0 {
            guard let unspecified else { throw .missing(field) }
            self = unspecified
        } else {
            throw .unknown(raw, field)
        }
    }

    /// Reads `raw`, where UNSPECIFIED is `nil`.
    static func optional(_ raw: Raw, _ field: String) throws(InvalidValue) -> Self? {
        raw.rawValue == 0 ? nil : try Self(raw, field)
    }
}

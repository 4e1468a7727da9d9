/// Why something cannot be compressed, or what was compressed not be read.
package enum ZstdFailure: Error, Hashable, Sendable {
    case memory
    /// In zstd's own words: the bytes are none of its, were changed on the way, or ask for more memory than is given.
    case broken(String)
    /// The bytes go on after the frame.
    case trailing
    /// The bytes end before the frame does.
    case truncated
}

extension ZstdFailure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .memory: "there is no memory to compress with"
        case .broken(let words): "what was compressed cannot be read: \(words)"
        case .trailing: "what was compressed goes on after its end"
        case .truncated: "what was compressed ended in the middle"
        }
    }
}

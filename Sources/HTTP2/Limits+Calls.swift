/// The bounds of gRPC on one connection.
extension Limits {
    /// The largest message in bytes, before and after decompression; gRPC's own default.
    package static let messageBytes = 4 * 1_024 * 1_024

    /// Bytes of unfinished messages that one connection may make us hold: 16 of the largest.
    package static let heldBytes = 16 * messageBytes

    /// Calls a client may have open or waiting on one connection: eight times what our server runs
    /// at once.
    package static let openCalls = 8 * concurrentStreams

    /// Bytes of metadata we send in one direction: the peer's header list less the fixed fields.
    package static let metadataBytes = headerListBytes - 2 * 1_024

    /// Characters of a method's path.
    package static let pathBytes = 1_024

    /// Bytes of a status's details, before base64: together with the message they fill no more than half of a
    /// peer's 16 KiB of headers.
    package static let statusDetailsBytes = 3 * 1_024

    /// Bytes of a status message, before percent-encoding, which at worst triples it.
    package static let statusMessageBytes = 1_024

    /// Credit is given back in quarters of the window. libnghttp2 holds back another half before
    /// it tells the peer, so the peer can always send at least a quarter and never stalls.
    package static let creditStep = streamWindow / 4
}

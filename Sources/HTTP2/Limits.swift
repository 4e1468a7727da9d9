/// Every bound of the wire in one place, each with its unit and the arithmetic behind it.
///
/// Here are those of one HTTP/2 connection; those of calls, sockets and time have a file each.
package enum Limits {
    /// Bytes a peer may send on one stream before its consumer reads: 16 frames of 16 KiB.
    package static let streamWindow = 256 * 1_024

    /// Bytes in flight on a connection; credited on arrival, so that a slow stream never starves
    /// another. 8 MiB fills 1 Gbit/s at 64 ms.
    package static let connectionWindow = 8 * 1_024 * 1_024

    /// Streams a peer may have open; × `streamWindow` = 32 MiB, the most that unread bytes hold.
    package static let concurrentStreams = 128

    /// Octets of one header list, each field counted with 32 octets of overhead.
    /// - Source: RFC 9113, 10.5.1.
    package static let headerListBytes = 16 * 1_024

    /// Streams a peer may open and reset at once, and per second thereafter (rapid reset).
    /// 500 is four full sets of concurrent streams.
    /// - Source: CVE-2023-44487.
    package static let resetBurst = 500
    package static let resetsPerSecond = 50

    /// CONTINUATION frames after one HEADERS: 8 × 16 KiB is eight times the header list we accept.
    /// - Source: CVE-2024-28182.
    package static let continuations = 8

    /// SETTINGS entries in one frame; the standard defines fewer than ten.
    package static let settingsPerFrame = 32

    /// PING and SETTINGS acknowledgements queued for a peer that does not read.
    /// - Source: CVE-2019-9512, CVE-2019-9515.
    package static let queuedAcknowledgements = 100

    /// Frames, DATA aside, that wait for a peer that does not read: 128 streams × (HEADERS,
    /// WINDOW_UPDATE, RST_STREAM), the client's waiting requests, and room to spare.
    package static let queuedFrames = 4_096

    /// Frames of a peer that broke the protocol without ending the connection; correct peers send
    /// none, and each makes us reset a stream.
    /// - Source: CVE-2025-8671 (server-induced resets).
    package static let invalidFrames = 64

    /// Octets of a header list above which its sender is not told but cut off: four times what our SETTINGS allow. Fields of
    /// one octet each may name 4 KiB, so the work of one block has to end somewhere.
    package static let headerBombBytes = 4 * headerListBytes

    /// Frames that carry nothing which a client may send at once, and per second thereafter: keepalives, acknowledgements,
    /// windows. See `FrameBudget` for what they are.
    /// - Source: libnghttp2, `nghttp2_option_set_glitch_rate_limit`.
    package static let idleFrames = 1_000
    package static let idleFramesPerSecond = 33

    /// What a request allows on top: its reset, its window, a priority, and one to spare.
    package static let idleFramesPerCall = 4

    /// What a DATA frame of ours allows on top: the stream's window, the connection's, and the ping by which some clients
    /// measure how fast they may be sent.
    package static let idleFramesPerDataFrame = 3

    /// The most of these that may be open: for as many small DATA frames as a client may leave unread in a window of 64 KiB,
    /// several times over.
    package static let idleAnswers = 16 * idleFrames

    /// A DATA frame of ours below this many bytes that leaves others waiting allows nothing: its size is the peer's choice,
    /// who has opened its window by so little.
    /// - Source: CVE-2019-9511 (data dribble).
    package static let dribbleBytes = 1_024

    /// Bytes of the shortest gRPC message: a DATA frame with less, which does not end its stream, carries nothing.
    package static let smallestMessage = 5

    /// What SETTINGS cost more than other frames: each changes the windows of all streams, and is acknowledged.
    /// - Source: CVE-2019-9515.
    package static let settingsCost = 4

    /// What a stream costs that we had to refuse or to cut for what its client sent, although the protocol allows it.
    /// A client that does nothing else gets 50 at once and then one or two a second.
    /// - Source: CVE-2025-8671 (MadeYouReset).
    package static let cutCost = 20

    /// Streams that we closed first and remember, because their client may still be sending: a set
    /// of concurrent ones. Frames on older ones are ignored.
    package static let cutStreams = concurrentStreams

    /// Ranges of stream numbers that a client passed over; correct ones pass over none.
    package static let skippedRanges = 8
}

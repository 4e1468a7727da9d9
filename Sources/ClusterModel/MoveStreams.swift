/// Over how many streams the memory of a VM goes from one host to another.
package enum MoveStreams {
    /// Where nobody says otherwise. Four were measured to bring no more than two.
    ///
    /// Source: measured, a guest of 768 MiB by TLS between hosts of one core: 1.6 to 3.0 s by one, 1.2 to 2.0 s by two, 1.3
    /// to 2.0 s by four.
    package static let standard = 2
    /// What an operator may ask for.
    package static let range = 1...8
    /// What one stream carries by itself: under a ceiling up to this one, more of them have nothing to bring.
    ///
    /// Source: 300 MB/s by TLS were reported of one stream of QEMU's.
    package static let one = BytesPerSecond(256 << 20)

    /// Both hosts have to be able to.
    ///
    /// - Parameter share: what the move has of a ceiling; `nil` where there is none.
    package static func count(
        from source: Host, to target: Host, under policy: Policy, share: BytesPerSecond?
    ) -> Int {
        guard share.map({ $0 > one }) ?? true, canSend(source), canSend(target) else { return 1 }
        return policy.movesStreams
    }

    /// One that never said so, because its agent is older, cannot.
    package static func canSend(_ host: Host) -> Bool {
        host.capacity.capability(.multifd)?.available == true
    }
}

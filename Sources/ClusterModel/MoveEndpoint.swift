/// Where the target of a live move of a VM waits for its memory and disks.
package struct MoveEndpoint: Hashable, Sendable {
    /// Numeric address of the target host.
    package let address: IPv4Address
    /// Port at which the target's QEMU takes memory and devices.
    package let memoryPort: UInt16
    /// Port at which it takes disks; `nil` when the VM has none.
    package let diskPort: UInt16?

    package init(address: IPv4Address, memoryPort: UInt16, diskPort: UInt16? = nil) {
        self.address = address
        self.memoryPort = memoryPort
        self.diskPort = diskPort
    }
}

/// How far a move has come, as its source measures it.
package struct MoveProgress: Hashable, Sendable {
    /// Passes over the memory that were begun; zero while only disks are copied.
    package let rounds: Int
    package let transferred: Bytes
    /// What is still to be sent, by the present estimate; it may rise while the instance writes.
    package let remaining: Bytes
    package let bytesPerSecond: UInt64

    package init(rounds: Int, transferred: Bytes, remaining: Bytes, bytesPerSecond: UInt64) {
        self.rounds = rounds
        self.transferred = transferred
        self.remaining = remaining
        self.bytesPerSecond = bytesPerSecond
    }
}

/// What both ends of one move prove themselves with; made for that move and for an hour.
///
/// PEM texts. The subject of both certificates is the move's, so that no other certificate of the same authority
/// opens the target's door.
package struct MoveCredentials: Hashable, Sendable {
    package let authority: String
    package let certificate: String
    package let key: String
    /// Name in the certificate, which the source asks for and the target lets in.
    package let name: String

    package init(authority: String, certificate: String, key: String, name: String) {
        self.authority = authority
        self.certificate = certificate
        self.key = key
        self.name = name
    }
}

/// How far a copy has come, as its users see it: never less than before.
package struct MoveAdvance: Hashable, Sendable {
    package let latest: MoveProgress
    /// What has been sent of all that will have to be, by the best estimate so far.
    package let share: Share

    /// Takes `progress` for what follows `earlier`; while the instance writes faster than can be sent, the share
    /// stands still.
    package init(_ progress: MoveProgress, after earlier: MoveAdvance? = nil) {
        latest = progress
        let sent = progress.transferred.count
        let total = sent.saturatingSum(progress.remaining.count)
        // In KiB, so that the product stays within 64 bits up to sixteen pebibytes.
        let permille = total == 0 ? 0 : (sent >> 10) * 1_000 / max(1, total >> 10)
        let share = Share(permille: UInt32(clamping: min(permille, 1_000)))
        self.share = max(share, earlier?.share ?? share)
    }

    package init(latest: MoveProgress, share: Share) {
        self.latest = latest
        self.share = share
    }
}

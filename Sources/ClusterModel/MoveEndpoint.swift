/// Where the target of a live move of a VM waits for its memory and disks.
package struct MoveEndpoint: Hashable, Sendable {
    /// Numeric address of the target host.
    package let address: IPv4Address
    /// Port at which the target's QEMU takes memory and devices.
    package let memoryPort: UInt16
    /// Port at which it takes disks; `nil` when the VM has none.
    package let diskPort: UInt16?
    /// Whether what waits there has a balloon: a VM that has one can only arrive where there is one too.
    package let hasBalloon: Bool
    /// Over how many streams the memory is awaited: one, or as many beside the first, which then carries what is not memory.
    package let streams: Int
    /// Whether its guest may run there before all of its memory has come.
    package let takesPostcopy: Bool

    package init(
        address: IPv4Address, memoryPort: UInt16, diskPort: UInt16? = nil,
        hasBalloon: Bool = false, streams: Int = 1, takesPostcopy: Bool = false
    ) {
        self.address = address
        self.memoryPort = memoryPort
        self.diskPort = diskPort
        self.hasBalloon = hasBalloon
        self.streams = streams
        self.takesPostcopy = takesPostcopy
    }
}

/// Bounds of what the coordinator queues and keeps in memory.
enum CoordinatorLimits {
    /// 10 000 hosts × 1 report/5 s × 8 s in which the store does not answer.
    static let queuedEvents = 16_384
    /// Every instance of a full host (1 000) once, and as much again for moves; a slower agent is cut off.
    static let queuedInstructions = 2_048
    /// Lines that a watcher may be behind before it is told to come again.
    static let queuedNotes = 1_024
    /// Plans with their pictures that a recording may be behind: each can have megabytes.
    static let queuedPictures = 16
    /// Users that look at logs, consoles and plans at the same time.
    static let watchers = 1_000
    /// How long an agent may take to open a stream it was asked for.
    static let attachPatience = Duration.seconds(10)
    /// How often it is looked whether an instance that left its host has come to the next.
    static let sequelPause = Duration.milliseconds(100)
    /// How long the program that switches hosts may take: a host that ends its services and writes its disks out needs
    /// minutes.
    static let powerPatience = Duration.seconds(300)
    /// What is kept of its complaint.
    static let powerComplaint = 300
    /// Largest image file: 1 TiB.
    static let imageBytes: UInt64 = 1 << 40
    /// Size of one piece of a file on the wire: a good part of a stream's window.
    static let chunkBytes = 256 << 10
}

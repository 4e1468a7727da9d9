import ClusterModel

/// Every bound of this target, with what happens at it.
enum DriverLimits {
    /// An image from a registry: 4 GiB at 10 MB/s; then the start fails as `unavailable` and may be
    /// repeated.
    static let pull: Duration = .seconds(7 * 60)

    /// A call that only asks or changes one thing; Podman answers in milliseconds, or in seconds
    /// when the disk is busy.
    static let call: Duration = .seconds(60)

    /// A checkpoint or a restore: 16 GiB of memory at 100 MB/s, written and packed; most take less
    /// than a second. Then a move fails and is rolled back.
    static let checkpoint: Duration = .seconds(5 * 60)

    /// The trial of a checkpoint; it takes 0.8 s, and a busy host gets a dozen times that.
    static let trial: Duration = .seconds(10)

    /// For all processes of a container to stand still; those that wait for a disk take longer, and CRIU then waits itself.
    static let freezing: Duration = .milliseconds(50)

    /// A look at a directory that hosts share; a file server that is away answers no sooner than it is back.
    static let sharedLook: Duration = .seconds(10)

    /// A QEMU that was told to end writes its disks first; a file server may be slow, or change over to another one, and
    /// what is missing in its file stays missing.
    static let end: Duration = .seconds(5)
    static let sharedEnd: Duration = .seconds(60)

    /// What an instance may print before the oldest is dropped, twice per instance on disk.
    static let log = Bytes.mebibytes(16)

    /// One frame of a log or of an attached command; Podman's are a line or 32 KiB.
    static let frame = 1 << 20

    /// Lines of what a dead QEMU last said that go into the reason.
    static let reasonLines = 5
}

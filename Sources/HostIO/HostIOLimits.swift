/// Every bound of this target, with what happens at it.
package enum HostIOLimits {
    /// A collected HTTP body: an inspect of a container with hundreds of labels stays below 1 MiB;
    /// a larger one is `tooLarge`.
    package static let httpBody = 16 << 20

    /// One QMP line: `query-block` of a VM with tens of disks is some 100 KiB; a longer one ends
    /// the session.
    static let qmpLine = 4 << 20

    /// QMP events nobody has read yet, at some 200 bytes each; the oldest are dropped.
    static let qmpEvents = 256

    /// Bytes kept of what a tool printed; what comes after is read and thrown away.
    package static let toolOutput = 1 << 20

    /// A small file read whole: cgroup and proc files are below 64 KiB, records below 16 KiB.
    package static let smallFile = 1 << 20

    /// Blocks of 512 bytes, 16 MiB, of a file that is freed where it is removed; a file system frees that in milliseconds, and
    /// 2 GiB were seen to take 0.4 s.
    static let freedAtOnce = 16 << 11
}

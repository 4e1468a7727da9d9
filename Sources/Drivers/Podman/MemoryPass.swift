/// A first pass of an instance's memory, and the processes that it is of.
struct MemoryPass: Hashable, Sendable {
    /// Of Podman's container.
    let container: String
    /// The first process of it.
    let process: Int32

    init(_ container: PodmanContainer) {
        (self.container, self.process) = (container.id, container.process)
    }

    /// Whether it is of the container as that is now.
    func isOf(_ other: PodmanContainer) -> Bool {
        other.id == container && other.process == process
    }
}

/// A streamed instance that has come to its target.
package struct StreamArrival: Sendable {
    package let instance: DriverInstance
    /// Whether it ended because a part of its memory did not come, or before it did.
    package let isLost: Bool

    package init(_ instance: DriverInstance, isLost: Bool = false) {
        self.instance = instance
        self.isLost = isLost
    }
}

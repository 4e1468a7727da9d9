/// What is known of the source of a streamed move when its target is to say whether the instance is there.
package struct MoveSource: Hashable, Sendable {
    /// It has let go of the instance, so that nobody else has it; else nobody knows.
    package let hasLetGo: Bool
    /// There is nothing left of it: what it has not sent will not come.
    package let isGone: Bool

    package static let unknown = MoveSource()

    package init(hasLetGo: Bool = false, isGone: Bool = false) {
        self.hasLetGo = hasLetGo
        self.isGone = isGone
    }
}

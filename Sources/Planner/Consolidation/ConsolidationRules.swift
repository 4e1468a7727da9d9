/// How far hosts are filled, and when a move is worth it.
///
/// - Source: the figures were chosen on two recorded days of a thousand machines each, so that each could be a third larger or smaller without a result that
/// breaks a bound; see the target's documentation.
package struct ConsolidationRules: Hashable, Sendable {
    /// Newest samples that an estimate is made of.
    package var window = 36
    /// Samples that the guess from instances of the same size counts for.
    package var priorWeight: Int64 = 1
    /// A host is filled until its mean and so many thousandths of a deviation reach its capacity.
    package var fill: Int64 = 2_330
    /// Samples of the window in which what a host's instances used together may pass its capacity, in thousandths.
    package var breaches = 0
    /// A host whose mean and so many thousandths of a deviation pass its capacity is relieved.
    package var hot: Int64 = 1_200
    /// A host left by relief has at least this much room.
    package var relieved: Int64 = 1_600
    /// Over how many seconds an emptied host has to pay its moves back.
    package var horizon: Int64 = 14_400
    /// What a move costs, in joules.
    package var moveJoules: Int64 = 60_000
    /// Control steps for which a moved instance keeps its host from being emptied again; relief is exempt.
    package var rest = 24

    package init() {}
}

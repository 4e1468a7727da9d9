package import ClusterModel

/// Why a stream of changes ended though nobody cancelled it.
///
/// The cure is the same each time: read the entries again, then watch from `resumeAfter` on. Some
/// changes may come twice; an entry's revision tells which is newer.
package enum WatchInterruption: Error, Hashable, Sendable {
    /// The changes after `after` are no longer kept: too long ago, or before this process started,
    /// or the reader fell behind.
    case forgotten(after: Revision, resumeAfter: Revision)
    /// `after` lies in the future: it is of another file, or of a newer copy of this one.
    case ahead(after: Revision, resumeAfter: Revision)
    /// The store was closed.
    case closed

    /// The revision to watch from after the entries were read again; `nil` once the store is
    /// closed.
    package var resumeAfter: Revision? {
        switch self {
        case .forgotten(_, let revision), .ahead(_, let revision): revision
        case .closed: nil
        }
    }
}

extension WatchInterruption: CustomStringConvertible {
    /// The interruption as an operator reads it, without a final full stop.
    package var description: String {
        switch self {
        case .forgotten(let after, let resume):
            "changes after revision \(after.number) are not kept; "
                + "read again, then resume after \(resume.number)"
        case .ahead(let after, let resume):
            "revision \(after.number) was never reached; "
                + "read again, then resume after \(resume.number)"
        case .closed: "the store was closed"
        }
    }
}

/// What the holder of a certificate is, and so what it may ask for.
///
/// It stands in the certificate's subject as its one organizational unit (OU), and the holder's
/// name as its one common name (CN): two fields that every tool shows and no client software
/// interprets.
package enum Role: String, Hashable, Sendable, CaseIterable {
    /// The coordinator's own certificate; it calls nobody, it is called.
    case coordinator
    /// The agent of one host; its name is the host's.
    case agent
    /// A person or program that may read.
    case viewer
    /// One that may also run, move and stop workloads.
    case `operator`
    /// One that may also say who belongs to the cluster and what its policy is.
    case admin

    /// How much a user's role may do; `nil` for the two roles that are not users'.
    package var userRank: Int? {
        switch self {
        case .coordinator, .agent: nil
        case .viewer: 1
        case .operator: 2
        case .admin: 3
        }
    }
}

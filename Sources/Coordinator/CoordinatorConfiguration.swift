package import ClusterModel
import Identity

/// What an operator tells a coordinator at its start.
package struct CoordinatorConfiguration: Hashable, Sendable {
    /// Where everything is kept that outlives the process.
    package let dataDirectory: String
    package let listenHost: String
    package let listenPort: Int
    /// Addresses that agents and users reach it by, each `host:port`, as tokens and contexts carry them.
    package let advertised: [String]
    /// The cluster's name, for people.
    package let cluster: String
    /// Where instances and hosts get their addresses from.
    package let network: ClusterNetwork
    /// How long the certificates of agents and of the coordinator live.
    package let certificateLife: Duration
    /// Absolute path of the program that switches hosts on and off; `nil` where nobody but people does.
    package let powerProgram: String?

    package init(
        dataDirectory: String, listenHost: String, listenPort: Int, advertised: [String],
        cluster: String = "huddle", network: ClusterNetwork = .standard,
        certificateLife: Duration = Self.usualCertificateLife, powerProgram: String? = nil
    ) {
        self.dataDirectory = dataDirectory
        self.listenHost = listenHost
        self.listenPort = listenPort
        self.advertised = advertised
        self.cluster = cluster
        self.network = network
        self.certificateLife = certificateLife
        self.powerProgram = powerProgram
    }
}

extension CoordinatorConfiguration {
    package static let usualCertificateLife = Renewal.usualLife
    package static let certificateLives = Renewal.lives
}

/// Why a coordinator cannot run, as an operator reads it.
package struct CoordinatorFailure: Error, Hashable, Sendable {
    package let what: String
    package let why: String
    package let attempt: String

    package init(_ what: String, why: String, try attempt: String) {
        self.what = what
        self.why = why
        self.attempt = attempt
    }
}

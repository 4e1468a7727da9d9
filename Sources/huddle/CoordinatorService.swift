import ArgumentParser
import ClusterModel
import Coordinator
import Logging
import Specs

/// `huddle coordinator`.
struct CoordinatorService: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "coordinator", abstract: "Run the cluster's coordinator.",
        discussion:
            "Makes the cluster at its first start and writes the admin's context to DATA/admin.yaml."
    )

    @Option(help: "Directory for everything that outlives the process.")
    var data = "/var/lib/huddle/coordinator"

    @Option(help: "Address and port to listen on.")
    var listen = "0.0.0.0:7440"

    @Option(help: "Address and port that hosts and users reach it by; may be given more than once.")
    var advertise: [String] = []

    @Option(help: "The cluster's name, for people.")
    var cluster = "huddle"

    @Option(help: "Addresses of instances; nothing else that hosts reach may use them.")
    var network = "\(ClusterNetwork.standard)"
    @Option(
        help:
            "How long certificates of hosts live, 1m to 365d; they are renewed at two thirds of it."
    )
    var certificateLifetime = CoordinatorConfiguration.usualCertificateLife.notation

    @Option(
        help:
            "Absolute path of a program that switches hosts on and off, called as PROGRAM sleep HOST and PROGRAM wake HOST."
    )
    var powerProgram: String?

    func validate() throws {
        if let powerProgram, !powerProgram.hasPrefix("/") {
            throw ValidationError("--power-program: '\(powerProgram)' is not an absolute path")
        }
        _ = try certificateLife()
        guard ContextFile.Endpoint(listen) != nil else {
            throw ValidationError("--listen: '\(listen)' is not ADDRESS:PORT")
        }
        for address in advertise where ContextFile.Endpoint(address) == nil {
            throw ValidationError("--advertise: '\(address)' is not HOST:PORT")
        }
        do throws(InvalidValue) { _ = try ClusterNetwork(parsing: network) } catch {
            throw ValidationError("--network: \(error.problem)")
        }
        if advertise.isEmpty {
            throw ValidationError(
                "--advertise HOST:PORT is missing: hosts and users have to find the coordinator")
        }
    }

    func run() async throws {
        guard let endpoint = ContextFile.Endpoint(listen) else { throw ExitCode.validationFailure }
        let configuration = CoordinatorConfiguration(
            dataDirectory: data, listenHost: endpoint.host, listenPort: Int(endpoint.port),
            advertised: advertise, cluster: cluster, network: try ClusterNetwork(parsing: network),
            certificateLife: try certificateLife(), powerProgram: powerProgram)
        do {
            try await Coordinator(configuration, log: ServiceLog.start("coordinator")).run()
        } catch let failure as CoordinatorFailure {
            ServiceLog.fail(failure.what, why: failure.why, try: failure.attempt)
            throw ExitCode.failure
        }
    }

    private func certificateLife() throws -> Duration {
        let life: Duration
        do throws(NotationFailure) {
            life = try Duration(notation: certificateLifetime)
        } catch {
            let advice = error.suggestion.map { "; \($0)" } ?? ""
            throw ValidationError("--certificate-lifetime: \(error.problem)\(advice)")
        }
        let lives = CoordinatorConfiguration.certificateLives
        guard lives.contains(life) else {
            let (least, most) = (lives.lowerBound.notation, lives.upperBound.notation)
            throw ValidationError("--certificate-lifetime: has to be from \(least) to \(most)")
        }
        return life
    }
}

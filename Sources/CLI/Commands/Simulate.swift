import ArgumentParser
import ClusterModel
import Simulator
import Specs

/// `huddle simulate`: what a policy would do under a load, on virtual time and without a cluster.
struct Simulate: UserCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run a made cluster on virtual time, and tell what it came to; needs no cluster.",
        discussion: """
            The file names hosts, workloads with their loads, a policy and faults; see
            deploy/examples/simulations/week.yaml. It is run twice, once with nothing moved. The same
            file and seed give the same bytes. With --load FILE, the cluster and its load are those that
            huddle record kept, and the policy is the one that it had, in mode auto.
            """)

    @Argument(help: ArgumentHelp("The scenario, or - for standard input.", valueName: "file"))
    var file: String?

    @Option(
        name: .customLong("replay"),
        help: ArgumentHelp(
            "Make the plans again that huddle record kept; fails if one differs.", valueName: "file"
        ))
    var recording: String?

    @Option(
        name: .customLong("load"),
        help: ArgumentHelp(
            "Run the cluster that huddle record kept, under the load that it kept.",
            valueName: "file"))
    var load: String?

    @Option(
        name: .customLong("policy"),
        help: ArgumentHelp(
            "Set a key of the policy, such as ceiling.cpu=70%; may be given several times.",
            valueName: "key=value"))
    var settings: [String] = []

    @Option(name: .long, help: "What chance is drawn from.")
    var seed: UInt64 = 1

    @Option(
        name: .customLong("for"),
        help: ArgumentHelp(
            "How long to simulate, such as 7d. (default: what the file says, or 1d)",
            valueName: "duration"),
        transform: ArgumentReading.duration)
    var length: Duration?

    @Option(
        name: .long,
        help: ArgumentHelp("Draw hosts over time into this file, as SVG.", valueName: "file"))
    var picture: String?

    @OptionGroup var options: GlobalOptions

    func validate() throws {
        guard [file, recording, load].count(where: { $0 != nil }) == 1 else {
            throw ValidationError("give a scenario, or a recording with --load or --replay")
        }
        if let length, length <= .zero || length > SpecLimits.longestSimulation {
            throw ValidationError("--for has to be above zero and at most 366d")
        }
    }

    func perform(in shell: Shell) async throws(CommandFailure) -> ExitStatus {
        if let recording { return try replay(recording, in: shell) }
        var scenario: Scenario
        if let load {
            scenario = try recorded(in: load, shell)
        } else {
            scenario = try written(shell)
        }
        if let length { scenario.length = length }
        scenario.length = min(scenario.length, SpecLimits.longestSimulation)
        do throws(PolicyFailure) {
            scenario.policy = try PolicyText.apply(settings, to: scenario.policy)
        } catch {
            throw CommandFailure(error, "nothing was simulated")
        }
        var simulation = Simulation(scenario, seed: seed)
        let run = simulation.run()
        var still = Simulation(scenario.still, seed: seed)
        let result = SimulationResult(seed: seed, run: run, still: still.run())
        if let picture { try draw(run, to: picture, shell) }
        shell.answer(result.data) { result.text(width: shell.width, colour: shell.outputColour) }
        return .done
    }

    private func written(_ shell: Shell) throws(CommandFailure) -> Scenario {
        let text = try shell.readSpec(file ?? "-", for: "simulated")
        do throws(SpecFailure) {
            return try ScenarioFile.read(text)
        } catch {
            throw CommandFailure(error, in: "simulated")
        }
    }

    private func draw(_ run: Run, to path: String, _ shell: Shell) throws(CommandFailure) {
        do throws(FileFailure) {
            try shell.surroundings.files.write(path, Array(RunPicture(run).svg.utf8), .anew)
        } catch {
            throw CommandFailure(
                "the picture was not drawn", why: "\(error.path): \(error.reason)",
                try: "name a file that can be written")
        }
        shell.notice("drew \(path)")
    }
}

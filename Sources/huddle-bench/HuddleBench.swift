import ArgumentParser

/// `huddle-bench`: what is measured against the anchors; `scripts/bench` runs it.
@main struct HuddleBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "huddle-bench", abstract: "Measure Huddle's own parts.",
        subcommands: [
            Serve.self, Fleet.self, Idle.self, ServeCoordinator.self, Place.self, Replan.self,
            Hspace.self, PlanetLab.self, OpenB.self, Pack.self,
        ])
}

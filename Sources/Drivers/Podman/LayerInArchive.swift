import ClusterModel
import Ports

/// A layer as two entries of the archive of a checkpoint.
struct LayerInArchive: Sendable {
    private let layer: ContainerLayer
    private let survey: LayerSurvey
    private let content: UInt64
    private let deletions: [UInt8]

    /// All of it, as if nothing had gone before.
    private static let nothing = TreePass(began: .now())

    init(_ layer: ContainerLayer) async throws(DriverFailure) {
        self.layer = layer
        survey = try await LayerSurvey(of: layer, since: Self.nothing)
        deletions = TarRewriter.file(
            PodmanDriver.deletionsFile, holding: try JSON.encode(survey.deletions))
        var measure = TreeSender.ofLayer(isMeasuring: true)
        try await measure.send(
            layer.upper, survey.tree, changedSince: Self.nothing,
            into: { _ async throws(DriverFailure) in })
        content = measure.size
    }

    var size: Bytes {
        let head = TarRewriter.file(PodmanDriver.layerFile, of: content)
        let padding = TreeArchive.padding(after: content)
        return Bytes(content + UInt64(head.count + padding.count + deletions.count))
    }

    func send(
        into sink: @Sendable ([UInt8]) async throws(DriverFailure) -> Void
    ) async throws(DriverFailure) {
        try await TransferFrame.write(
            data: TarRewriter.file(PodmanDriver.layerFile, of: content), into: sink)
        var sender = TreeSender.ofLayer()
        try await sender.send(
            layer.upper, survey.tree, changedSince: Self.nothing, into: sink)
        guard sender.size == content else {
            throw DriverFailure(
                .refused, "what a container wrote changes though it does not run",
                cause: "\(sender.size) bytes were \(content)")
        }
        try await TransferFrame.write(
            data: TreeArchive.padding(after: content) + deletions, into: sink)
    }
}

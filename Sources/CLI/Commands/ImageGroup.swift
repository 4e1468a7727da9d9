import ArgumentParser
import ClusterModel
import RPC
import Wire

/// `huddle image`: what instances start from.
struct ImageGroup: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "image", abstract: "Give images to the cluster, list and remove them.",
        subcommands: [Add.self, List.self, Remove.self], defaultSubcommand: List.self)

    /// `huddle image add`.
    struct Add: UserCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Give an image to the cluster: a qcow2 disk, a container archive, "
                + "or kernel and initrd.",
            usage: """
                huddle image add <name> <file>
                huddle image add <name> --kernel <file> --initrd <file> [--append <line>]
                """)

        @Argument(help: ArgumentHelp("The name that specs use.", valueName: "name"))
        var name: String

        @Argument(help: ArgumentHelp("A qcow2 disk, or what podman save wrote.", valueName: "file"))
        var file: String?

        @Option(name: .long, help: ArgumentHelp("A Linux kernel.", valueName: "file"))
        var kernel: String?

        @Option(name: .long, help: ArgumentHelp("Its initial RAM disk.", valueName: "file"))
        var initrd: String?

        @Option(name: .long, help: ArgumentHelp("Its command line.", valueName: "line"))
        var append: String?

        @OptionGroup var options: GlobalOptions

        func validate() throws {
            let isPair = kernel != nil && initrd != nil
            if file != nil, kernel != nil || initrd != nil || append != nil {
                throw ValidationError("give a file, or --kernel and --initrd, not both")
            }
            if file == nil, !isPair {
                throw ValidationError("give a file, or --kernel and --initrd together")
            }
        }

        func perform(in shell: Shell) async throws(CommandFailure) -> ExitStatus {
            let paths = file.map { [$0] } ?? [kernel, initrd].compactMap { $0 }
            let files = try paths.map { path throws(CommandFailure) in try open(path, shell) }
            let format =
                try file.map { path throws(CommandFailure) in try detect(path, shell) } ?? .kernel
            let header = AddImageHeader(
                id: ImageID(name), format: format, append: append ?? "", sizes: files.map(\.size))
            let access = try await shell.connect()
            let upload = Upload(header: header, files: files) { line in
                shell.notice("\(name): \(line)")
            }
            let image = try await shell.call(
                "add the image \(name)", access.addImage,
                Outgoing { () async throws(RPCStatus) in
                    try await upload.next()
                })
            await access.close()
            shell.answer(StructuredValue(image)) {
                "\(image.id) is here: \(image.format.rawValue), \(HumanText.bytes(image.size))\n"
            }
            return .done
        }

        private func open(
            _ path: String, _ shell: Shell
        ) throws(CommandFailure) -> Surroundings.OpenFile {
            do {
                return try shell.surroundings.files.open(path)
            } catch {
                throw CommandFailure(
                    "no image was added", why: "\(path): \(error.reason)",
                    try: "name a file that can be read")
            }
        }

        /// The format by the file's first bytes: its name says nothing for sure.
        private func detect(_ path: String, _ shell: Shell) throws(CommandFailure) -> Image.Format {
            let head: [UInt8]
            do {
                head = try shell.surroundings.files.open(path).next(512)
            } catch {
                throw CommandFailure(
                    "no image was added", why: "\(path): \(error.reason)",
                    try: "name a file that can be read")
            }
            if head.starts(with: [0x51, 0x46, 0x49, 0xFB]) { return .qcow2 }
            if head.count >= 262, head[257..<262].elementsEqual("ustar".utf8) { return .archive }
            throw CommandFailure(
                "no image was added", why: "\(path) is neither a qcow2 disk nor a tar archive",
                try: "qemu-img convert -O qcow2, or podman save -o FILE IMAGE")
        }
    }

    /// `huddle image list`, which is also `huddle image`.
    struct List: UserCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the images that the cluster holds.")

        @OptionGroup var options: GlobalOptions

        func perform(in shell: Shell) async throws(CommandFailure) -> ExitStatus {
            let access = try await shell.connect()
            let reply = try await shell.call("list the images", access.listImages, ListRequest())
            await access.close()
            let images = reply.images.sorted { $0.id < $1.id }
            var table =
                shell.isWide
                ? Table(
                    .text("IMAGE"), .text("FORMAT"), .number("SIZE"), .text("SHA-256"),
                    .text("APPEND"))
                : Table(.text("IMAGE"), .text("FORMAT"), .number("SIZE"))
            for image in images {
                let name = Table.Cell(image.id.rawValue)
                let size = Table.Cell(HumanText.bytes(image.size))
                guard shell.isWide else {
                    table.add(name, .init(image.format.rawValue), size)
                    continue
                }
                let digests = image.files.map(\.digest).joined(separator: " ")
                table.add(
                    name, .init(image.format.rawValue), size, .init(digests), .init(image.append))
            }
            shell.answer(
                ["images": .list(images.map { StructuredValue($0) })], table: table,
                isEmpty: images.isEmpty,
                empty: "no images yet; huddle image add NAME FILE gives one to the cluster")
            return .done
        }
    }

    /// `huddle image remove`.
    struct Remove: UserCommand {
        static let configuration = CommandConfiguration(
            abstract: "Remove an image that no workload uses.")

        @Argument(help: ArgumentHelp("The image.", valueName: "name"))
        var name: String

        @Flag(name: .long, help: "Do not ask.")
        var yes = false

        @OptionGroup var options: GlobalOptions

        func perform(in shell: Shell) async throws(CommandFailure) -> ExitStatus {
            let access = try await shell.connect()
            let images = try await shell.call("list the images", access.listImages, ListRequest())
                .images
            guard let image = images.first(where: { $0.id.rawValue == name }) else {
                throw Shell.unknown("image", name, among: images.map(\.id.rawValue))
            }
            try shell.confirm(
                ["\(name), \(HumanText.bytes(image.size)), will be removed from the coordinator."],
                yes: yes)
            let reply = try await shell.call(
                "remove the image \(name)", access.removeImage, RemoveImageRequest(id: image.id))
            await access.close()
            shell.tell(reply, done: "\(name) is removed")
            return .done
        }
    }
}

import CHuddleProto
package import ClusterModel

extension ImageReference: WireMessage, WireValue {
    init(raw: Huddle__V1__ImageReference) throws(InvalidValue) {
        switch raw.source_case {
        case HUDDLE__V1__IMAGE_REFERENCE__SOURCE_NAMED:
            self = .named(text(raw.named))
        case HUDDLE__V1__IMAGE_REFERENCE__SOURCE_KERNEL:
            guard let image = raw.kernel?.pointee else { throw .missing("kernel") }
            self = .kernel(
                kernel: text(image.kernel), initrd: text(image.initrd), append: text(image.append))
        default: throw .missing("source")
        }
    }

    func fill(_ raw: inout Huddle__V1__ImageReference, _ arena: inout Arena) {
        switch self {
        case .named(let name):
            raw.source_case = HUDDLE__V1__IMAGE_REFERENCE__SOURCE_NAMED
            raw.named = arena.text(name)
        case .kernel(let kernel, let initrd, let append):
            var image = Huddle__V1__KernelImage.empty
            image.kernel = arena.text(kernel)
            image.initrd = arena.text(initrd)
            image.append = arena.text(append)
            raw.source_case = HUDDLE__V1__IMAGE_REFERENCE__SOURCE_KERNEL
            raw.kernel = arena.place(image)
        }
    }
}

extension Image.File: WireMessage, WireValue {
    init(raw: Huddle__V1__ImageFile) throws(InvalidValue) {
        try self.init(digest: text(raw.digest), size: Bytes(raw.size))
    }

    func fill(_ raw: inout Huddle__V1__ImageFile, _ arena: inout Arena) {
        raw.digest = arena.text(digest)
        raw.size = size.count
    }
}

extension Image: WireMessage, WireValue {
    init(raw: Huddle__V1__Image) throws(InvalidValue) {
        try self.init(
            id: try ID(raw.id, "name"), format: try Format(raw.format, "format"),
            files: try messages(raw.files, raw.n_files, "files"), append: text(raw.append))
    }

    func fill(_ raw: inout Huddle__V1__Image, _ arena: inout Arena) {
        raw.id = arena.id(id)
        raw.format = format.wire
        (raw.n_files, raw.files) = arena.messages(files)
        raw.append = arena.text(append)
    }
}

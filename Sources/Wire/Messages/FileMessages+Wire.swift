import CHuddleProto
import ClusterModel

extension FetchFileRequest: WireMessage, WireValue {
    init(raw: Huddle__V1__FetchFileRequest) throws(InvalidValue) {
        self.init(digest: text(raw.digest))
    }

    func fill(_ raw: inout Huddle__V1__FetchFileRequest, _ arena: inout Arena) {
        raw.digest = arena.text(digest)
    }
}

extension FetchInstanceRequest: WireMessage, WireValue {
    init(raw: Huddle__V1__FetchInstanceRequest) throws(InvalidValue) {
        self.init(
            instance: try ID(raw.instance, "instance"), move: try ID(raw.move, "move"),
            acceptsZstd: raw.accepts_zstd != 0,
            part: Self.part(raw))
    }

    func fill(_ raw: inout Huddle__V1__FetchInstanceRequest, _ arena: inout Arena) {
        raw.instance = arena.id(instance)
        raw.move = arena.id(move)
        raw.accepts_zstd = acceptsZstd.wire
        switch part {
        case .all: break
        case .ahead(let withLayer, let withMemory):
            raw.ahead = true.wire
            raw.takes_layer = withLayer.wire
            raw.takes_memory = withMemory.wire
        case .rest(let pass): raw.after = arena.text(pass)
        }
    }

    private static func part(
        _ raw: Huddle__V1__FetchInstanceRequest
    ) -> Part {
        if raw.ahead != 0 {
            return .ahead(withLayer: raw.takes_layer != 0, withMemory: raw.takes_memory != 0)
        }
        let pass = text(raw.after)
        return pass.isEmpty ? .all : .rest(after: pass)
    }
}

extension Chunk: WireMessage, WireValue {
    init(raw: Huddle__V1__Chunk) throws(InvalidValue) {
        self.init(bytes: octets(raw.bytes), isZstd: raw.zstd != 0)
    }

    func fill(_ raw: inout Huddle__V1__Chunk, _ arena: inout Arena) {
        raw.bytes = arena.bytes(bytes)
        raw.zstd = isZstd.wire
    }
}

extension AddImageRequest: WireMessage, WireValue {
    init(raw: Huddle__V1__AddImageRequest) throws(InvalidValue) {
        switch raw.body_case {
        case HUDDLE__V1__ADD_IMAGE_REQUEST__BODY_HEADER:
            self = .header(try required(raw.header, "header"))
        case HUDDLE__V1__ADD_IMAGE_REQUEST__BODY_BYTES:
            self = .bytes(octets(raw.bytes))
        default: throw .missing("body")
        }
    }

    func fill(_ raw: inout Huddle__V1__AddImageRequest, _ arena: inout Arena) {
        switch self {
        case .header(let value):
            raw.body_case = HUDDLE__V1__ADD_IMAGE_REQUEST__BODY_HEADER
            raw.header = arena.message(value)
        case .bytes(let value):
            raw.body_case = HUDDLE__V1__ADD_IMAGE_REQUEST__BODY_BYTES
            raw.bytes = arena.bytes(value)
        }
    }
}

extension AddImageHeader: WireMessage, WireValue {
    init(raw: Huddle__V1__AddImageHeader) throws(InvalidValue) {
        self.init(
            id: try ID(raw.id, "id"), format: try Image.Format(raw.format, "format"),
            append: text(raw.append), sizes: numbers(raw.sizes, raw.n_sizes).map { Bytes($0) })
    }

    func fill(_ raw: inout Huddle__V1__AddImageHeader, _ arena: inout Arena) {
        raw.id = arena.id(id)
        raw.format = format.wire
        raw.append = arena.text(append)
        (raw.n_sizes, raw.sizes) = arena.numbers(sizes.map(\.count))
    }
}

extension RemoveImageRequest: WireMessage, WireValue {
    init(raw: Huddle__V1__RemoveImageRequest) throws(InvalidValue) {
        self.init(id: try ID(raw.id, "id"))
    }

    func fill(_ raw: inout Huddle__V1__RemoveImageRequest, _ arena: inout Arena) {
        raw.id = arena.id(id)
    }
}

extension ListImagesReply: WireMessage, WireValue {
    init(raw: Huddle__V1__ListImagesReply) throws(InvalidValue) {
        self.init(images: try messages(raw.images, raw.n_images, "images"))
    }

    func fill(_ raw: inout Huddle__V1__ListImagesReply, _ arena: inout Arena) {
        (raw.n_images, raw.images) = arena.messages(images)
    }
}

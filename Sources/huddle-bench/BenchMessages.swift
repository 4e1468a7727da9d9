import CBenchProto
import CProtobufC
import HTTP2
import RPC

/// The messages of `huddle.bench.v1`, read and written by libprotobuf-c as those of `huddle.v1` are.
enum BenchMessages {
    /// The bytes of a `SumReply` to those of a `SumRequest`.
    static func sum(_ request: [UInt8]) throws(RPCStatus) -> [UInt8] {
        guard let read = huddle__bench__v1__sum_request__unpack(nil, request.count, request) else {
            throw malformed
        }
        defer { huddle__bench__v1__sum_request__free_unpacked(read, nil) }
        var reply = Huddle__Bench__V1__SumReply()
        huddle__bench__v1__sum_reply__init(&reply)
        reply.sum = read.pointee.a &+ read.pointee.b
        let size = huddle__bench__v1__sum_reply__get_packed_size(&reply)
        guard size > 0 else { return [] }
        return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            count = huddle__bench__v1__sum_reply__pack(&reply, buffer.baseAddress)
        }
    }

    /// What a `BulkRequest` asks for.
    static func bulk(_ request: [UInt8]) throws(RPCStatus) -> (count: Int, bytes: Int) {
        guard let read = huddle__bench__v1__bulk_request__unpack(nil, request.count, request)
        else { throw malformed }
        defer { huddle__bench__v1__bulk_request__free_unpacked(read, nil) }
        guard read.pointee.bytes <= Limits.messageBytes / 2 else {
            throw RPCStatus(.invalidArgument, "chunks of \(read.pointee.bytes) bytes")
        }
        return (Int(read.pointee.count), Int(read.pointee.bytes))
    }

    /// The bytes of a `Chunk` of zeros.
    static func chunk(_ bytes: Int) -> [UInt8] {
        var data = [UInt8](repeating: 0, count: bytes)
        return data.withUnsafeMutableBufferPointer { data in
            var chunk = Huddle__Bench__V1__Chunk()
            huddle__bench__v1__chunk__init(&chunk)
            chunk.data = ProtobufCBinaryData(len: data.count, data: data.baseAddress)
            let size = huddle__bench__v1__chunk__get_packed_size(&chunk)
            guard size > 0 else { return [] }
            return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
                count = huddle__bench__v1__chunk__pack(&chunk, buffer.baseAddress)
            }
        }
    }

    private static var malformed: RPCStatus {
        RPCStatus(.invalidArgument, "the request is not protobuf")
    }
}

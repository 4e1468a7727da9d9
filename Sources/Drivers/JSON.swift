import FoundationEssentials
import Ports

/// JSON to and from bytes; what cannot be read is a failure of who wrote it.
enum JSON {
    static func encode(_ value: some Encodable) throws(DriverFailure) -> [UInt8] {
        do {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return Array(try encoder.encode(value))
        } catch {
            throw DriverFailure(.refused, "a request cannot be written as JSON", cause: "\(error)")
        }
    }

    static func decode<Value: Decodable>(
        _ type: Value.Type, from bytes: [UInt8], of source: String
    ) throws(DriverFailure) -> Value {
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch {
            throw DriverFailure(
                .unavailable, "\(source) answered something unknown", cause: "\(error)")
        }
    }
}

import Glibc

/// Variables of this process's environment.
enum HostEnvironment {
    static func value(of name: String) -> String? { getenv(name).map { String(cString: $0) } }
}

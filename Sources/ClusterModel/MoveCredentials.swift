/// What both ends of one move prove themselves with; made for that move and for an hour.
///
/// PEM texts. The subject of both certificates is the move's, so that no other certificate of the same authority
/// opens the target's door.
package struct MoveCredentials: Hashable, Sendable {
    package let authority: String
    package let certificate: String
    package let key: String
    /// Name in the certificate, which the source asks for and the target lets in.
    package let name: String

    package init(authority: String, certificate: String, key: String, name: String) {
        self.authority = authority
        self.certificate = certificate
        self.key = key
        self.name = name
    }
}

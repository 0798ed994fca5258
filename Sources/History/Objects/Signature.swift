internal import JSON

/// Who made a commit or a tag.
public struct Signature: Hashable, Sendable, CustomStringConvertible {
  /// The name.
  public let name: String
  /// The address, which may be empty.
  public let email: String

  /// A person or an account.
  public init(name: String, email: String) {
    self.name = name
    self.email = email
  }

  /// `Name <address>`
  public var description: String { email.isEmpty ? name : "\(name) <\(email)>" }

  var json: JSONValue { ["email": .string(email), "name": .string(name)] }

  init(_ payload: Payload) throws(HistoryError) {
    try payload.requireMembers(["email", "name"])
    name = try payload.string("name")
    email = try payload.string("email")
  }
}

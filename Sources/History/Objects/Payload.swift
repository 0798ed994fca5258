internal import Digests
internal import JSON
internal import Storage

/// A canonical document while it is read: every member must be there and be used, and what breaks a
/// rule is told as a rule of the object's kind.
struct Payload {
  let id: ObjectID
  let kind: ObjectKind
  let value: JSONValue

  /// The payload of an object that must have exactly these members.
  init(_ object: StoredObject, id: ObjectID, kind: ObjectKind) throws(HistoryError) {
    guard object.kind == kind else {
      throw .unexpectedKind(id, expected: kind.text, actual: object.kind.text)
    }
    self.id = id
    self.kind = kind
    do { value = try CanonicalJSON.parse(object.payload) } catch {
      throw .malformedObject(id, kind: kind.text, rule: "is not canonical JSON")
    }
  }

  private init(_ outer: Payload, _ value: JSONValue) {
    id = outer.id
    kind = outer.kind
    self.value = value
  }

  /// An error about this object.
  func broken(_ rule: String) -> HistoryError {
    .malformedObject(id, kind: kind.text, rule: rule)
  }

  /// Throws unless the members are these, and no others.
  func requireMembers(_ names: Set<String>) throws(HistoryError) {
    guard let members = value.members, Set(members.map(\.key)) == names else {
      throw broken("has other members than \(names.sorted().joined(separator: ", "))")
    }
  }

  /// The members as payloads of their own, by their keys.
  func members(of key: String) throws(HistoryError) -> [(key: String, payload: Payload)] {
    guard let members = value[key]?.members else { throw broken("lacks \(key)") }
    return members.map { ($0.key, Payload(self, $0.value)) }
  }

  /// The elements as payloads of their own.
  func elements(of key: String) throws(HistoryError) -> [Payload] {
    guard let elements = value[key]?.elements else { throw broken("lacks \(key)") }
    return elements.map { Payload(self, $0) }
  }

  func nested(_ key: String) throws(HistoryError) -> Payload {
    guard let inner = value[key], inner.members != nil else { throw broken("lacks \(key)") }
    return Payload(self, inner)
  }

  func string(_ key: String) throws(HistoryError) -> String {
    guard let string = value[key]?.string else { throw broken("lacks \(key)") }
    return string
  }

  func optionalString(_ key: String) throws(HistoryError) -> String? {
    value[key]?.isNull == true ? nil : try string(key)
  }

  func integer(_ key: String) throws(HistoryError) -> Int {
    guard let integer = value[key]?.integer else { throw broken("lacks \(key)") }
    return integer
  }

  func byteCount(_ key: String = "byte_count") throws(HistoryError) -> Int {
    let count = try integer(key)
    guard count >= 0 else { throw broken("has a negative \(key)") }
    return count
  }

  func digest(_ key: String) throws(HistoryError) -> Digest {
    guard let digest = Digest(try string(key)) else { throw broken("has no id as \(key)") }
    return digest
  }

  func optionalDigest(_ key: String) throws(HistoryError) -> Digest? {
    value[key]?.isNull == true ? nil : try digest(key)
  }

  func objectID(_ key: String) throws(HistoryError) -> ObjectID { ObjectID(try digest(key)) }

  /// This payload, which is a text, as a digest.
  func digest() throws(HistoryError) -> Digest {
    guard let digest = value.string.flatMap({ Digest($0) }) else { throw broken("lists no id") }
    return digest
  }
}

extension JSONValue {
  /// A text, or null.
  static func optional(_ text: String?) -> JSONValue { text.map { .string($0) } ?? .null }

  /// An id, or null.
  static func optional(_ digest: Digest?) -> JSONValue { optional(digest?.description) }
}

extension StoredObject {
  /// A document of a kind; it holds only what has a canonical spelling.
  init(_ kind: ObjectKind, _ document: JSONValue) {
    guard let payload = try? CanonicalJSON.bytes(of: document) else {
      preconditionFailure("a document that has a canonical spelling")
    }
    self.init(kind: kind, payload: payload)
  }
}

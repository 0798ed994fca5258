public import Digests

/// What sort of thing a payload is: a word the store does not understand, but hashes.
public struct ObjectKind: Hashable, Sendable, CustomStringConvertible {
  /// The word.
  public let text: String

  /// Takes 1 to 32 characters of `a-z`, `0-9` and `-`; nil for anything else.
  public init?(_ text: String) {
    let isWord = text.utf8.allSatisfy {
      (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D
    }
    guard isWord, (1...32).contains(text.utf8.count) else { return nil }
    self.text = text
  }

  /// The word.
  public var description: String { text }

  /// A tensor: the kind whose ids `Digests.ChunkedDigest` computes.
  public static let tensor = ObjectKind(known: "tensor")

  private init(known text: String) { self.text = text }
}

/// What an object is known by: the digest of its kind and its payload.
public struct ObjectID: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// The digest.
  public let digest: Digest

  /// Takes a digest that was computed elsewhere as `init(of:kind:)` does.
  public init(_ digest: Digest) { self.digest = digest }

  /// The id of a payload:
  /// BLAKE3("adapterctl" ‖ 0 ‖ kind ‖ 0 ‖ u64le(payload's byte count) ‖ payload).
  public init(of payload: [UInt8], kind: ObjectKind) {
    var hasher = BLAKE3.Hasher()
    var head = Array("adapterctl\0\(kind.text)\0".utf8)
    head.append(littleEndian: UInt64(payload.count))
    hasher.update(head)
    hasher.update(payload)
    digest = hasher.digest
  }

  /// Reads `b3:` and 64 hexadecimal digits; nil for any other text.
  public init?(_ text: String) {
    guard let digest = Digest(text) else { return nil }
    self.digest = digest
  }

  /// `b3:` and 64 hexadecimal digits.
  public var description: String { digest.description }

  /// Orders ids by their bytes.
  public static func < (left: ObjectID, right: ObjectID) -> Bool {
    left.digest.bytes.lexicographicallyPrecedes(right.digest.bytes)
  }
}

/// A payload with its kind.
public struct StoredObject: Hashable, Sendable {
  /// The most bytes of a payload.
  public static let maximumByteCount = 64 << 20

  /// What sort of thing it is.
  public let kind: ObjectKind
  /// Its bytes.
  public let payload: [UInt8]

  /// A payload of a kind.
  public init(kind: ObjectKind, payload: [UInt8]) {
    self.kind = kind
    self.payload = payload
  }

  /// What it is known by.
  public var id: ObjectID { ObjectID(of: payload, kind: kind) }
}

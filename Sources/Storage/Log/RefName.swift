/// The name of a ref. It never becomes a file's name.
public struct RefName: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The name.
  public let text: String

  /// Takes 1 to 200 bytes of `A-Za-z0-9._/-` whose components follow the rules of FORMAT.md,
  /// section 5; throws `invalidRefName` for anything else.
  public init(_ text: String) throws(StorageError) {
    guard Self.isValid(text) else { throw .invalidRefName(text) }
    self.text = text
  }

  /// What `HEAD` means is decided by the room above.
  public static let head = RefName(known: "HEAD")

  private init(known text: String) { self.text = text }

  /// The name.
  public var description: String { text }

  /// The name with its capitals lowered, in which no two refs may agree.
  var folded: String { text.lowercased() }

  /// Orders names by their bytes.
  public static func < (left: RefName, right: RefName) -> Bool {
    left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
  }

  private static func isValid(_ text: String) -> Bool {
    let utf8 = Array(text.utf8)
    guard (1...200).contains(utf8.count) else { return false }
    let components = utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    if components.count == 1, utf8.contains(where: { 0x61...0x7A ~= $0 }) { return false }
    return components.allSatisfy { component in
      guard let first = component.first, let last = component.last, component.count <= 64 else {
        return false
      }
      return component.allSatisfy(isAllowed) && first != UInt8(ascii: ".")
        && first != UInt8(ascii: "-") && last != UInt8(ascii: ".")
        && !component.suffix(5).elementsEqual(".lock".utf8)
        && !zip(component, component.dropFirst()).contains { $0 == 0x2E && $1 == 0x2E }
    }
  }

  private static func isAllowed(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
    case UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"): true
    default: false
    }
  }
}

/// What a ref points at.
public enum RefValue: Hashable, Sendable, CustomStringConvertible {
  /// An object.
  case object(ObjectID)
  /// Whatever another ref points at.
  case symbolic(RefName)

  /// A digest, or `ref:` and a name.
  public var description: String {
    switch self {
    case .object(let id): id.description
    case .symbolic(let name): "ref:\(name)"
    }
  }

  /// Reads what `description` writes.
  init(parsing text: String) throws(StorageError) {
    if text.hasPrefix("ref:") {
      self = .symbolic(try RefName(String(text.dropFirst(4))))
    } else {
      guard let id = ObjectID(text) else { throw .notCanonical }
      self = .object(id)
    }
  }
}

/// A ref's move from where it was to where it will be; nil is nowhere.
public struct RefUpdate: Hashable, Sendable {
  /// The ref.
  public let name: RefName
  /// Where it must be for the move to happen.
  public let old: RefValue?
  /// Where it will be.
  public let new: RefValue?

  /// A move.
  public init(_ name: RefName, from old: RefValue?, to new: RefValue?) {
    self.name = name
    self.old = old
    self.new = new
  }

  /// The move back.
  public var inverse: RefUpdate { RefUpdate(name, from: new, to: old) }
}

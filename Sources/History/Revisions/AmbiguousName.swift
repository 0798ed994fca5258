public import Storage

/// A revision that could mean several things: a tag and a branch of one name, or a ref and an object
/// whose id begins so.
public struct AmbiguousName: Hashable, Sendable {
  /// One of the things.
  public enum Meaning: Hashable, Sendable {
    /// A ref, with the object that it leads to.
    case ref(RefName, ObjectID?)
    /// The object of an id that was given whole or by its first digits.
    case object(ObjectID)
  }

  /// What the user wrote.
  public let text: String
  /// What was taken.
  public let taken: Meaning
  /// What was not.
  public let others: [Meaning]
}

extension RefName {
  /// The shortest text that means this ref where another one has the same name: `heads/NAME`.
  public var unambiguous: String {
    text.hasPrefix("refs/") ? String(text.dropFirst(5)) : text
  }
}

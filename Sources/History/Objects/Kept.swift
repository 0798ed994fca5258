public import Storage

/// A value that is an object of the store: it has one payload, and a payload gives one value.
public protocol Kept: Sendable {
  /// The kind of its object.
  static var kind: ObjectKind { get }
  /// The object.
  var object: StoredObject { get }
  /// What it refers to.
  var references: [Reference] { get }
  /// Reads it; throws `unexpectedKind` or `malformedObject`.
  init(_ object: StoredObject, id: ObjectID) throws(HistoryError)
}

extension Kept {
  /// Its id.
  public var id: ObjectID { object.id }
}

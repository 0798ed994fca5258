public import Storage

/// A ref with the object that it leads to.
public struct ListedRef: Sendable {
  /// Its name.
  public let name: RefName
  /// The object.
  public let id: ObjectID
  /// The object's kind.
  public let kind: ObjectKind
  /// The first line of a commit's or tag's message; empty for anything else.
  public let subject: String
}

extension Repository {
  /// The refs below `refs/`, sorted by name: all, or those that a pattern selects.
  ///
  /// A pattern is a whole name, the beginning of one up to a slash, or has `*` (no slash) and `?` in it.
  public func listedRefs(matching patterns: [String] = []) throws(HistoryError) -> [ListedRef] {
    var found: [ListedRef] = []
    for name in try refs().keys.sorted() where name.text.hasPrefix("refs/") {
      guard patterns.isEmpty || patterns.contains(where: { RefPattern.selects($0, name.text) }),
        let id = try resolve(name)
      else { continue }
      let object = try storedObject(id)
      var subject = ""
      if object.kind == .commit { subject = try Commit(object, id: id).subject }
      if object.kind == .tag { subject = Message(try Tag(object, id: id).message).subject }
      found.append(ListedRef(name: name, id: id, kind: object.kind, subject: subject))
    }
    return found
  }
}

/// Which refs a pattern selects.
enum RefPattern {
  /// Whether it selects a name.
  static func selects(_ pattern: String, _ name: String) -> Bool {
    var folder = pattern
    while folder.hasSuffix("/") { folder.removeLast() }
    return name == folder || name.hasPrefix(folder + "/")
      || matches(Array(pattern.utf8)[...], Array(name.utf8)[...])
  }

  private static func matches(_ pattern: ArraySlice<UInt8>, _ text: ArraySlice<UInt8>) -> Bool {
    var (pattern, text) = (pattern, text)
    // Where the last star was, and how much of the text it took: a later star makes earlier ones
    // final as far as no slash lies between, so one place to return to is enough per component.
    var star: (pattern: ArraySlice<UInt8>, text: ArraySlice<UInt8>)?
    let slash = UInt8(ascii: "/")
    while let byte = text.first {
      if pattern.first == UInt8(ascii: "*") {
        pattern = pattern.dropFirst()
        star = (pattern, text)
      } else if let wanted = pattern.first,
        wanted == byte || wanted == UInt8(ascii: "?") && byte != slash
      {
        (pattern, text) = (pattern.dropFirst(), text.dropFirst())
      } else if let last = star, last.text.first != slash, !last.text.isEmpty {
        (pattern, text) = (last.pattern, last.text.dropFirst())
        star = (pattern, text)
      } else {
        return false
      }
    }
    return pattern.allSatisfy { $0 == UInt8(ascii: "*") }
  }
}

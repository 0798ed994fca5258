internal import Files
internal import JSON

/// The fields of a configuration, each asked for by its type; null counts as absent.
struct ConfigurationFields {
  private let path: Path
  private let document: JSONValue

  init(_ file: AdapterFiles.Configuration) {
    path = file.path
    document = file.document
  }

  /// The keys, in the order of the document.
  var keys: [String] { (document.members ?? []).map(\.key) }

  /// The value of a key; nil where it is absent or null.
  func value(_ key: String) -> JSONValue? {
    guard let value = document[key], !value.isNull else { return nil }
    return value
  }

  /// Whether a key has a value other than false or nothing at all.
  func isSet(_ key: String) -> Bool {
    switch document[key] {
    case nil, .null, .bool(false), .array([]), .object([]): return false
    default: return true
    }
  }

  /// The error for a broken rule, which completes "the configuration …".
  func malformed(_ rule: String) -> AdapterError { .malformedConfiguration(path, rule: rule) }

  /// A truth value, false where it is absent.
  func flag(_ key: String) throws(AdapterError) -> Bool {
    guard let value = value(key) else { return false }
    guard let flag = value.bool else { throw malformed("has \(key) that is not true or false") }
    return flag
  }

  /// A string.
  func string(_ key: String) throws(AdapterError) -> String? {
    guard let value = value(key) else { return nil }
    guard let string = value.string else { throw malformed("has \(key) that is not a string") }
    return string
  }

  /// A list of strings, empty where it is absent; one string counts as a list of one.
  func strings(_ key: String) throws(AdapterError) -> [String] {
    guard let value = value(key) else { return [] }
    if let string = value.string { return [string] }
    let strings = (value.elements ?? []).compactMap(\.string)
    guard let elements = value.elements, elements.count == strings.count else {
      throw malformed("has \(key) that is not a list of strings")
    }
    return strings
  }

  /// A rank: a positive whole number, also written as `8.0`.
  func rank(_ value: JSONValue, _ key: String) throws(AdapterError) -> Int {
    guard let rank = value.integer, rank > 0 else {
      throw malformed(
        "has \(key) = \(value.text().prefix(40)), but a rank is a positive whole number"
      )
    }
    return rank
  }

  /// A rank; nil where it is absent.
  func rank(_ key: String) throws(AdapterError) -> Int? {
    guard let value = value(key) else { return nil }
    return try rank(value, key)
  }

  /// A finite number; nil where it is absent.
  func finite(_ key: String) throws(AdapterError) -> Double? {
    guard let value = value(key) else { return nil }
    return try alpha(value, key)
  }

  /// An alpha: any finite number.
  func alpha(_ value: JSONValue, _ key: String) throws(AdapterError) -> Double {
    guard let alpha = value.number, alpha.isFinite else {
      throw malformed("has \(key) = \(value.text().prefix(40)), which is not a finite number")
    }
    return alpha
  }

  /// An object from patterns to values, in the order of the document.
  func patterns<Value>(
    _ key: String,
    value: (JSONValue, String) throws(AdapterError) -> Value
  ) throws(AdapterError) -> [(pattern: ModulePattern, value: Value)] {
    guard let object = self.value(key) else { return [] }
    guard let members = object.members else { throw malformed("has \(key) that is not an object") }
    var patterns: [(pattern: ModulePattern, value: Value)] = []
    for member in members {
      let pattern: ModulePattern
      do { pattern = try ModulePattern(member.key) } catch {
        throw malformed(
          "has the pattern \"\(member.key.prefix(80))\" in \(key), which \(error.rule)"
        )
      }
      patterns.append((pattern, try value(member.value, "\(key)[\"\(member.key)\"]")))
    }
    return patterns
  }

  /// The rows of embeddings that are replaced: a list, or lists by module.
  func tokenRows(_ key: String) throws(AdapterError) -> PEFTConfiguration.TokenRows {
    guard let value = value(key) else { return .none }
    guard let members = value.members else { return .everywhere(try rows(value, key)) }
    var entries: [(end: String, rows: [Int])] = []
    for member in members {
      entries.append((member.key, try rows(member.value, "\(key)[\"\(member.key)\"]")))
    }
    return .byModule(entries)
  }

  private func rows(_ value: JSONValue, _ key: String) throws(AdapterError) -> [Int] {
    let rows = (value.elements ?? []).compactMap(\.integer)
    guard let elements = value.elements, elements.count == rows.count,
      rows.allSatisfy({ $0 >= 0 })
    else { throw malformed("has \(key) that is not a list of row numbers") }
    guard Set(rows).count == rows.count else { throw malformed("has a row twice in \(key)") }
    return rows
  }
}

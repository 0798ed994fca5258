internal import Digests
public import Storage

extension Repository {
  /// The fewest digits that stand for an id.
  public static let leastDigits = 4

  /// The object whose id is a text or begins with its digits; nil where none does.
  func abbreviated(_ text: Substring, _ revision: String) throws(HistoryError) -> ObjectID? {
    let digits = text.hasPrefix("b3:") ? text.dropFirst(3) : text
    let found = try ids(beginningWith: String(digits))
    guard found.count > 1 else { return found.first }
    // As git does: where only one of them is a commit, that one is meant.
    var commits: [ObjectID] = []
    for id in found {
      do throws(StorageError) {
        if try store.object(id).kind == .commit { commits.append(id) }
      } catch { throw .storage(error) }
    }
    guard commits.count == 1 else { throw .ambiguousRevision(revision, found) }
    return commits[0]
  }

  /// The objects whose ids begin with a text; none where it has other characters than an id's digits,
  /// or fewer than stand for one.
  public func ids(beginningWith digits: String) throws(HistoryError) -> [ObjectID] {
    guard (Self.leastDigits...64).contains(digits.utf8.count), Self.isDigits(digits) else {
      return []
    }
    do { return try store.ids(withPrefix: digits) } catch { throw .storage(error) }
  }

  /// Whether a text is made of the digits that ids are written in.
  static func isDigits(_ text: String) -> Bool {
    text.utf8.allSatisfy { 0x30...0x39 ~= $0 || 0x61...0x66 ~= $0 }
  }

  /// The names of branches and tags that come close to a text, at most three.
  public func nearMisses(_ text: String) throws(HistoryError) -> [String] {
    if text.isEmpty { return [] }
    let names = try refs().keys.filter {
      $0.text.hasPrefix(RefName.prefixes.branches) || $0.text.hasPrefix(RefName.prefixes.tags)
    }.map(\.short)
    return Near.misses(of: text, among: names)
  }
}

/// Names that come close to a misspelt one.
public enum Near {
  /// At most three names, the closest first.
  public static func misses(of text: String, among names: some Sequence<String>) -> [String] {
    // Of a name of two letters, one must be right.
    let limit = min(max(2, text.count / 3), max(1, text.count - 1))
    return Set(names).map { (distance(Array(text.utf8), Array($0.utf8)), $0) }
      .filter { $0.0 <= limit || $0.1.hasPrefix(text) && text.count > 1 }
      .sorted { ($0.0, $0.1) < ($1.0, $1.1) }.prefix(3).map(\.1)
  }

  /// The number of insertions, deletions and replacements between two texts (Levenshtein).
  private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var row = Array(0...right.count)
    for (number, byte) in left.enumerated() {
      var diagonal = row[0]
      row[0] = number + 1
      for column in right.indices {
        let above = row[column + 1]
        row[column + 1] =
          byte == right[column] ? diagonal : 1 + min(diagonal, above, row[column])
        diagonal = above
      }
    }
    return row[right.count]
  }
}

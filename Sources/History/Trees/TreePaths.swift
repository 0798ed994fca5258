internal import Digests
internal import Storage

/// The paths of a tree in the order of their bytes: what tells whether a new one would lie below
/// another. Nodes place paths by their digests, so that neighbours lie in different ones.
struct TreePaths: Hashable {
  /// Each path and a line feed, which no path has in it.
  private(set) var text: [UInt8] = []
  /// Where each path starts in the text.
  private var starts: [Int] = []

  /// No paths.
  init() {}

  /// These paths, in any order.
  init(_ paths: some Sequence<TrackedPath>) {
    for path in paths.sorted() { append(Array(path.text.utf8)[...]) }
  }

  /// Takes a text; nil where it is not lines of paths, each above the one before.
  init?(text: [UInt8]) {
    var start = 0
    for (index, byte) in text.enumerated() where byte == 0x0A {
      append(text[start..<index])
      start = index + 1
    }
    guard start == text.count else { return nil }
    for index in starts.indices.dropFirst() {
      guard self[index - 1].lexicographicallyPrecedes(self[index]) else { return nil }
    }
  }

  /// The number of paths.
  var count: Int { starts.count }

  /// The paths after edits of a tree: those set are there, those taken out are not.
  func setting(_ edits: [TrackedPath: ObjectID?]) -> TreePaths {
    var result = TreePaths()
    result.text.reserveCapacity(text.count)
    result.starts.reserveCapacity(count + edits.count)
    var next = 0
    for path in edits.keys.sorted() {
      let bytes = Array(path.text.utf8)
      let place = firstIndex(notBelow: bytes)
      while next < place {
        result.append(self[next])
        next += 1
      }
      if next < count, self[next].elementsEqual(bytes) { next += 1 }
      if edits[path] != .some(nil) { result.append(bytes[...]) }
    }
    while next < count {
      result.append(self[next])
      next += 1
    }
    return result
  }

  /// Throws `nestedPaths` where one of these paths lies below another one or above it, and
  /// `invalidPath` where two paths differ in their Unicode form alone.
  func checkNesting(of added: [TrackedPath]) throws(HistoryError) {
    // Two texts of ASCII have one form only where they are one.
    guard text.allSatisfy({ $0 < 0x80 }) else { return try checkNestingOfForms(of: added) }
    for path in added {
      if let outer = path.ancestors.first(where: { contains(Array($0.utf8)) }) {
        throw .nestedPaths(path, within: try TrackedPath(outer))
      }
      let folder = Array((path.text + "/").utf8)
      let place = firstIndex(notBelow: folder)
      if place < count, self[place].starts(with: folder) {
        throw .nestedPaths(try tracked(at: place), within: path)
      }
    }
  }

  /// The same of texts of any characters.
  func checkNestingOfForms(of added: [TrackedPath]) throws(HistoryError) {
    // Texts are equal where Unicode calls them so; such names would be one key of a document.
    var texts: Set<String> = []
    var above: [String: TrackedPath] = [:]
    for index in 0..<count {
      let path = try tracked(at: index)
      guard texts.insert(path.text).inserted else {
        throw .invalidPath(path.text, rule: "differs from another one in its Unicode form alone")
      }
      for ancestor in path.ancestors where above[ancestor] == nil { above[ancestor] = path }
    }
    for path in added {
      if let outer = path.ancestors.first(where: { texts.contains($0) }) {
        throw .nestedPaths(path, within: try TrackedPath(outer))
      }
      if let inner = above[path.text] { throw .nestedPaths(inner, within: path) }
    }
  }

  /// The paths at and below a path, sorted.
  func within(_ prefix: String) throws(HistoryError) -> [TrackedPath] {
    var found: [TrackedPath] = []
    if contains(Array(prefix.utf8)) { found.append(try TrackedPath(prefix)) }
    let folder = prefix.isEmpty ? [] : Array((prefix + "/").utf8)
    var place = firstIndex(notBelow: folder)
    while place < count, self[place].starts(with: folder) {
      found.append(try tracked(at: place))
      place += 1
    }
    return found
  }

  private func contains(_ path: [UInt8]) -> Bool {
    let place = firstIndex(notBelow: path)
    return place < count && self[place].elementsEqual(path)
  }

  private func firstIndex(notBelow path: [UInt8]) -> Int {
    var range = 0..<count
    while !range.isEmpty {
      let middle = range.lowerBound + range.count / 2
      if self[middle].lexicographicallyPrecedes(path) {
        range = middle + 1..<range.upperBound
      } else {
        range = range.lowerBound..<middle
      }
    }
    return range.lowerBound
  }

  private func tracked(at index: Int) throws(HistoryError) -> TrackedPath {
    try TrackedPath(String(decoding: self[index], as: UTF8.self))
  }

  private subscript(index: Int) -> ArraySlice<UInt8> {
    text[starts[index]..<(index + 1 < count ? starts[index + 1] : text.count) - 1]
  }

  private mutating func append(_ path: ArraySlice<UInt8>) {
    starts.append(text.count)
    text += path
    text.append(0x0A)
  }
}

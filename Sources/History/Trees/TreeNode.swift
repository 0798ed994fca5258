internal import Digests
internal import JSON
internal import Storage

/// One object of a tree: a leaf with entries, or a branch with sixteen nodes below it.
enum TreeNode: Kept, Hashable {
  /// A node below a branch.
  struct Child: Hashable, Sendable {
    /// The number of entries below it.
    let count: Int
    let tree: ObjectID
  }

  case leaf([TrackedPath: ObjectID])
  case branch([Child?])

  /// A node with more entries than this is a branch.
  static let leafLimit = 256
  static let kind = ObjectKind.tree
  /// The digits by which a path is placed, and so the most branches above a leaf.
  static let digitCount = 64

  /// The number of entries below it.
  var count: Int {
    switch self {
    case .leaf(let entries): entries.count
    case .branch(let children): children.reduce(0) { $0 + ($1?.count ?? 0) }
    }
  }

  /// Which child a path lies below, at a depth from 0.
  static func place(of path: TrackedPath, depth: Int) -> Int {
    let byte = BLAKE3.digest(of: Array(path.text.utf8)).bytes[depth / 2]
    return Int(depth.isMultiple(of: 2) ? byte >> 4 : byte & 15)
  }

  var object: StoredObject {
    switch self {
    case .leaf(let entries):
      StoredObject(
        .tree,
        ["entries": .object(entries.map { .init($0.key.text, .string($0.value.description)) })])
    case .branch(let children):
      StoredObject(
        .tree,
        [
          "children": .array(
            children.map { child in
              guard let child else { return .null }
              return ["count": .integer(child.count), "tree": .string(child.tree.description)]
            })
        ])
    }
  }

  var references: [Reference] {
    switch self {
    case .leaf(let entries): entries.values.map { .object($0) }
    case .branch(let children): children.compactMap { $0.map { .object($0.tree) } }
    }
  }

  init(_ object: StoredObject, id: ObjectID) throws(HistoryError) {
    let payload = try Payload(object, id: id, kind: .tree)
    guard payload.value["children"] != nil else {
      try payload.requireMembers(["entries"])
      var entries: [TrackedPath: ObjectID] = [:]
      for (path, entry) in try payload.members(of: "entries") {
        if let rule = TrackedPath.brokenRule(path) {
          throw payload.broken("has an entry whose path \(rule)")
        }
        entries[try TrackedPath(path)] = ObjectID(try entry.digest())
      }
      guard entries.count <= Self.leafLimit else { throw payload.broken("has too large a leaf") }
      self = .leaf(entries)
      return
    }
    try payload.requireMembers(["children"])
    var children: [Child?] = []
    for child in try payload.elements(of: "children") {
      if child.value.isNull {
        children.append(nil)
      } else {
        try child.requireMembers(["count", "tree"])
        children.append(
          Child(count: try child.byteCount("count"), tree: try child.objectID("tree")))
      }
    }
    guard children.count == 16 else { throw payload.broken("branches into other than 16") }
    self = .branch(children)
    guard children.allSatisfy({ $0?.count != 0 }), count > Self.leafLimit else {
      throw payload.broken("branches where a leaf would do")
    }
  }
}

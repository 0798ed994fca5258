public import Storage

/// Reads and writes trees: flat maps from paths to snapshots, kept so that a change to one of ten
/// thousand entries writes a few small objects.
public struct Trees: Sendable {
  private let store: ObjectStore

  /// The trees of a store.
  public init(_ store: ObjectStore) { self.store = store }

  /// The snapshot at a path; nil where the tree has none there.
  public func snapshot(at path: TrackedPath, in tree: ObjectID?) throws(HistoryError) -> ObjectID? {
    var next = tree
    var depth = 0
    while let id = next {
      switch try node(id) {
      case .leaf(let entries): return entries[path]
      case .branch(let children): next = children[TreeNode.place(of: path, depth: depth)]?.tree
      }
      depth += 1
    }
    return nil
  }

  /// All entries, or those at and below a path, sorted by path.
  public func entries(
    of tree: ObjectID?, within prefix: String = ""
  ) throws(HistoryError) -> [(path: TrackedPath, snapshot: ObjectID)] {
    guard let tree else { return [] }
    return try all(tree).filter { $0.key.isWithin(prefix) }
      .sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// The number of entries.
  public func count(of tree: ObjectID?) throws(HistoryError) -> Int {
    guard let tree else { return 0 }
    return try node(tree).count
  }

  /// The entries that differ between two trees, sorted by path. Nodes that are equal are not read.
  public func changes(
    from old: ObjectID?, to new: ObjectID?
  ) throws(HistoryError) -> [TreeChange] {
    var changes: [TreeChange] = []
    try compare(old, new, into: &changes)
    return changes.sorted { $0.path < $1.path }
  }

  /// A tree with some entries set, or taken out where they are nil; the tree's id.
  ///
  /// An empty tree is an object like any other. Throws `nestedPaths` where an entry would lie below
  /// another one.
  public func write(
    _ tree: ObjectID?, setting edits: [TrackedPath: ObjectID?], in transaction: Transaction
  ) throws(HistoryError) -> ObjectID {
    try checkNesting(tree, edits)
    return try TreeWriter(trees: self, transaction: transaction).write(tree, edits)
  }

  func node(_ id: ObjectID) throws(HistoryError) -> TreeNode {
    let object: StoredObject
    do { object = try store.object(id) } catch { throw .storage(error) }
    return try TreeNode(object, id: id)
  }

  /// All entries below a node.
  func all(_ id: ObjectID) throws(HistoryError) -> [TrackedPath: ObjectID] {
    switch try node(id) {
    case .leaf(let entries): return entries
    case .branch(let children):
      var found: [TrackedPath: ObjectID] = [:]
      for case let child? in children {
        found.merge(try all(child.tree)) { first, _ in first }
      }
      return found
    }
  }

  private func checkNesting(
    _ tree: ObjectID?, _ edits: [TrackedPath: ObjectID?]
  ) throws(HistoryError) {
    let added = edits.filter { $0.value != nil }.keys
    guard !added.isEmpty else { return }
    var paths: Set<TrackedPath> = []
    if let tree { paths = Set(try all(tree).keys) }
    for (path, snapshot) in edits where snapshot == nil { paths.remove(path) }
    let texts = Set(paths.map(\.text)).union(added.map(\.text))
    var above: [String: TrackedPath] = [:]
    for path in paths.union(added) {
      for ancestor in path.ancestors { above[ancestor] = path }
    }
    for path in added.sorted() {
      if let outer = path.ancestors.first(where: texts.contains) {
        throw .nestedPaths(path, within: try TrackedPath(outer))
      }
      if let inner = above[path.text] { throw .nestedPaths(inner, within: path) }
    }
  }

  private func compare(
    _ old: ObjectID?, _ new: ObjectID?, into changes: inout [TreeChange]
  ) throws(HistoryError) {
    guard old != new else { return }
    if let old, let new, case .branch(let left) = try node(old),
      case .branch(let right) = try node(new)
    {
      for (left, right) in zip(left, right) {
        try compare(left?.tree, right?.tree, into: &changes)
      }
      return
    }
    var before: [TrackedPath: ObjectID] = [:]
    var after: [TrackedPath: ObjectID] = [:]
    if let old { before = try all(old) }
    if let new { after = try all(new) }
    for (path, snapshot) in before where after[path] != snapshot {
      changes.append(TreeChange(path: path, old: snapshot, new: after[path]))
    }
    for (path, snapshot) in after where before[path] == nil {
      changes.append(TreeChange(path: path, old: nil, new: snapshot))
    }
  }
}

/// An entry that differs between two trees.
public struct TreeChange: Hashable, Sendable {
  /// Its path.
  public let path: TrackedPath
  /// The snapshot before; nil for a new entry.
  public let old: ObjectID?
  /// The snapshot after; nil for one that is gone.
  public let new: ObjectID?
}

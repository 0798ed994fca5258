public import Storage

/// Reads and writes trees: flat maps from paths to snapshots, kept so that a change to one of ten
/// thousand entries writes a few small objects.
public struct Trees: Sendable {
  let store: ObjectStore

  /// The id of the tree without entries: what a branch without commits has.
  static let empty = TreeNode.leaf([:]).id

  /// The trees of a store.
  public init(_ store: ObjectStore) { self.store = store }

  /// The snapshot at a path; nil where the tree has none there.
  public func snapshot(at path: TrackedPath, in tree: ObjectID?) throws(HistoryError) -> ObjectID? {
    var next = tree
    var depth = 0
    while let id = next {
      switch try node(id, depth: depth) {
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
    return try all(tree, depth: 0).filter { $0.key.isWithin(prefix) }
      .sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// The number of entries.
  public func count(of tree: ObjectID?) throws(HistoryError) -> Int {
    guard let tree else { return 0 }
    return try node(tree, depth: 0).count
  }

  /// The entries that differ between two trees, sorted by path. Nodes that are equal are not read.
  public func changes(
    from old: ObjectID?, to new: ObjectID?
  ) throws(HistoryError) -> [TreeChange] {
    var changes: [TreeChange] = []
    try compare(old, new, depth: 0, into: &changes)
    return changes.sorted { $0.path < $1.path }
  }

  /// A tree with some entries set, or taken out where they are nil; the tree's id.
  ///
  /// An empty tree is an object like any other. Throws `nestedPaths` where an entry would lie below
  /// another one.
  public func write(
    _ tree: ObjectID?, setting edits: [TrackedPath: ObjectID?], in transaction: Transaction
  ) throws(HistoryError) -> ObjectID {
    let paths = try checkedPaths(of: tree, setting: edits)
    let written = try TreeWriter(trees: self, transaction: transaction).write(tree, edits)
    keep(paths, of: written)
    return written
  }

  /// A node at a depth from 0. A path has so many digits and no more: a deeper node is no part of a
  /// tree.
  func node(_ id: ObjectID, depth: Int) throws(HistoryError) -> TreeNode {
    let object: StoredObject
    do { object = try store.object(id) } catch { throw .storage(error) }
    let node = try TreeNode(object, id: id)
    if case .branch = node, depth >= TreeNode.digitCount {
      throw .malformedObject(id, kind: "tree", rule: "branches deeper than paths have digits")
    }
    return node
  }

  /// All entries below a node.
  func all(_ id: ObjectID, depth: Int) throws(HistoryError) -> [TrackedPath: ObjectID] {
    switch try node(id, depth: depth) {
    case .leaf(let entries): return entries
    case .branch(let children):
      var found: [TrackedPath: ObjectID] = [:]
      for (place, child) in children.enumerated() {
        guard let child else { continue }
        let entries = try all(child.tree, depth: depth + 1)
        // So no tree can unfold to more than it says, by naming a part of itself again and again.
        guard entries.count == child.count,
          entries.keys.allSatisfy({ TreeNode.place(of: $0, depth: depth) == place })
        else {
          throw .malformedObject(id, kind: "tree", rule: "has entries where they do not belong")
        }
        found.merge(entries) { first, _ in first }
      }
      return found
    }
  }

  private func compare(
    _ old: ObjectID?, _ new: ObjectID?, depth: Int, into changes: inout [TreeChange]
  ) throws(HistoryError) {
    guard old != new else { return }
    if let old, let new, case .branch(let left) = try node(old, depth: depth),
      case .branch(let right) = try node(new, depth: depth)
    {
      for (left, right) in zip(left, right) {
        try compare(left?.tree, right?.tree, depth: depth + 1, into: &changes)
      }
      return
    }
    var before: [TrackedPath: ObjectID] = [:]
    var after: [TrackedPath: ObjectID] = [:]
    if let old { before = try all(old, depth: depth) }
    if let new { after = try all(new, depth: depth) }
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

internal import Storage

/// Writes the nodes of one changed tree.
struct TreeWriter {
  let trees: Trees
  let transaction: Transaction

  /// The id of the tree with these edits.
  func write(
    _ tree: ObjectID?, _ edits: [TrackedPath: ObjectID?]
  ) throws(HistoryError) -> ObjectID {
    let child = try edited(tree, edits, depth: 0)
    if let child { return child.tree }
    return try put(.leaf([:])).tree
  }

  /// A node after its edits; nil where nothing is left below it.
  private func edited(
    _ tree: ObjectID?, _ edits: [TrackedPath: ObjectID?], depth: Int
  ) throws(HistoryError) -> TreeNode.Child? {
    var node = TreeNode.leaf([:])
    if let tree { node = try trees.node(tree, depth: depth) }
    if let tree, edits.isEmpty { return .init(count: node.count, tree: tree) }
    switch node {
    case .leaf(var entries):
      for (path, snapshot) in edits { entries[path] = snapshot }
      return try built(entries, depth: depth)
    case .branch(var children):
      var groups: [Int: [TrackedPath: ObjectID?]] = [:]
      for (path, snapshot) in edits {
        groups[TreeNode.place(of: path, depth: depth), default: [:]]
          .updateValue(snapshot, forKey: path)
      }
      for (place, group) in groups {
        children[place] = try edited(children[place]?.tree, group, depth: depth + 1)
      }
      let branch = TreeNode.branch(children)
      guard branch.count <= TreeNode.leafLimit else { return try put(branch) }
      // So few are left that they are one leaf. Nodes of this transaction cannot be read back, so
      // the entries are those of before with the edits.
      var entries: [TrackedPath: ObjectID] = [:]
      if let tree { entries = try trees.all(tree, depth: depth) }
      for (path, snapshot) in edits { entries[path] = snapshot }
      return try built(entries, depth: depth)
    }
  }

  /// A node of exactly these entries.
  private func built(
    _ entries: [TrackedPath: ObjectID], depth: Int
  ) throws(HistoryError) -> TreeNode.Child? {
    if entries.isEmpty { return nil }
    if entries.count <= TreeNode.leafLimit { return try put(.leaf(entries)) }
    var groups = [[TrackedPath: ObjectID]](repeating: [:], count: 16)
    for (path, snapshot) in entries {
      groups[TreeNode.place(of: path, depth: depth)][path] = snapshot
    }
    var children: [TreeNode.Child?] = []
    for group in groups { children.append(try built(group, depth: depth + 1)) }
    return try put(.branch(children))
  }

  private func put(_ node: TreeNode) throws(HistoryError) -> TreeNode.Child {
    do {
      return .init(count: node.count, tree: try transaction.put(node.object))
    } catch { throw .storage(error) }
  }
}

internal import Storage

extension CheckWalk {
  /// Checks a node of a tree and all below it; `places` are the branches that lead to it.
  ///
  /// The number of entries below it; nil where it was met before or cannot be read.
  @discardableResult
  func checkTree(
    _ id: ObjectID, within places: [Int], at place: CheckPlace
  ) throws(HistoryError) -> Int? {
    guard let node = value(TreeNode.self, id, at: place) else { return nil }
    switch node {
    case .leaf(let entries):
      for (path, snapshot) in entries.sorted(by: { $0.key < $1.key }) {
        let isAstray = places.enumerated().contains {
          TreeNode.place(of: path, depth: $0.offset) != $0.element
        }
        if isAstray { malformed(id, .tree, "has \"\(path)\" in a wrong branch", at: place) }
        try checkSnapshot(snapshot, at: place.at(path: path))
      }
      return entries.count
    case .branch(let children):
      guard places.count < TreeNode.digitCount else {
        malformed(id, .tree, "branches too often", at: place)
        return nil
      }
      for (number, child) in children.enumerated() {
        guard let child else { continue }
        let count = try checkTree(child.tree, within: places + [number], at: place)
        if let count, count != child.count {
          malformed(id, .tree, "counts \(child.count) entries where \(count) are", at: place)
        }
      }
      return node.count
    }
  }

  /// Checks that no entry of what a ref names lies below another one. Older trees were checked when
  /// they were written.
  func checkNesting(behind id: ObjectID, at place: CheckPlace) throws(HistoryError) {
    try checkInterruption()
    var tree: ObjectID?
    if let commit = try? repository.peeled(id, "") {
      tree = (try? repository.read(Commit.self, commit))?.tree
    } else if place.ref == .index {
      tree = id
    }
    guard let tree, let entries = try? repository.trees.entries(of: tree) else { return }
    let paths = Set(entries.map(\.path.text))
    for (path, _) in entries {
      guard let outer = path.ancestors.first(where: paths.contains) else { continue }
      malformed(tree, .tree, "has \"\(path)\" within \"\(outer)\"", at: place)
    }
  }
}

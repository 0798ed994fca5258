internal import Digests
public import Storage

/// The paths of one large tree are kept in `cache/paths`, derived, so that a change to one of ten
/// thousand entries need not read them all:
///
///     8 bytes   "adctl-p1"
///     32 bytes  the tree's id
///     text      the paths, in order, a line feed behind each
///     32 bytes  BLAKE3 of what comes before
extension Trees {
  private static let name = "cache/paths"
  private static let magic = Array("adctl-p1".utf8)
  /// The most bytes of the file.
  private static let maximumByteCount = 64 << 20

  /// The paths of a tree at and below a path, sorted.
  public func paths(
    of tree: ObjectID?, within prefix: String
  ) throws(HistoryError) -> [TrackedPath] {
    try paths(of: tree).within(prefix)
  }

  /// The paths of a tree after edits; throws `nestedPaths` where one that is set would lie below another.
  @discardableResult
  func checkedPaths(
    of tree: ObjectID?, setting edits: [TrackedPath: ObjectID?]
  ) throws(HistoryError) -> TreePaths {
    let paths = try paths(of: tree).setting(edits)
    try paths.checkNesting(of: edits.filter { $0.value != nil }.keys.sorted())
    return paths
  }

  /// The paths of a tree: of a small one those it has, of a large one those that were kept, and what
  /// has changed since.
  func paths(of tree: ObjectID?) throws(HistoryError) -> TreePaths {
    guard let tree else { return TreePaths() }
    if case .leaf(let entries) = try node(tree, depth: 0) { return TreePaths(entries.keys) }
    guard let kept = kept() else { return TreePaths(try all(tree, depth: 0).keys) }
    if kept.tree == tree { return kept.paths }
    // The tree that the file is of may be gone.
    guard let changes = try? changes(from: kept.tree, to: tree) else {
      return TreePaths(try all(tree, depth: 0).keys)
    }
    var edits: [TrackedPath: ObjectID?] = [:]
    for change in changes { edits.updateValue(change.new, forKey: change.path) }
    return kept.paths.setting(edits)
  }

  /// Keeps the paths of a tree that was just written. Where that fails they will be read again.
  func keep(_ paths: TreePaths, of tree: ObjectID) {
    guard paths.count > TreeNode.leafLimit, paths.text.count <= Self.maximumByteCount / 2 else {
      return
    }
    let body = Self.magic + tree.digest.bytes + paths.text
    try? store.replaceLocalFile(
      Self.name, with: body + BLAKE3.digest(of: body).bytes, synced: false)
  }

  private func kept() -> (tree: ObjectID, paths: TreePaths)? {
    let headCount = Self.magic.count + Digest.byteCount
    guard let bytes = try? store.localFile(Self.name, limit: Self.maximumByteCount),
      case let end = bytes.count - Digest.byteCount, end >= headCount,
      bytes.starts(with: Self.magic),
      BLAKE3.digest(of: bytes.span.extracting(first: end)).bytes[...] == bytes[end...],
      let tree = Digest(bytes: Array(bytes[Self.magic.count..<headCount])),
      let paths = TreePaths(text: Array(bytes[headCount..<end]))
    else { return nil }
    return (ObjectID(tree), paths)
  }
}

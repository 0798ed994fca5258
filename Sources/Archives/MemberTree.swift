internal import Files

/// The members of an archive as the tree of files that they become, on any file system.
///
/// Two names are one where a file system may take them for one: those that differ in letter case or
/// in the composition of accents alone. A name must mean one thing, so they are refused.
struct MemberTree {
  /// The longest name and the longest part of a name, in bytes: what Linux has room for.
  static let nameByteLimit = 4096
  static let componentByteLimit = 255
  /// The most parts of a name.
  static let depthLimit = 64

  private struct Node {
    let spelling: String
    let isDirectory: Bool
    var isMember: Bool
  }

  private let archive: Path
  private var nodes: [String: Node] = [:]

  /// No members so far; `archive` is named in errors.
  init(of archive: Path) { self.archive = archive }

  /// Every directory, those that only the names of files imply included; the outer before the inner.
  var directories: [[String]] {
    nodes.values.filter(\.isDirectory).map(\.spelling).sorted()
      .map { $0.utf8.split(separator: 0x2F).map { String(decoding: $0, as: UTF8.self) } }
  }

  /// Adds a member, and returns the parts of its name.
  mutating func insert(_ name: MemberName) throws(ArchiveError) -> [String] {
    let components = name.components
    guard name.text.utf8.count <= Self.nameByteLimit, components.count <= Self.depthLimit,
      components.allSatisfy({ $0.utf8.count <= Self.componentByteLimit })
    else { throw .nameTooLong(archive, member: name) }
    var path = ""
    for (index, component) in components.enumerated() {
      path += index == 0 ? component : "/" + component
      let isMember = index == components.count - 1
      let isDirectory = !isMember || name.isDirectory
      try claim(path, for: name, isDirectory: isDirectory, isMember: isMember)
    }
    return components
  }

  private mutating func claim(
    _ path: String, for name: MemberName, isDirectory: Bool, isMember: Bool
  ) throws(ArchiveError) {
    // Upper case first: it also joins what has one capital and two small letters. Strings are equal
    // where their accents are composed in different ways.
    let key = path.uppercased().lowercased()
    guard let node = nodes[key] else {
      nodes[key] = Node(spelling: path, isDirectory: isDirectory, isMember: isMember)
      return
    }
    guard node.spelling.utf8.elementsEqual(path.utf8) else {
      throw .twinMembers(archive, member: name, other: node.spelling)
    }
    guard node.isDirectory, isDirectory, !(node.isMember && isMember) else {
      throw .duplicateMember(archive, member: name)
    }
    if isMember { nodes[key]?.isMember = true }
  }
}

import Storage
import TestSupport

@testable import History

/// What a repository and its working tree should hold, as plain dictionaries.
struct WorkingTreeTwin {
  typealias Files = [String: [UInt8]]
  /// Files by the tracked path they belong to and their name in it.
  typealias Tree = [String: Files]

  struct Commit {
    let tree: Tree
    let parent: Int?
  }

  /// All files of the working tree.
  var disk: Files = [:]
  /// What is staged, or committed where nothing is.
  var index: Tree = [:]
  var commits: [Commit] = []
  var branches: [String: Int] = [:]
  /// The branch; nil where the head is detached.
  var branch: String? = "main"
  var detached: Int?

  var head: Int? { branch.map { branches[$0] } ?? detached }
  var headTree: Tree { head.map { commits[$0].tree } ?? [:] }

  static func place(_ path: String, _ name: String) -> String {
    name.isEmpty ? path : path + "/" + name
  }

  static func isIgnored(_ file: String) -> Bool { file.hasSuffix("optimizer.pt") }

  /// The files at a path that a snapshot takes.
  func found(_ path: String) -> Files {
    var files: Files = [:]
    for (file, bytes) in disk where !Self.isIgnored(file) {
      if file == path { files[""] = bytes }
      if file.hasPrefix(path + "/") { files[String(file.dropFirst(path.count + 1))] = bytes }
    }
    return files
  }

  mutating func add(_ path: String) {
    let files = found(path)
    index[path] = files.isEmpty ? nil : files
  }

  mutating func commit(_ tree: Tree) {
    commits.append(Commit(tree: tree, parent: head))
    if let branch { branches[branch] = commits.count - 1 } else { detached = commits.count - 1 }
  }

  /// Writes a tree's files at some paths over those of another one.
  mutating func write(_ new: Tree, over old: Tree, at paths: [String]) {
    for path in paths {
      for name in (old[path] ?? [:]).keys where new[path]?[name] == nil {
        disk[Self.place(path, name)] = nil
      }
      for (name, bytes) in new[path] ?? [:] { disk[Self.place(path, name)] = bytes }
    }
  }

  /// Goes to a commit's tree; false, and nothing is changed, where that would lose something.
  mutating func go(to target: Tree, force: Bool) -> Bool {
    let from = headTree
    let changed = Set(from.keys).union(target.keys).filter { from[$0] != target[$0] }
    var staged: [String: Files?] = [:]
    if !force {
      for path in Set(from.keys).union(index.keys) where from[path] != index[path] {
        staged.updateValue(index[path], forKey: path)
      }
      for path in changed {
        if let kept = staged[path], kept != target[path] { return false }
        let names = Set((from[path] ?? [:]).keys).union((target[path] ?? [:]).keys)
        for name in names {
          guard let bytes = disk[Self.place(path, name)] else { continue }
          if bytes != from[path]?[name], bytes != target[path]?[name] { return false }
        }
      }
    }
    if force {
      // Gives up every change of what is tracked, staged or not.
      write(target, over: index, at: Array(Set(index.keys).union(target.keys)))
    } else {
      write(target, over: from, at: Array(changed))
    }
    index = target
    for (path, files) in staged { index[path] = files }
    return true
  }

  mutating func reset(to commit: Int, _ depth: Repository.ResetDepth) {
    let target = commits[commit].tree
    if depth == .hard {
      write(target, over: index, at: Array(Set(index.keys).union(target.keys)))
    }
    if depth != .soft { index = target }
    if let branch { branches[branch] = commit } else { detached = commit }
  }

  /// What differs between what is staged and the files, as `path` or `path/name`.
  var unstaged: Set<String> {
    var differing: Set<String> = []
    for (path, files) in index {
      let here = found(path)
      for name in Set(files.keys).union(here.keys) where files[name] != here[name] {
        differing.insert(path)
      }
    }
    return differing
  }

  var staged: Set<String> {
    let head = headTree
    return Set(Set(head.keys).union(index.keys).filter { head[$0] != index[$0] })
  }
}

import Adapters
import Files
import Storage
import TestSupport
import Testing

@testable import History

/// Random commands against the twin.
@Suite struct WorkingTreeTwinTests {
  private static let adapters = ["a", "runs/b", "runs/deep/c"]
  private static let plain = ["notes.txt", "runs/log.txt"]
  private static var paths: [String] { adapters + plain }

  private final class Session {
    let workshop: Workshop
    var twin = WorkingTreeTwin()
    var ids: [ObjectID] = []
    var generator: SeededGenerator
    var done: [String] = []
    var refusals = 0

    init(seed: UInt64) throws {
      workshop = try Workshop()
      generator = SeededGenerator(seed: seed)
    }

    var repository: Repository { workshop.repository }

    func pick<Element>(_ elements: [Element]) -> Element {
      elements[generator.index(below: elements.count)]
    }

    func write(_ bytes: [UInt8], _ name: String) throws {
      try workshop.write(bytes, name)
      twin.disk[name] = bytes
    }

    /// A change by hand.
    func edit() throws {
      let path = pick(paths)
      guard adapters.contains(path) else {
        if generator.index(below: 4) == 0, twin.disk[path] != nil {
          try repository.place(of: path).removeFile()
          twin.disk[path] = nil
          return
        }
        return try write(Array("\(generator.next() % 4)".utf8), path)
      }
      let exists = twin.disk[path + "/adapter_config.json"] != nil
      switch generator.index(below: 8) {
      case 0 where exists:
        try repository.place(of: path).removeTree()
        twin.disk = twin.disk.filter { !$0.key.hasPrefix(path + "/") }
      case 1 where exists:
        let name = path + "/README.md"
        guard twin.disk[name] != nil else { return }
        try repository.place(of: name).removeFile()
        twin.disk[name] = nil
      case 2 where exists:
        try write(Array("\(generator.next() % 3)".utf8), path + "/README.md")
      case 3 where exists:
        try write([UInt8(generator.index(below: 3))], path + "/sub/tokens.json")
      case 4 where exists: try write([UInt8(generator.index(below: 3))], path + "/optimizer.pt")
      default:
        try write(Array(Workshop.configuration().utf8), path + "/adapter_config.json")
        try write(
          Workshop.weights(seed: generator.next() % 3), path + "/adapter_model.safetensors")
      }
    }

    var paths: [String] { WorkingTreeTwinTests.paths }
    var adapters: [String] { WorkingTreeTwinTests.adapters }

    func found(_ path: String) throws -> (found: [Found], removing: [TrackedPath]) {
      if twin.found(path).isEmpty { return ([], [try TrackedPath(path)]) }
      var finding = Finding(repository)
      return (try finding.find(at: repository.place(of: path)), [])
    }

    /// Whether the path can be added: an adapter that is whole, or is gone.
    func isWhole(_ path: String) -> Bool {
      let files = twin.found(path)
      return !adapters.contains(path) || files.isEmpty || files["adapter_config.json"] != nil
    }

    func step() throws {
      let execution = Workshop.execution(threads: 1 + generator.index(below: 2))
      let kind = generator.index(below: 20)
      switch kind {
      case 0..<7: try edit()
      case 7..<10:
        let path = pick(paths)
        guard isWhole(path) else { return }
        let (found, removing) = try found(path)
        _ = try repository.stage(
          found, removing: removing, act: workshop.act(), execution: execution)
        twin.add(path)
      case 10, 11: try commitStaged()
      case 12: try commitPath(execution)
      case 13..<16: try go(execution)
      case 16:
        guard !twin.commits.isEmpty else { return }
        let target = generator.index(below: twin.commits.count)
        let depth = pick([Repository.ResetDepth.soft, .mixed, .hard])
        _ = try repository.reset(
          to: ids[target], depth, act: workshop.act(), execution: execution)
        twin.reset(to: target, depth)
      case 17:
        try restore(execution)
      default:
        let path = pick(paths)
        _ = try repository.unstage(
          [path], to: repository.tree(of: repository.head().commit), act: workshop.act())
        twin.index[path] = twin.headTree[path]
      }
    }

    func commitStaged() throws {
      let differs = twin.index != twin.headTree
      do {
        ids.append(try workshop.commit().id)
      } catch {
        guard case HistoryError.nothingToCommit = error else { throw error }
        #expect(!differs)
        return
      }
      #expect(differs)
      twin.commit(twin.index)
    }

    /// A path alone, whatever else is staged.
    func commitPath(_ execution: Execution) throws {
      let path = pick(paths)
      guard isWhole(path) else { return }
      let (found, removing) = try found(path)
      var tree = twin.headTree
      let files = twin.found(path)
      tree[path] = files.isEmpty ? nil : files
      let differs = tree != twin.headTree
      do {
        let made = try repository.commit(
          message: "one", author: Signature(name: "T", email: ""), found: found,
          removing: removing, act: workshop.act(), execution: execution)
        ids.append(made.id)
      } catch {
        guard case HistoryError.nothingToCommit = error else { throw error }
        #expect(!differs)
        return
      }
      #expect(differs)
      twin.add(path)
      twin.commit(tree)
    }

    /// Files back as they are staged, or as some commit has them.
    func restore(_ execution: Execution) throws {
      let path = pick(paths)
      var tree = twin.index
      var id = try repository.stagedTree(repository.head())
      if !twin.commits.isEmpty, generator.index(below: 2) == 0 {
        let commit = generator.index(below: twin.commits.count)
        tree = twin.commits[commit].tree
        id = try repository.read(Commit.self, ids[commit]).tree
      }
      do {
        _ = try repository.restoreFiles([path], from: id, execution: execution)
      } catch {
        guard case HistoryError.notTracked = error else { throw error }
        #expect(tree[path] == nil && twin.index[path] == nil)
        return
      }
      twin.write(tree, over: twin.index, at: [path])
    }

    func go(_ execution: Execution) throws {
      let force = generator.index(below: 4) == 0
      let destination: Repository.Destination
      var after = twin
      let target: WorkingTreeTwin.Tree
      switch generator.index(below: 3) {
      case 0:
        let name = pick(["main", "dev", "exp"])
        guard let commit = twin.branches[name] else {
          let start = twin.commits.isEmpty ? nil : generator.index(below: twin.commits.count)
          destination = .newBranch(try .branch(name), at: start.map { ids[$0] })
          target = start.map { twin.commits[$0].tree } ?? twin.headTree
          after.branches[name] = start ?? twin.head
          after.branch = name
          after.detached = nil
          break
        }
        destination = .branch(try .branch(name))
        target = twin.commits[commit].tree
        after.branch = name
        after.detached = nil
      default:
        guard !twin.commits.isEmpty else { return }
        let commit = generator.index(below: twin.commits.count)
        destination = .detached(ids[commit])
        target = twin.commits[commit].tree
        after.branch = nil
        after.detached = commit
      }
      var moved = twin
      let goes = moved.go(to: target, force: force)
      do {
        _ = try repository.move(
          to: destination, force: force, act: workshop.act(), execution: execution)
      } catch {
        guard case HistoryError.wouldOverwrite = error else { throw error }
        #expect(!goes)
        refusals += 1
        return
      }
      #expect(goes)
      moved.branch = after.branch
      moved.detached = after.detached
      moved.branches = after.branches
      twin = moved
    }

    func check() throws {
      #expect(try workshop.files() == twin.disk)
      let status = try repository.status()
      #expect(Set(status.unstaged.map(\.path.text)) == twin.unstaged)
      #expect(Set(status.staged.map(\.path.text)) == twin.staged)
      let untracked = adapters.filter {
        twin.index[$0] == nil && twin.disk[$0 + "/adapter_config.json"] != nil
          && twin.disk[$0 + "/adapter_model.safetensors"] != nil
      }
      #expect(status.untracked.map(\.path.text) == untracked)
      let head = try repository.head()
      #expect(head.commit == twin.head.map { ids[$0] })
      #expect(head.branch?.short == twin.branch)
    }
  }

  @Test(arguments: Workshop.slow ? Array(1...40) : [1, 2, 3] as [UInt64])
  func `random commands do what the twin does, and no more`(seed: UInt64) throws {
    let session = try Session(seed: seed)
    for number in 0..<(Workshop.slow ? 600 : 250) {
      do {
        try session.step()
        try session.check()
      } catch {
        Issue.record("seed \(seed), command \(number): \(error)")
        return
      }
    }
    #expect(session.refusals > 0 && session.ids.count > 5)
    #expect(session.workshop.problems() == [])
    // Whatever was committed is still there, byte for byte.
    for (number, id) in session.ids.enumerated() where number.isMultiple(of: 5) {
      _ = try session.repository.move(
        to: .detached(id), force: true, act: session.workshop.act(),
        execution: Workshop.execution())
      let tree = session.twin.commits[number].tree
      let files = try session.workshop.files()
      for (path, expected) in tree {
        for (name, bytes) in expected { #expect(files[WorkingTreeTwin.place(path, name)] == bytes) }
      }
    }
  }
}

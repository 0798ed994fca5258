import Adapters
import Files
import Foundation
import Storage
import TestSupport
import Testing

@testable import History

/// Real and made adapters through the whole life of a repository: every byte comes back.
@Suite(.serialized) struct SnapshotBytesTests {
  private let workshop: Workshop
  private var repository: Repository { workshop.repository }

  init() throws { workshop = try Workshop() }

  /// Copies a folder below the top; what the ignore rules leave out is not copied.
  private func copy(_ source: Path, as name: String) throws {
    let rules = IgnoreRules.defaults
    for (file, bytes) in try Workshop.files(source, below: "./") {
      let path = String(file.dropFirst(2))
      guard !rules.ignores(name + "/" + path, isDirectory: false) else { continue }
      try workshop.write(bytes, name + "/" + path)
    }
  }

  /// What a commit has below a path, by every way to get it.
  private func check(_ commits: [(ObjectID, [String: [UInt8]])]) throws {
    let execution = Workshop.execution()
    for (number, (commit, expected)) in commits.enumerated() {
      let out = workshop.folder.path.appending("out\(number)")
      let restoring = Restoring(
        repository, execution: Workshop.execution(threads: 1 + number % 2))
      let tree = try repository.read(Commit.self, commit).tree
      try restoring.write(
        try repository.trees.entries(of: tree), below: "", to: out, replacing: true)
      let written = try Workshop.files(out, below: "./")
      #expect(written == Dictionary(uniqueKeysWithValues: expected.map { ("./" + $0, $1) }))
      try out.removeTree()
      _ = try repository.move(
        to: .detached(commit), act: workshop.act("switch"), execution: execution)
      #expect(try workshop.files() == expected)
      // Broken, cut, gone and replaced by something larger: given back.
      for (index, name) in expected.keys.sorted().enumerated() where index % 3 == 0 {
        let bytes = expected[name] ?? []
        switch index % 4 {
        case 0: try workshop.root.appending(name).removeFile()
        case 1: try workshop.write(bytes + [1], name)
        case 2: try workshop.write(Array(bytes.dropLast()), name)
        default: try workshop.write(bytes.map { $0 ^ 1 }, name)
        }
      }
      _ = try repository.restoreFiles([""], from: tree, execution: execution)
      #expect(try workshop.files() == expected)
      #expect(try repository.status().isClean)
    }
  }

  /// Commits adapters one by one, changes to their successors, and looks at all commits, before and
  /// after repacking and garbage collection.
  private func live(_ sources: [(name: String, folder: Path)]) throws {
    var commits: [(ObjectID, [String: [UInt8]])] = []
    for (name, folder) in sources {
      try copy(folder, as: name)
      let found = try workshop.add([name])
      #expect(!found.isEmpty)
      let committed = try workshop.commit("add \(folder.name)")
      commits.append((committed.id, try workshop.files()))
      #expect(try repository.status().isClean)
    }
    let sample = Workshop.slow ? commits : [commits[commits.count / 2], commits[commits.count - 1]]
    try check(sample)
    #expect(workshop.problems() == [])
    let later = Timestamp(seconds: workshop.time + 400 * 86400)
    _ = try repository.store.repack(at: later, references: HistoryReferences.of)
    if Workshop.slow { try check(sample) }
    for days in [401, 420, 440] {
      _ = try repository.store.collectGarbage(
        at: Timestamp(seconds: workshop.time + days * 86400), references: HistoryReferences.of)
    }
    try check(sample)
    #expect(workshop.problems() == [])
  }

  @Test func `the lab's runs come back from every commit`() throws {
    let runs = Fixtures.folder.appending("lab/runs")
    var sources: [(String, Path)] = []
    for run in try runs.entryNames().sorted() {
      let steps = try runs.appending(run).entryNames().sorted()
      for step in steps {
        sources.append((run, runs.appending(run).appending(step)))
      }
    }
    #expect(sources.count == 32)
    try live(sources.map { (name: $0.0, folder: $0.1) })
  }

  @Test func `PEFT's adapters come back`() throws {
    let folder = Fixtures.folder.appending("peft")
    var sources: [(name: String, folder: Path)] = []
    for name in try folder.entryNames().sorted() where folder.appending(name).isDirectory {
      sources.append((name, folder.appending(name)))
    }
    #expect(sources.count > 50)
    var all: [String: [UInt8]] = [:]
    for (name, folder) in sources { try copy(folder, as: name) }
    // Some fixtures are damaged or foreign on purpose; all that can be added come back.
    for (name, _) in sources where (try? workshop.add([name])) != nil {
      for (file, bytes) in try Workshop.files(workshop.root.appending(name), below: name + "/") {
        all[file] = bytes
      }
    }
    let committed = try workshop.commit()
    let out = workshop.folder.path.appending("all")
    try Restoring(repository, execution: Workshop.execution()).write(
      try repository.trees.entries(of: committed.commit.tree), below: "", to: out,
      replacing: false)
    let written = try Workshop.files(out, below: "./")
    #expect(written.count > 100)
    for (file, bytes) in written { #expect(all[String(file.dropFirst(2))] == bytes, "\(file)") }
    #expect(workshop.problems() == [])
  }

  @Test(.enabled(if: Fixtures.shared != nil))
  func `real series and adapters come back`() throws {
    let real = try #require(Fixtures.shared).appending("real")
    var sources: [(name: String, folder: Path)] = []
    for kind in ["adapters", "odd", "series"] where real.appending(kind).isDirectory {
      try collect(real.appending(kind), kind, into: &sources)
    }
    #expect(!sources.isEmpty)
    if !Workshop.slow {
      let step = max(1, sources.count / 8)
      sources = stride(from: 0, to: sources.count, by: step).map { sources[$0] }
    }
    try live(sources)
  }

  /// The folders with an adapter in them, all under one name for each series.
  private func collect(
    _ folder: Path, _ name: String, into sources: inout [(name: String, folder: Path)]
  ) throws {
    let recognition = try? AdapterRecognition(of: folder)
    if let recognition, let recognised = Recognised(recognition), recognised.content == .adapter {
      sources.append((name, folder))
      return
    }
    for child in try folder.entryNames().sorted() where folder.appending(child).isDirectory {
      let isStep = child.hasPrefix("checkpoint-")
      try collect(
        folder.appending(child), isStep ? name : name + "/" + child, into: &sources)
    }
  }

  @Test func `one thread and two write the same pack`() throws {
    var packs: [[String]] = []
    for threads in [1, 2] {
      let workshop = try Workshop()
      for step in [150, 300, 450] {
        let source = Fixtures.folder.appending("lab/runs/lora-r8/checkpoint-\(step)")
        for (file, bytes) in try Workshop.files(source, below: "math/") {
          try workshop.write(bytes, file)
        }
        try workshop.write([UInt8](repeating: UInt8(step & 255), count: 3 << 20), "notes/big.txt")
        try workshop.add(["math"], threads: threads)
        var finding = Finding(workshop.repository)
        let plain = try finding.find(at: workshop.root.appending("notes/big.txt"))
        _ = try workshop.repository.stage(
          plain, act: workshop.act(), execution: Workshop.execution(threads: threads))
        try workshop.commit(threads: threads)
      }
      packs.append(
        try workshop.repository.own("packs").entryNames().sorted())
    }
    // A pack's name is the digest of its bytes.
    #expect(packs[0] == packs[1] && packs[0].count > 3)
  }

  @Test func `the same weights in other containers take no room`() throws {
    let bytes = try FileReader.contents(
      of: Fixtures.folder.appending("lab/runs/lora-r8/checkpoint-150/adapter_model.safetensors"),
      limit: 1 << 30)
    try workshop.write(bytes, "a/adapter_model.safetensors")
    try workshop.write(
      try FileReader.contents(
        of: Fixtures.folder.appending("lab/runs/lora-r8/checkpoint-150/adapter_config.json"),
        limit: 1 << 20), "a/adapter_config.json")
    try workshop.add(["a"])
    let before = try packBytes()
    for (file, bytes) in try Workshop.files(workshop.root.appending("a"), below: "b/c/") {
      try workshop.write(bytes, file)
    }
    try workshop.add(["b"])
    #expect(try packBytes() - before < 2_000)
  }

  private func packBytes() throws -> Int {
    let packs = repository.own("packs")
    return try packs.entryNames().reduce(0) { total, name in
      guard case .file(let count) = packs.appending(name).kind else { return total }
      return total + count
    }
  }
}

import Files
import TestSupport
import Testing

/// Whose damage it is: a bundle's, an archive's, or the repository's.
@Suite struct DamagedBundleTests {
  private func session() throws -> StoreSession {
    let session = try StoreSession()
    try session.take(step: 450, as: "math")
    try session.run(["add", "math"])
    try session.run(["commit", "-m", "First"])
    try session.run(["bundle", "create", "all.bundle", "--all"])
    return session
  }

  private func change(_ path: Path, _ edit: (inout [UInt8]) -> Void) throws {
    var bytes = try FileReader.contents(of: path, limit: 1 << 24)
    edit(&bytes)
    try path.removeFile()
    try FileWriter.write(bytes, creating: path)
  }

  @Test(arguments: ["flipped", "cut", "empty", "text"])
  func `a damaged bundle is named, and the repository is not blamed`(_ damage: String) throws {
    let session = try session()
    try change(session.work.appending("all.bundle")) { bytes in
      switch damage {
      case "flipped": bytes[bytes.count / 2] ^= 4
      case "cut": bytes.removeLast(bytes.count / 3)
      case "empty": bytes = []
      default: bytes = Array("hello".utf8)
      }
    }
    let refs = StoreSession.refs(session.work)
    for command in ["verify", "unbundle"] {
      let outcome = try session.run(["bundle", command, "all.bundle"])
      #expect(outcome.code == 15)
      #expect(outcome.errors.contains("The bundle all.bundle is damaged"), "\(outcome.errors)")
      #expect(outcome.errors.contains("fresh copy") && !outcome.errors.contains("fsck"))
    }
    #expect(StoreSession.refs(session.work) == refs)
    #expect(StoreSession.problems(session.work).isEmpty)
    #expect(StoreSession.leftovers(session.work).isEmpty)
  }

  @Test func `a damaged repository is not taken for a damaged bundle`() throws {
    let session = try session()
    try session.take(step: 600, as: "math")
    try session.run(["commit", "-a", "-m", "Second"])
    try session.run(["bundle", "create", "last.bundle", "main", "--since", "main~1"])
    // The same history up to the first commit, whose largest pack is damaged then.
    #expect(try session.program.run(["init", "other"]).code == 0)
    #expect(try session.run(["bundle", "unbundle", "../work/all.bundle"], in: "other").code == 0)
    let packs = session.program.folder.path.appending("other/.adapterctl/packs")
    let sizes = try packs.entryNames().map { name -> (Int, Path) in
      let path = packs.appending(name)
      return (try FileReader.contents(of: path, limit: 1 << 24).count, path)
    }
    let largest = try #require(sizes.max { $0.0 < $1.0 }).1
    try change(largest) { $0[$0.count / 3] ^= 4 }
    let outcome = try session.run(["bundle", "unbundle", "../work/last.bundle"], in: "other")
    #expect(outcome.code == 15, "\(outcome.output)")
    #expect(outcome.errors.contains("fsck") && !outcome.errors.contains("The bundle"))
  }

  @Test func `a bundle of nothing is not written`() throws {
    let session = try StoreSession()
    let outcome = try session.run(["bundle", "create", "none.bundle", "--all"])
    #expect(outcome.code == 64 && outcome.errors.contains("nothing to carry"))
    #expect(session.work.appending("none.bundle").kind == nil)
  }

  @Test func `an archive without an adapter does not fit, and leaves nothing`() throws {
    let session = try session()
    try session.run(["export", "HEAD:math/adapter_config.json", "-o", "one.tar"])
    let before = try StoreSession.files(session.work)
    let outcome = try session.run(["import", "one.tar", "--as", "taken"])
    #expect(outcome.code == 13, "\(outcome.errors)")
    #expect(outcome.errors.contains("one.tar holds neither an adapter nor a model"))
    #expect(try StoreSession.files(session.work) == before)
    #expect(StoreSession.leftovers(session.work).isEmpty)
  }

  @Test func `of several that clean up at once all end with 0 or 11`() throws {
    let session = try session()
    for step in [600, 450, 300, 150] {
      try session.take(step: step, as: "math")
      try session.run(["commit", "-a", "-m", "step \(step)"])
    }
    let processes = try (0..<8).map { _ in
      try session.program.start(
        ["-C", "work", "gc", "--prune=now"], environment: StoreSession.environment)
    }
    for process in processes { try process.run() }
    for process in processes { process.waitUntilExit() }
    let codes = processes.map(\.terminationStatus)
    #expect(codes.allSatisfy { $0 == 0 || $0 == 11 }, "\(codes)")
    #expect(codes.contains(0))
    #expect(StoreSession.problems(session.work).isEmpty)
    #expect(try session.run(["gc"]).code == 0)
  }
}

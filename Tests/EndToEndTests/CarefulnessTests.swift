import Files
import Foundation
import TestSupport
import Testing

/// What no option and no damage may take away, and what must not be passed over in silence.
@Suite struct CarefulnessTests {
  private let session: StoreSession
  private var work: Path { session.work }

  /// A repository with one commit of one adapter.
  init() throws {
    session = try StoreSession()
    try session.take(step: 150, as: "math")
    #expect(try session.run(["add", "math"]).code == 0)
    #expect(try session.run(["commit", "-q", "-m", "one"]).code == 0)
  }

  @Test(arguments: ["", "/.adapterctl", "/.adapterctl/packs", "/.adapterctl/x", "/.."])
  func `nothing is written over a repository or into its store`(place: String) throws {
    let refs = try #require(StoreSession.refs(work))
    let base = Fixtures.folder.appending("lab/base").text
    for command in [
      ["checkout", "HEAD:math"], ["export", "HEAD:math"], ["merge", "HEAD:math", "--base", base],
      ["truncate", "math", "--rank", "2"], ["combine", "math", "math", "--method", "linear"],
    ] {
      let outcome = try session.run(command + ["-o", work.text + place, "--force"])
      #expect(outcome.code == 64 && outcome.errors.contains("is a repository, holds one"))
    }
    #expect(StoreSession.refs(work) == refs)
    #expect(StoreSession.problems(work) == [])
    #expect(try StoreSession.files(work).keys.contains("math/adapter_config.json"))
  }

  @Test func `ignore rules leave out nothing that is tracked`() throws {
    try Data("ma*\n*.json\n".utf8).write(
      to: URL(fileURLWithPath: work.appending(".adapterctlignore").text))
    #expect(try session.run(["status"]).output.contains("nothing to commit"))
    try Data("new".utf8).write(to: URL(fileURLWithPath: work.appending("math/new.json").text))
    for arguments in [["add", "."], ["add", "math"]] {
      #expect(try session.run(arguments).code == 0)
      #expect(try session.run(["diff", "--staged", "--exit-code"]).code == 0)
    }
  }

  @Test func `a damaged adapter is refused however it is named`() throws {
    let weights = work.appending("math/adapter_model.safetensors")
    let bytes = try FileReader.contents(of: weights, limit: 1 << 30)
    try Data(bytes.prefix(1000)).write(to: URL(fileURLWithPath: weights.text))
    for arguments in [["add", "."], ["add", "math"], ["commit", "-a", "-m", "x"]] {
      #expect(try session.run(arguments).code == 15, "\(arguments)")
    }
    // What was never tracked is named, and does not hold the others back.
    try session.take(step: 300, as: "other")
    try work.appending("math").rename(over: work.appending("stray"))
    let outcome = try session.run(["add", "."])
    #expect(outcome.code == 0 && outcome.errors.contains("stray is passed over"))
    #expect(outcome.output.contains("other"))
  }

  @Test func `a damaged store is never passed over for one further up`() throws {
    let inner = work.appending("inner")
    #expect(try session.run(["init", "inner"]).code == 0)
    try Data("adapterctl stare 1\n".utf8).write(
      to: URL(fileURLWithPath: inner.appending(".adapterctl/format").text))
    let refs = StoreSession.refs(work)
    let outcome = try session.run(["commit", "--allow-empty", "-m", "x"], in: "work/inner")
    #expect(outcome.code == 15)
    #expect(StoreSession.refs(work) == refs)
  }

  @Test func `an answer that cannot be written down is an error`() throws {
    let process = try session.program.start(["-C", "work", "log"])
    let errors = Pipe()
    process.standardOutput = FileHandle(forWritingAtPath: "/dev/full")
    process.standardError = errors
    try process.run()
    let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 14)
    #expect(text.contains("Standard output cannot be written: No space left on device."))
  }

  @Test func `a stored adapter may have a weight`() throws {
    let base = Fixtures.folder.appending("lab/base").text
    let half = try session.run(["merge", "HEAD:math=0.5", "--base", base, "-o", "half"])
    #expect(half.code == 0, "\(half.errors)")
    #expect(try session.run(["merge", "math=0.5", "--base", base, "-o", "same"]).code == 0)
    let files = try StoreSession.files(work)
    #expect(files["half/model.safetensors"] == files["same/model.safetensors"])
    #expect(try session.run(["merge", "HEAD:none=0.5", "--base", base, "-o", "no"]).code == 64)
  }

  @Test func `a changed bit of an exported archive is found`() throws {
    #expect(try session.run(["export", "HEAD:math", "-o", "math.tar.zst"]).code == 0)
    let archive = work.appending("math.tar.zst")
    let bytes = try FileReader.contents(of: archive, limit: 1 << 30)
    for place in stride(from: bytes.count / 9, to: bytes.count - 1, by: bytes.count / 7) {
      var damaged = bytes
      damaged[place] ^= 4
      try Data(damaged).write(to: URL(fileURLWithPath: archive.text))
      let outcome = try session.run(["import", "math.tar.zst", "--as", "copy\(place)"])
      #expect(outcome.code == 15, "\(place): \(outcome.errors)")
    }
    try Data(bytes).write(to: URL(fileURLWithPath: archive.text))
    #expect(try session.run(["import", "math.tar.zst", "--as", "copy"]).code == 0)
    let files = try StoreSession.files(work)
    #expect(files["copy/adapter_model.safetensors"] == files["math/adapter_model.safetensors"])
  }

  @Test func `a bundle fills an empty repository, and leaves alone what is staged`() throws {
    #expect(try session.run(["bundle", "create", "../all.bundle", "--all"]).code == 0)
    #expect(try session.run(["init", "../fresh"]).code == 0)
    let taken = try session.run(["bundle", "unbundle", "../all.bundle"], in: "fresh")
    #expect(taken.code == 0 && taken.errors.contains("write them with: adapterctl restore ."))
    #expect(try session.run(["restore", "."], in: "fresh").code == 0)
    #expect(try session.run(["status"], in: "fresh").output.contains("nothing to commit"))

    #expect(try session.run(["init", "../begun"]).code == 0)
    let begun = session.program.folder.path.appending("begun")
    try FileManager.default.copyItem(
      atPath: work.appending("math").text, toPath: begun.appending("mine").text)
    #expect(try session.run(["add", "mine"], in: "begun").code == 0)
    #expect(try session.run(["bundle", "unbundle", "../all.bundle"], in: "begun").code == 0)
    #expect(try session.run(["commit", "-m", "mine"], in: "begun").code == 0)
    #expect(try session.run(["ls-tree", "HEAD"], in: "begun").output.contains("mine"))
    #expect(
      try session.run(["rev-parse", "refs/remotes/bundle/heads/main"], in: "begun").code == 0)
  }
}

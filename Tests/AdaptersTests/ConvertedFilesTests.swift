import Digests
import Files
import JSON
import Tensors
import TestSupport
import Testing

@testable import Adapters

/// The files that others have read: `fixtures/converted/check.py` computes with each of them and lists
/// what it found right. The same conversions give the same bytes here.
@Suite struct ConvertedFilesTests {
  private static let folder = Fixtures.peft.parent.appending("converted")

  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let adapter: String
    let target: ConversionTarget
    let base: String
    var testDescription: String { name }
  }

  static var cases: [Case] {
    get throws {
      let bytes = try FileReader.contents(of: folder.appending("cases.json"), limit: 1 << 16)
      return (try JSONValue(parsing: bytes).elements ?? []).compactMap { document in
        guard let name = document["name"]?.string, let adapter = document["adapter"]?.string,
          let target = document["to"]?.string.flatMap({ ConversionTarget(rawValue: $0) }),
          let base = document["base"]?.string
        else { return nil }
        return Case(name: name, adapter: adapter, target: target, base: base)
      }
    }
  }

  @Test func `what is written is what others have read, byte for byte`() throws {
    let made = try MadeFolder()
    var lines: [String] = []
    for each in try Self.cases {
      let out = made.path.appending(each.name)
      _ = try AdapterConversion(
        try Adapter(opening: Fixtures.peft.appending(each.adapter)), to: each.target,
        base: try Checkpoint(opening: Fixtures.peft.appending(each.base))
      ).write(to: out, execution: .small)
      for name in try out.entryNames().sorted() {
        let bytes = try FileReader.contents(of: out.appending(name), limit: 1 << 24)
        lines.append("\(SHA256.digest(of: bytes).hexadecimal)  \(each.name)/\(name)")
      }
    }
    let listed = try FileReader.contents(of: Self.folder.appending("sums.txt"), limit: 1 << 16)
    let wanted = String(decoding: listed, as: UTF8.self).split(separator: "\n").map(String.init)
    #expect(lines.count > 30)
    for (found, wanted) in zip(lines, wanted) { #expect(found == wanted) }
    #expect(lines.count == wanted.count)
  }
}

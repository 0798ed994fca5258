import Digests
import Files
import JSON
import Tensors
import TestSupport
import Testing

/// What `fixtures/shapes` keeps of PEFT: the output of its modules with adapters that `truncate`,
/// `combine` and `extract` wrote.
@Suite struct ShapesByPEFTTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let name: String
    let words: String
    let base: String
    let configuration: String
    let probes: [(tensor: TensorName, kind: String)]
    var testDescription: String { name }

    init?(_ json: JSONValue) {
      guard let name = json["name"]?.string, let words = json["words"]?.string,
        let base = json["base"]?.string, let configuration = json["config_sha256"]?.string,
        let probes = json["probes"]?.elements
      else { return nil }
      self.name = name
      self.words = words
      self.base = base
      self.configuration = configuration
      self.probes = probes.map {
        (TensorName($0["tensor"]?.string ?? ""), $0["kind"]?.string ?? "")
      }
    }
  }

  static let folder = Fixtures.folder.appending("shapes")
  static let cases: [Case] = {
    let bytes = (try? FileReader.contents(of: folder.appending("cases.json"), limit: 1 << 20)) ?? []
    return ((try? JSONValue(parsing: bytes))?["cases"]?.elements ?? []).compactMap(Case.init)
  }()

  @Test func `there are cases`() { #expect(Self.cases.count > 20) }

  @Test(arguments: cases)
  func `the merged weights do what PEFT does with the adapter`(_ reference: Case) throws {
    let program = try Program()
    let made = try program.run(
      reference.words.split(separator: " ").map(String.init) + ["-o", "out", "-q"])
    #expect(made.code == 0, "\(made.errors)")
    let configuration = try FileReader.contents(
      of: program.folder.path.appending("out/adapter_config.json"), limit: 1 << 20)
    #expect(
      SHA256.digest(of: configuration).hexadecimal == reference.configuration,
      "PEFT has not seen this configuration: run fixtures/shapes/generate.py again")
    let merged = try program.run([
      "merge", "out", "--base", "fixtures/\(reference.base)", "-o", "merged", "--dtype", "f32",
      "--no-receipt", "-q",
    ])
    #expect(merged.code == 0, "\(merged.errors)")
    let (model, base) = (
      try Checkpoint(opening: program.folder.path.appending("merged")),
      try Checkpoint(opening: Fixtures.folder.appending(reference.base))
    )
    var isTold = false
    for probe in reference.probes {
      let (x, y) = (
        try Self.kept(reference, probe.tensor, "x"), try Self.kept(reference, probe.tensor, "y")
      )
      let (weight, old) = (
        try Self.matrix(probe.tensor, model), try Self.matrix(probe.tensor, base)
      )
      for (place, wanted) in y.enumerated() {
        let found = Self.product(weight, x, place, probe.kind)
        let before = Self.product(old, x, place, probe.kind)
        // PEFT sums up the base's product and the adapter's in single precision, each of at most
        // so many terms; the merged weight is rounded once.
        let bound = 2 * Double(x.count + 64) * 0x1p-24 * (found.magnitude + before.magnitude)
        #expect(abs(found.value - wanted) <= bound, "\(probe.tensor): output \(place)")
        if abs(before.value - wanted) > 100 * bound { isTold = true }
      }
    }
    // The comparison would notice an adapter that does nothing.
    #expect(isTold)
  }

  /// One output of W on an input: of the row, of the column, or of an embedding's chosen rows.
  private static func product(
    _ weight: (rows: Int, columns: Int, values: [Double]), _ x: [Double], _ place: Int,
    _ kind: String
  ) -> (value: Double, magnitude: Double) {
    if kind == "embedding" {
      let row = Int(x[place / weight.columns])
      let value = weight.values[row * weight.columns + place % weight.columns]
      return (value, abs(value))
    }
    var (value, magnitude) = (0.0, 0.0)
    for (index, factor) in x.enumerated() {
      let entry =
        kind == "turned"
        ? weight.values[index * weight.columns + place]
        : weight.values[place * weight.columns + index]
      value += entry * factor
      magnitude += abs(entry * factor)
    }
    return (value, magnitude)
  }

  private static func matrix(
    _ name: TensorName, _ model: Checkpoint
  ) throws -> (rows: Int, columns: Int, values: [Double]) {
    let place = try #require(model[name])
    let values = PlainElements.values(
      try model.shards[place.shard].bytes(of: place.info), of: place.info.dtype)
    let (rows, columns) = place.info.shape.matrix
    return (rows, columns, values.map(Double.init))
  }

  private static func kept(
    _ reference: Case, _ tensor: TensorName, _ part: String
  ) throws -> [Double] {
    let file = try TensorFile(opening: folder.appending("expected.safetensors"))
    let name = "\(reference.name)/\(tensor)/\(part)"
    let info = try #require(file.tensors.first { $0.name.text == name })
    let bytes = try file.bytes(of: info)
    guard info.dtype == .i64 else {
      return PlainElements.values(bytes, of: info.dtype).map(Double.init)
    }
    return stride(from: 0, to: bytes.count, by: 8).map { start in
      Double((0..<8).reduce(0) { $0 | Int(bytes[start + $1]) << (8 * $1) })
    }
  }
}

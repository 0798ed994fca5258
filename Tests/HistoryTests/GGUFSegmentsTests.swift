import Files
import Storage
import TestSupport
import Testing

@testable import History

/// GGUF files are cut at their tensors, and come back byte for byte.
@Suite struct GGUFSegmentsTests {
  static let plain = FilledTensor("blk.0.attn_q.weight", [4, 6], .f32, seed: 7)

  /// A file of one plain tensor, and one quantised.
  static var file: [UInt8] {
    var builder = GGUFBuilder()
    builder.notes = [("general.architecture", 8, GGUFBuilder.text("llama"))]
    builder.tensors = [
      // Innermost first, as the format has it.
      (plain.name, [6, 4], 0, 0), ("blk.0.ffn_down.weight", [64, 2], 2, 96),
    ]
    let quantised = (0..<72).map { UInt8($0 * 3 & 0xFF) }
    return builder.file + plain.bytes + quantised + [1, 2, 3]
  }

  @Test func `a file is cut at its tensors, quantised ones under ggml's names`() throws {
    let fixture = try CareFixture()
    try fixture.write(Self.file, "model.gguf")
    let parts = try FileSegments(fixture.root.appending("model.gguf")).parts
    #expect(parts.map { $0.tensor?.elementType } == [nil, "F32", "ggml:q4_0", nil])
    #expect(parts.map { $0.tensor?.extents } == [nil, [4, 6], [2, 64], nil])
    #expect(parts.map(\.range.count).dropFirst() == [96, 72, 3])
    #expect(parts.last?.range.upperBound == Self.file.count)
  }

  @Test func `a tensor is one object in GGUF and safetensors, and files come back`() throws {
    let fixture = try CareFixture()
    let safetensors = FilledTensor.safetensors([
      FilledTensor("other.name", [4, 6], .f32, seed: 7)
    ])
    try fixture.write(Self.file, "model.gguf")
    try fixture.write(safetensors, "model.safetensors")
    var finding = Finding(fixture.repository)
    let found = try ["model.gguf", "model.safetensors"].flatMap {
      try finding.find(at: fixture.root.appending($0))
    }
    let changes = try fixture.repository.stage(
      found, act: fixture.act("add"), execution: CareFixture.execution)
    let tensors = try changes.map { change in
      let file = try #require(change.snapshot?.files[""])
      return try fixture.repository.read(FileRecord.self, file.file).tensors
    }
    #expect(tensors[0].count == 2)
    #expect(tensors[1].count == 1)
    #expect(tensors[0][0].id == tensors[1][0].id)
    #expect(try fixture.repository.check(.full, execution: CareFixture.execution).isClean)
    let made = try fixture.repository.commit(
      message: "both", author: Signature(name: "T", email: "t@example.org"),
      act: fixture.act("commit"), execution: CareFixture.execution)
    #expect(
      try fixture.files(of: made.id) == ["model.gguf": Self.file, "model.safetensors": safetensors])
  }

  @Test func `a damaged header leaves one part`() throws {
    let fixture = try CareFixture()
    var bytes = Self.file
    bytes[4] = 99
    try fixture.write(bytes, "model.gguf")
    let parts = try FileSegments(fixture.root.appending("model.gguf")).parts
    #expect(parts == [.init(range: 0..<bytes.count, tensor: nil)])
  }
}

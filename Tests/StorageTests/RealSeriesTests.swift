import Files
import Tensors
import TestSupport
import Testing

@testable import Storage

/// Sizes of real checkpoints against the one before, where the shared fixtures are at hand.
@Suite(.enabled(if: Fixtures.shared != nil)) struct RealSeriesTests {
  /// Two checkpoints, and the most that the second may take of its size (STORE.md, section 1.2, and
  /// what was measured here, rounded up).
  static let transitions = [
    ("paulohenriquecrs-roberta-pt", 500, 1000, 0.730),
    ("paulohenriquecrs-roberta-pt", 8000, 8500, 0.582),
    ("paulohenriquecrs-roberta-pt", 8500, 8610, 0.460),
    ("aguleon-roberta-agnews", 500, 1000, 0.675),
    ("aguleon-roberta-agnews", 1000, 1200, 0.592),
  ]

  @Test(arguments: transitions)
  func `are smaller than their exclusive or`(
    series: String,
    from: Int,
    to: Int,
    limit: Double
  ) throws {
    let folder = try #require(Fixtures.shared).appending("real/series/\(series)/results")
    func open(_ step: Int) throws -> TensorFile {
      try TensorFile(
        opening: folder.appending("checkpoint-\(step)/adapter_model.safetensors")
      )
    }
    let (before, after) = (try open(from), try open(to))
    let codec = ChunkCodec()
    var (byteCount, stored, exclusive) = (0, 0, 0)
    for tensor in after.tensors {
      let chunk = try after.bytes(of: tensor)
      let old = try #require(before.tensors.first { $0.name == tensor.name })
      let parent = try before.bytes(of: old)
      try #require(tensor.dtype == .f32 && chunk.count <= ChunkCodec.maximumByteCount * 4)
      for start in stride(from: 0, to: chunk.count, by: ChunkCodec.maximumByteCount) {
        let range = start..<min(chunk.count, start + ChunkCodec.maximumByteCount)
        let (part, base) = (Array(chunk[range]), Array(parent[range]))
        let encoded = codec.encode(part, layout: .binary32, parent: base)
        #expect(try codec.decode(encoded, byteCount: part.count, parent: base) == part)
        #expect(encoded.body.count <= part.count)
        byteCount += part.count
        stored += encoded.body.count
        exclusive += codec.encode(zip(part, base).map { $0 ^ $1 }, layout: .words32).body.count
      }
    }
    #expect(Double(stored) <= limit * Double(byteCount))
    #expect(Double(stored) <= 0.97 * Double(exclusive))
  }
}

import Testing

@testable import Tensors

// The expectations were made once with Python and its blake3 package, bytes i mod 251:
//
//   def chunks(b): return b''.join(blake3(b[i:i+2**20]).digest() for i in range(0, len(b), 2**20))
//   payload = dtype + b'\0' + pack('<I', len(shape)) + b''.join(pack('<Q', e) for e in shape)
//             + pack('<Q', len(b)) + chunks(b)
//   id = blake3(b'adapterctl\0tensor\0' + pack('<Q', len(payload)) + payload)
//
// and for a checkpoint, names sorted by their UTF-8 bytes:
//
//   payload = b''.join(pack('<I', len(n)) + n + ids[n] for n in sorted(ids))
//   id = blake3(b'adapterctl\0checkpoint\0' + pack('<Q', len(payload)) + payload)
@Suite struct TensorIDTests {
  static func id(_ dtype: DType, _ extents: [Int]) throws -> TensorID {
    let shape = try #require(Shape(extents))
    let byteCount = try #require(shape.byteCount(of: dtype))
    let period = (0..<251).map { UInt8($0) }
    var bytes: [UInt8] = []
    while bytes.count < byteCount { bytes += period }
    return TensorID(dtype: dtype, shape: shape, bytes: bytes.span.extracting(0..<byteCount))
  }

  @Test(arguments: [
    (DType.bf16, [3, 5], "92ccfba67c734179793a666dad36ecb79178b9f54dbc6e5bae974086a71051ee"),
    (.f32, [641, 512], "259ee02109010e2b08df58a5df68e61c5f5f5a6458def643eaae2824017b4d5d"),
    (.f16, [0, 4], "869339ec06f4d4d134e1e6a2ec05c1e33f79d5ac52808e2a6899a3cc4a835de7"),
    (.f64, [], "0bdae91f36bfbac519c50535442f791df684bfb328d282ee430d2b25fa3486e5"),
  ])
  func `is what its documentation says`(dtype: DType, extents: [Int], expected: String) throws {
    #expect(try Self.id(dtype, extents).description == "b3:" + expected)
  }

  @Test func `tells types and shapes of the same bytes apart`() throws {
    let ids: [TensorID] = [
      try Self.id(.bf16, [2, 8]), try Self.id(.f16, [2, 8]), try Self.id(.bf16, [16]),
      try Self.id(.bf16, [8, 2]), try Self.id(.bf16, [2, 8, 1]),
    ]
    #expect(Set(ids).count == ids.count)
  }

  @Test(arguments: [(0, 0), (1, 1), (1 << 20, 1), ((1 << 20) + 1, 2)])
  func `counts chunks`(byteCount: Int, expected: Int) {
    #expect(TensorID.chunkCount(ofBytes: byteCount) == expected)
  }
}

@Suite struct CheckpointIDTests {
  @Test func `is what its documentation says`() throws {
    let id = CheckpointID([
      "model.z": try TensorIDTests.id(.f64, []),
      "model.b": try TensorIDTests.id(.bf16, [3, 5]),
      "model.ä": try TensorIDTests.id(.f16, [0, 4]),
      "model.a.weight": try TensorIDTests.id(.f32, [641, 512]),
    ])
    #expect(
      id.description == "b3:2f9a6aa35561f9994385316ede8427e2272cc0b4ab6775e53e1fdabcce144e51"
    )
    #expect(
      CheckpointID([:]).description
        == "b3:384618099a9fb02dc740c9deef168059619e2f03aa6a850811da223e85f63750"
    )
  }
}

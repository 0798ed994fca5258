import Files
import Parallel
import Tensors
import TestSupport
import Testing

@testable import Adapters

@Suite struct TensorDifferenceTests {
  private func file(_ tensors: [FilledTensor], in folder: TemporaryDirectory, _ name: String) throws
    -> TensorFile
  {
    try TensorFile(opening: folder.write(FilledTensor.safetensors(tensors), named: name))
  }

  @Test func `tensors are compared by name, in every type, across pieces`() throws {
    let folder = try TemporaryDirectory()
    // More than two pieces, and an end that fills no lane.
    let count = 2 * TensorPair.pieceCount + 13
    let old = FilledTensor("long", [count], .bf16, seed: 1)
    let new = FilledTensor("long", [count], .f32, seed: 2)
    let same = FilledTensor("same", [5, 7], .f16, seed: 3)
    let packed = FilledTensor("packed", [4], .u8, bytes: [1, 2, 3, 4])
    let repacked = FilledTensor("packed", [4], .u8, bytes: [1, 2, 3, 5])
    let before = try file(
      [
        old, same, packed, FilledTensor("gone", [2], seed: 4),
        FilledTensor("bent", [2, 3], seed: 5),
      ],
      in: folder, "old")
    let after = try file(
      [
        new, same, repacked, FilledTensor("new", [2], seed: 6),
        FilledTensor("bent", [3, 2], seed: 5),
      ],
      in: folder, "new")
    let difference = try TensorDifference(from: [before], to: [after], execution: .small)
    let named = Dictionary(uniqueKeysWithValues: difference.tensors.map { ($0.name.text, $0) })
    #expect(named.keys.sorted() == ["bent", "gone", "long", "new", "packed", "same"])
    #expect(difference.changed.count == 5)
    #expect(named["gone"]?.new == nil && named["new"]?.old == nil)
    #expect(named["bent"]?.norms == nil && named["packed"]?.norms == nil)
    #expect(named["packed"]?.isIdentical == false)
    #expect(named["same"]?.isIdentical == true && named["same"]?.norms?.distance == 0)
    let norms = try #require(named["long"]?.norms)
    let (a, b) = (old.values.map(Double.init), new.values.map(Double.init))
    let distance = DenseAdapter.norm(zip(b, a).map { $0 - $1 })
    // Both sums round each of their terms.
    let tolerance = 2 * Double(count) * 0x1p-53
    #expect(abs(norms.distance - distance) <= tolerance * distance)
    #expect(abs(norms.old - DenseAdapter.norm(a)) <= tolerance * norms.old)
    #expect(abs(norms.new - DenseAdapter.norm(b)) <= tolerance * norms.new)

    let alone = try TensorDifference(
      from: [before], to: [after], execution: Execution(workers: Workers(count: 1)))
    #expect(alone.tensors == difference.tensors)
  }

  @Test func `full models and layouts that are not understood are compared`() throws {
    let runs = Fixtures.package.appending("fixtures/lab/runs")
    for run in ["full", "mora-r8", "lora-xs-r16", "lora-sb-r16"] {
      func open(_ step: Int) throws -> Checkpoint {
        let folder = runs.appending(run).appending("checkpoint-\(step)")
        let name = run == "full" ? "model.safetensors" : "adapter_model.safetensors"
        return try Checkpoint(opening: folder.appending(name))
      }
      let (early, late) = (try open(150), try open(600))
      let own = try TensorDifference(from: late, to: late, execution: .small)
      #expect(own.changed.isEmpty && own.tensors.count == late.tensorCount)
      let difference = try TensorDifference(from: early, to: late, execution: .small)
      #expect(!difference.changed.isEmpty)
      for change in difference.tensors {
        let norms = try #require(change.norms)
        #expect(change.isIdentical == (norms.distance == 0))
      }
    }
  }

  @Test func `what single precision cannot tell is told in double`() throws {
    let folder = try TemporaryDirectory()
    func tensor(_ value: Double) -> FilledTensor {
      let bytes = (0..<8).map { UInt8(truncatingIfNeeded: value.bitPattern >> UInt64(8 * $0)) }
      return FilledTensor("fine", [1], .f64, bytes: bytes)
    }
    let (old, new) = (
      try file([tensor(1)], in: folder, "old"), try file([tensor(1 + 0x1p-50)], in: folder, "new")
    )
    let difference = try TensorDifference(from: [old], to: [new], execution: .small)
    #expect(difference.tensors.first?.norms?.distance == 0x1p-50)
  }

  @Test func `strided views are compared as what they show`() throws {
    let folder = Fixtures.package.appending("fixtures/pytorch")
    var stridedCount = 0
    for name in try folder.entryNames() {
      guard let file = try? TensorFile(opening: folder.appending(name)) else { continue }
      stridedCount += file.tensors.count { $0.strides != nil }
      let own = try TensorDifference(from: [file], to: [file], execution: .small)
      #expect(own.changed.isEmpty, "\(name)")
    }
    #expect(stridedCount > 0)
  }

  @Test func `values that are no numbers are measured as such`() throws {
    let folder = try TemporaryDirectory()
    let odd = FilledTensor("odd", [40], .bf16, seed: 1).sprinkled(seed: 2)
    let old = try file([odd], in: folder, "old")
    let new = try file([FilledTensor("odd", [40], .bf16, seed: 3)], in: folder, "new")
    let difference = try TensorDifference(from: [old], to: [new], execution: .small)
    #expect(difference.changed.first?.norms?.distance.isNaN == true)
    let own = try TensorDifference(from: [old], to: [old], execution: .small)
    #expect(own.changed.isEmpty && own.tensors.first?.norms?.distance == 0)
  }
}

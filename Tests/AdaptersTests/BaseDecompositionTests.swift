import Compute
import Digests
import Synchronization
import Tensors
import TestSupport
import Testing

@testable import Adapters

@Suite struct BaseDecompositionTests {
  /// Keeps in memory what it is given, and counts.
  final class Memory: Sendable {
    let kept = Mutex<[TensorID: [UInt8]]>([:])
    let found = Mutex(0)

    var store: DecompositionStore {
      DecompositionStore(
        find: { id in
          let bytes = self.kept.withLock { $0[id] }
          if bytes != nil { self.found.withLock { $0 += 1 } }
          return bytes
        }, keep: { id, bytes in self.kept.withLock { $0[id] = bytes } })
    }
  }

  private static let id = TensorID(BLAKE3.digest(of: [7]))
  private static let weight = Matrix(
    rows: 5, columns: 3, elements: FilledTensor("w", [5, 3], seed: 4).values)

  @Test func `what is kept comes back, and nothing else does`() throws {
    let decomposition = try BaseDecomposition(of: Self.weight)
    let bytes = decomposition.bytes(for: Self.id, isTurned: false)
    func back(
      _ bytes: [UInt8], _ id: TensorID = Self.id, turned: Bool = false, _ rows: Int = 5,
      _ columns: Int = 3
    ) -> BaseDecomposition? {
      BaseDecomposition(bytes, of: id, isTurned: turned, extents: (rows, columns))
    }
    #expect(back(bytes)?.values == decomposition.values)
    #expect(back(bytes)?.left.elements == decomposition.left.elements)
    for place in bytes.indices {
      var damaged = bytes
      damaged[place] ^= 1 << UInt8(place % 8)
      #expect(back(damaged) == nil, "byte \(place)")
    }
    for count in [0, 7, 8, 40, bytes.count - 32, bytes.count - 1] {
      #expect(back(Array(bytes.prefix(count))) == nil)
    }
    #expect(back(bytes + [0]) == nil && back(bytes, turned: true) == nil)
    #expect(
      back(bytes, Self.id, turned: false, 3, 5) == nil
        && back(bytes, Self.id, turned: false, 5, 5) == nil)
    #expect(back(bytes, TensorID(BLAKE3.digest(of: [8]))) == nil)
  }

  @Test func `vectors are orthonormal and values are the weight's`() throws {
    let decomposition = try BaseDecomposition(of: Self.weight)
    let slow = try SingularValueDecomposition.values(of: RealMatrix(Self.weight))
    #expect(zip(decomposition.values, slow).allSatisfy { abs($0 - $1) < 1e-12 })
    let left = RealMatrix(decomposition.left)
    let gram = left.transposedTimes(left)
    for row in 0..<3 {
      // Three entries of Float, each rounded once.
      for column in 0..<3 { #expect(abs(gram[row, column] - (row == column ? 1 : 0)) < 1e-6) }
    }
  }

  @Test func `intruders are the same with what is kept, without it and where it is damaged`() throws
  {
    let folder = try MadeFolder()
    let fineTune = try
      (MadeFineTune.matrix("a.q_proj.weight", 20, 30, rank: 2, size: 1, seed: 1)
      + .matrix("b.c_attn.weight", 24, 24, rank: 2, size: 1, seed: 5))
      .opened(in: folder, config: #"{"model_type": "gpt2"}"#)
    func intruders(_ store: DecompositionStore?) throws -> [TunedSpectrum] {
      try FineTuneSpectra(
        of: fineTune, findsIntruders: true, decompositions: store, execution: .small
      ).matrices
    }
    let memory = Memory()
    let without = try intruders(nil)
    let (first, second) = (try intruders(memory.store), try intruders(memory.store))
    #expect(memory.found.withLock { $0 } == 2 && memory.kept.withLock { $0.count } == 2)
    func same(_ one: [TunedSpectrum], _ other: [TunedSpectrum]) -> Bool {
      one.map(\.intruders) == other.map(\.intruders) && one.map(\.base) == other.map(\.base)
        && one.map(\.tuned) == other.map(\.tuned)
    }
    #expect(same(without, first) && same(first, second))
    let sound = memory.kept.withLock { $0 }
    memory.kept.withLock { $0 = $0.mapValues { Array($0.dropLast(3)) } }
    #expect(same(without, try intruders(memory.store)))
    // What was damaged has been replaced.
    #expect(memory.kept.withLock { $0 } == sound)
    // Without intruders the spectra are these too.
    let plain = try FineTuneSpectra(of: fineTune, execution: .small).matrices
    #expect(plain.map(\.base) == without.map(\.base) && plain.map(\.tuned) == without.map(\.tuned))
  }
}

import Compute
import Files
import Tensors
import TestSupport

@testable import Adapters

/// A base and a fine-tune of it, in values.
struct MadeFineTune {
  var base: [FilledTensor]
  var tuned: [FilledTensor]

  /// One matrix whose change has the given rank, each singular value about `size`.
  static func matrix(
    _ name: String, _ rows: Int, _ columns: Int, rank: Int, size: Float, dtype: DType = .bf16,
    seed: UInt64
  ) -> MadeFineTune {
    let base = FilledTensor(name, [rows, columns], dtype, deviation: 0.02, seed: seed)
    // Vectors of independent entries are nearly orthogonal, and of length √rows and √columns.
    let left = FilledTensor("l", [rows, rank], deviation: 1, seed: seed + 1).values
    let right = FilledTensor("r", [rank, columns], deviation: 1, seed: seed + 2).values
    let scale = size / (Float(rows) * Float(columns)).squareRoot()
    let product = RealMatrix(rows: rows, columns: rank, elements: left.map(Double.init)).times(
      RealMatrix(rows: rank, columns: columns, elements: right.map(Double.init)))
    let values = zip(base.values, product.elements).map { $0 + scale * Float($1) }
    return MadeFineTune(
      base: [base], tuned: [FilledTensor(name, [rows, columns], dtype, values: values)])
  }

  /// One tensor that was drawn anew.
  static func redrawn(_ name: String, _ extents: [Int], seed: UInt64) -> MadeFineTune {
    MadeFineTune(
      base: [FilledTensor(name, extents, .bf16, seed: seed)],
      tuned: [FilledTensor(name, extents, .bf16, seed: seed + 1)])
  }

  /// One tensor that stayed as it was.
  static func kept(_ name: String, _ extents: [Int], seed: UInt64) -> MadeFineTune {
    let tensor = FilledTensor(name, extents, .bf16, seed: seed)
    return MadeFineTune(base: [tensor], tuned: [tensor])
  }

  static func + (left: MadeFineTune, right: MadeFineTune) -> MadeFineTune {
    MadeFineTune(base: left.base + right.base, tuned: left.tuned + right.tuned)
  }

  /// Writes and opens both.
  func opened(
    in folder: MadeFolder, config: String = #"{"model_type": "llama"}"#
  ) throws -> FineTune {
    let base = try folder.base(base, config: config, named: "base")
    let tuned = try folder.base(tuned, config: config, named: "tuned")
    return try FineTune(tuned: tuned, base: base)
  }
}

extension Checkpoint {
  /// A tensor as a matrix, in Double.
  func matrix(_ name: TensorName) throws -> RealMatrix {
    guard let place = self[name] else { throw AdapterError.nothingToMerge([path]) }
    let bytes = try shards[place.shard].bytes(of: place.info)
    let (rows, columns) = place.info.shape.matrix
    return RealMatrix(
      rows: rows, columns: columns,
      elements: Conversion.doubles(bytes, of: place.info.dtype, form: .scalar))
  }
}

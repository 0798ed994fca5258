import Compute
import TestSupport

@testable import Adapters

/// Deltas of one weight for tests of methods.
enum MadeDeltas {
  /// A product of random factors in single precision.
  static func delta(_ rows: Int, _ columns: Int, rank: Int, seed: UInt64) -> FactoredDelta {
    var generator = SeededGenerator(seed: seed)
    func matrix(_ rows: Int, _ columns: Int) -> RealMatrix {
      RealMatrix(
        rows: rows, columns: columns,
        elements: (0..<rows * columns).map { _ in Double(generator.bell()) })
    }
    return FactoredDelta(left: matrix(rows, rank), right: matrix(rank, columns))
  }

  /// What a method makes of deltas, formed; every adapter has the weight.
  static func combined(
    _ deltas: [FactoredDelta], _ weights: [Double], _ options: CombineOptions
  ) throws -> RealMatrix {
    try combination(deltas, weights, options).combined(by: options, form: .best).delta.formed(
      like: deltas[0])
  }

  static func combination(
    _ deltas: [FactoredDelta], _ weights: [Double], _ options: CombineOptions
  ) -> WeightCombination {
    WeightCombination(
      deltas: deltas, weights: weights, names: deltas.indices.map { "module \($0)" },
      places: Array(deltas.indices), memberCount: deltas.count,
      t: options.method == .slerp ? options.place(ofMembersWeighted: weights) : 0)
  }
}

extension WeightCombination.Delta {
  func formed(like other: FactoredDelta) -> RealMatrix {
    switch self {
    case .factors(let delta): return delta.product
    case .formed(let delta): return RealMatrix(delta)
    case .zero: return RealMatrix(rows: other.rows, columns: other.columns)
    }
  }
}

extension RealMatrix {
  /// The largest |a − b| over the largest |b|.
  func deviation(from other: RealMatrix) -> Double {
    let largest = other.elements.map(abs).max() ?? 0
    let apart = zip(elements, other.elements).map { abs($0 - $1) }.max() ?? 0
    return largest > 0 ? apart / largest : apart
  }

  func times(_ factor: Double) -> RealMatrix {
    RealMatrix(rows: rows, columns: columns, elements: elements.map { $0 * factor })
  }

  func plus(_ other: RealMatrix) -> RealMatrix {
    RealMatrix(
      rows: rows, columns: columns, elements: zip(elements, other.elements).map { $0 + $1 })
  }
}

extension CombineOptions {
  /// A method with options set.
  static func made(
    _ method: CombineMethod, _ change: (inout CombineOptions) -> Void = { _ in }
  ) -> CombineOptions {
    var options = CombineOptions(method)
    change(&options)
    return options
  }
}

internal import Compute
internal import Files
internal import Tensors

/// A written adapter read back and compared with the one it was made from.
///
/// With factors rounded once to a type of unit roundoff u, entry (i, j) of a change may move by
/// s·((1+u)² − 1)·Σ|B[i,k]|·|A[k,j]|, and by the rounding of its own sum in single precision,
/// 2·(rank+3)·2⁻²⁴ of the same; nothing else is allowed.
public struct RoundTripCheck: Sendable {
  /// The largest difference, relative to the largest entry of its module's change.
  public let largestError: Double
  /// The modules in which an entry moved by more than rounding explains.
  public let failures: [String]
  /// The modules that were compared.
  public let moduleCount: Int

  /// Whether rounding explains every difference.
  public var isRight: Bool { failures.isEmpty }

  /// What a check compares of one tensor.
  private struct Change {
    var factors: LowRank?
    /// DoRA's magnitudes, or the change of a bias.
    var vector: (tensor: StoredTensor, factor: Double)?
  }

  init(
    of adapter: Adapter, written: Path, base: Checkpoint?, dtypes: [DType], _ execution: Execution
  ) throws(AdapterError) {
    let again = try Adapter(opening: written)
    let before = try Self.changes(of: adapter, base)
    let after = try Self.changes(of: again, base)
    let unit = dtypes.map(\.unitRoundoff).max() ?? 0
    var failures = Set(before.keys).symmetricDifference(after.keys).sorted()
    var largest = 0.0
    var count = 0
    for (name, old) in before.sorted(by: { $0.key < $1.key }) {
      guard let new = after[name] else { continue }
      try execution.interruption.check()
      count += 1
      let (error, isExplained) = try Self.compare(old, new, unit, execution.form)
      largest = max(largest, error)
      if !isExplained { failures.append(name) }
    }
    largestError = largest
    self.failures = failures
    moduleCount = count
  }

  /// The additive changes by the names that both adapters' tensors have in common: the base's, or
  /// flattened paths without a component.
  private static func changes(
    of adapter: Adapter, _ base: Checkpoint?
  ) throws(AdapterError) -> [String: Change] {
    var updates: [(name: String, update: WeightUpdate)] = []
    if let base {
      updates = try adapter.bound(to: base).bindings.map { ($0.tensor.text, $0.update) }
    } else {
      updates = adapter.updates.map { update in
        let path = update.target.module.path
        let component = DiffusersNames.component(of: path)
        let flat = FlatName(flattening: component.map { path.dropFirst($0.count + 1) } ?? path[...])
        return ((FlatName(path) ?? flat).text + "." + update.target.parameter, update)
      }
    }
    var changes: [String: Change] = [:]
    for (name, update) in updates {
      switch update.change {
      case .delta(.stored(let tensor, let factor)):
        changes[name] = Change(vector: (tensor, factor))
      case .delta(let delta): changes[name] = Change(factors: delta.exactFactors)
      case .magnitude(let delta, let magnitude):
        changes[name] = Change(factors: delta.exactFactors, vector: (magnitude, 1))
      case .gain, .rotation, .replacement, .rows: continue
      }
    }
    return changes
  }

  private static func compare(
    _ old: Change, _ new: Change, _ unit: Double, _ form: KernelForm
  ) throws(AdapterError) -> (error: Double, isExplained: Bool) {
    guard (old.factors == nil) == (new.factors == nil), (old.vector == nil) == (new.vector == nil)
    else { return (.infinity, false) }
    var outcome = (error: 0.0, isExplained: true)
    if let one = old.factors, let other = new.factors {
      outcome = try compare(one, other, unit, form)
    }
    guard let one = old.vector, let other = new.vector else { return outcome }
    let left = try one.tensor.floats(form: form).map { Double($0) * one.factor }
    let right = try other.tensor.floats(form: form).map { Double($0) * other.factor }
    guard left.count == right.count else { return (.infinity, false) }
    let isExplained = zip(left, right).allSatisfy {
      abs($0 - $1) <= (1.01 * unit + 0x1p-23) * abs($0) + 1e-30
    }
    return (outcome.error, outcome.isExplained && isExplained)
  }

  private static func compare(
    _ old: LowRank, _ new: LowRank, _ unit: Double, _ form: KernelForm
  ) throws(AdapterError) -> (error: Double, isExplained: Bool) {
    let (left, right) = (try Delta.lowRank(old).whole(form), try Delta.lowRank(new).whole(form))
    guard left.count == right.count else { return (.infinity, false) }
    var (a, b) = (try old.a.matrix(form: form), try old.b.matrix(form: form))
    for index in a.elements.indices { a.elements[index] = abs(a.elements[index]) }
    for index in b.elements.indices { b.elements[index] = abs(b.elements[index]) }
    let bound = Delta.product(a, b, isTurned: old.placement.layout == .transposed, form: form)
    let scale = abs(old.scaling.factor)
    let share =
      scale * (2.01 * unit + 2 * Double(max(old.rank, new.rank) + 3) * 0x1p-24)
    // Entries that are subnormal in the type lose up to half of its smallest number.
    var (worst, peak, isExplained) = (0.0, 0.0, true)
    for index in left.indices {
      let error = abs(Double(left[index]) - Double(right[index]))
      worst = max(worst, error)
      peak = max(peak, abs(Double(left[index])))
      if error > share * Double(bound[index]) + 1e-30 { isExplained = false }
    }
    return (peak > 0 ? worst / peak : worst, isExplained)
  }
}

extension Delta {
  /// The whole change as the weight lies.
  fileprivate func whole(_ form: KernelForm) throws(AdapterError) -> [Float] {
    let isTurned = placement?.layout == .transposed
    let (rows, columns) = placement?.matrix ?? (0, 0)
    return try values(
      rows: isTurned ? columns : rows, columns: isTurned ? rows : columns, isTransposed: isTurned,
      form: form)
  }

  /// b·a, or its transpose, row after row.
  fileprivate static func product(
    _ a: Matrix, _ b: Matrix, isTurned: Bool, form: KernelForm
  ) -> [Float] {
    let product = FactorProduct(
      left: isTurned ? a.transposed : b, right: isTurned ? b.transposed : a, form: form)
    var values = [Float](repeating: 0, count: product.rows * product.columns)
    product.write(rows: 0..<product.rows, columns: 0..<product.columns, into: &values)
    return values
  }
}

extension DType {
  /// Half the distance from 1 to the next larger number; 0 for types that are not rounded to.
  fileprivate var unitRoundoff: Double {
    switch self {
    case .bf16: return 0x1p-8
    case .f16: return 0x1p-11
    case .f32: return 0x1p-24
    default: return 0
    }
  }
}

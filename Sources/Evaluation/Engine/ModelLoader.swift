internal import Adapters
internal import Compute
internal import Tensors

/// Takes the tensors of a model one by one, and remembers which of them are missing and which
/// nobody took.
struct ModelLoader {
  let model: AdaptedModel
  let weights: BaseWeights
  let execution: Execution
  private let present: Set<TensorName>
  private var taken: Set<TensorName> = []
  private var missing: [TensorName] = []

  init(_ model: AdaptedModel, weights: BaseWeights, execution: Execution) {
    self.model = model
    self.weights = weights
    self.execution = execution
    present = Set(model.names)
  }

  /// Whether the model has a tensor of this name.
  func has(_ name: TensorName) -> Bool { present.contains(name) }

  /// Says that a tensor needs no place of its own.
  mutating func pass(_ name: TensorName) { taken.insert(name) }

  /// A weight to multiply by, and its bias: one that must be there, or one that an adapter brought.
  mutating func projection(
    _ module: String, _ rows: Int, _ columns: Int, isInputMajor: Bool = false,
    hasBias: Bool = false
  ) throws(EvaluationError) -> Projection {
    let name = TensorName(module + ".weight")
    let bias = TensorName(module + ".bias")
    let outputSize = isInputMajor ? columns : rows
    return Projection(
      weight: StoredMatrix.none, isInputMajor: isInputMajor,
      bias: hasBias || has(bias) ? try vector(bias, outputSize) : nil, update: nil
    ).with(try matrix(name, rows, columns))
  }

  /// A matrix of this shape with what is to be added to it; an empty one where it is missing.
  mutating func matrix(
    _ name: TensorName, _ rows: Int, _ columns: Int
  ) throws(EvaluationError) -> (StoredMatrix, (left: Matrix, right: Matrix)?) {
    guard let tensor = try tensor(name) else { return (.none, nil) }
    let shape: Shape
    switch tensor {
    case .stored(let stored), .factored(let stored, _, _): shape = stored.shape
    case .dense(let own, _): shape = own
    }
    if let expected = Shape([rows, columns]), shape != expected {
      throw .misshapen(model.base.path, name, shape: shape, expected: expected)
    }
    switch tensor {
    case .stored(let stored): return (try weights.matrix(of: stored), nil)
    case .factored(let stored, let left, let right):
      return (try weights.matrix(of: stored), (left, right))
    case .dense(_, let elements):
      return (StoredMatrix(Matrix(rows: rows, columns: columns, elements: elements)), nil)
    }
  }

  /// A vector of `count` values in Float.
  mutating func vector(_ name: TensorName, _ count: Int) throws(EvaluationError) -> [Float] {
    guard let tensor = try tensor(name) else { return [Float](repeating: 0, count: count) }
    let (shape, values): (Shape, [Float])
    switch tensor {
    case .stored(let stored), .factored(let stored, _, _):
      shape = stored.shape
      let matrix = try weights.matrix(of: stored)
      var elements: [Float] = []
      matrix.gather(Array(0..<matrix.rows), into: &elements, form: execution.form)
      values = elements
    case .dense(let own, let elements): (shape, values) = (own, elements)
    }
    if let expected = Shape([count]), shape != expected {
      throw .misshapen(model.base.path, name, shape: shape, expected: expected)
    }
    return values
  }

  private mutating func tensor(_ name: TensorName) throws(EvaluationError) -> AdaptedTensor? {
    taken.insert(name)
    do {
      if let tensor = try model.tensor(name, execution: execution) { return tensor }
    } catch { throw .adapter(error) }
    missing.append(name)
    return nil
  }

  /// Throws where a tensor was missing, or where one is left that is no buffer: then the model
  /// computes something else than what was built here.
  func finish() throws(EvaluationError) {
    guard missing.isEmpty else { throw .missingTensors(model.base.path, missing) }
    let buffers = [".rotary_emb.inv_freq", ".attn.bias", ".attn.masked_bias"]
    let unused = present.subtracting(taken).filter { name in
      !buffers.contains { name.text.hasSuffix($0) }
    }
    guard unused.isEmpty else { throw .unusedTensors(model.base.path, unused.sorted()) }
  }
}

extension Projection {
  /// The same with a weight and what is added to it.
  fileprivate func with(
    _ matrix: (StoredMatrix, (left: Matrix, right: Matrix)?)
  ) -> Projection {
    Projection(weight: matrix.0, isInputMajor: isInputMajor, bias: bias, update: matrix.1)
  }
}

extension StoredMatrix {
  /// What stands in for a missing weight until the loader says which are missing.
  fileprivate static var none: StoredMatrix {
    StoredMatrix(rows: 0, columns: 0, dtype: .f32, bytes: [])
  }
}

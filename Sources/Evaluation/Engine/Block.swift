internal import Compute

/// One block of a model: attention and feed-forward, each behind a normalisation and added to the
/// hidden values.
struct Block: Sendable {
  /// The normalisation of a row of hidden values.
  struct Norm: Sendable {
    let weight: [Float]
    /// Nil for the root mean square alone, which has no bias.
    let bias: [Float]?
    let epsilon: Float

    func apply(to x: [Float], rows: Int, into target: inout [Float]) {
      grow(&target, to: rows * weight.count)
      if let bias {
        Normalisation.layer(
          x, rows: rows, weight: weight, bias: bias, epsilon: epsilon, into: &target)
      } else {
        Normalisation.rootMeanSquare(
          x, rows: rows, weight: weight, epsilon: epsilon, into: &target)
      }
    }
  }

  /// The weights of queries, keys and values.
  enum Inputs: Sendable {
    case separate(queries: Projection, keys: Projection, values: Projection)
    /// One weight for all three, side by side.
    case fused(Projection)
  }

  let attentionNorm: Norm
  let inputs: Inputs
  let attention: Attention
  let output: Projection
  let innerNorm: Norm
  /// Nil where the feed-forward has no gate.
  let gate: Projection?
  let up: Projection
  let down: Projection
  let activation: ActivationFunction

  /// Adds what the block computes to `scratch.hidden`.
  func apply(
    segments: [Range<Int>], positions: [Int], rotation: RotationTables?,
    scratch: inout ForwardScratch, form: KernelForm
  ) {
    let rows = positions.count
    attentionNorm.apply(to: scratch.hidden, rows: rows, into: &scratch.normal)
    attend(
      segments: segments, positions: positions, rotation: rotation, scratch: &scratch, form: form)
    output.apply(
      to: scratch.attended, segments: segments, into: &scratch.change,
      scratch: &scratch.widening, form: form)
    let hiddenCount = rows * attentionNorm.weight.count
    Elementwise.add(scratch.change, to: &scratch.hidden, count: hiddenCount)

    innerNorm.apply(to: scratch.hidden, rows: rows, into: &scratch.normal)
    up.apply(
      to: scratch.normal, segments: segments, into: &scratch.inner, scratch: &scratch.widening,
      form: form)
    let innerCount = rows * up.outputSize
    if let gate {
      gate.apply(
        to: scratch.normal, segments: segments, into: &scratch.gate, scratch: &scratch.widening,
        form: form)
      activation.apply(to: &scratch.gate, count: innerCount)
      Elementwise.multiply(&scratch.inner, by: scratch.gate, count: innerCount)
    } else {
      activation.apply(to: &scratch.inner, count: innerCount)
    }
    down.apply(
      to: scratch.inner, segments: segments, into: &scratch.change, scratch: &scratch.widening,
      form: form)
    Elementwise.add(scratch.change, to: &scratch.hidden, count: hiddenCount)
  }

  private func attend(
    segments: [Range<Int>], positions: [Int], rotation: RotationTables?,
    scratch: inout ForwardScratch, form: KernelForm
  ) {
    let width = attention.heads * attention.size
    switch inputs {
    case .fused(let projection):
      projection.apply(
        to: scratch.normal, segments: segments, into: &scratch.queries,
        scratch: &scratch.widening, form: form)
      let all = scratch.queries
      attention.apply(
        .init(values: all, stride: 3 * width), .init(values: all, offset: width, stride: 3 * width),
        .init(values: all, offset: 2 * width, stride: 3 * width), segments: segments,
        into: &scratch.attended, scores: &scratch.scores)
    case .separate(let queries, let keys, let values):
      queries.apply(
        to: scratch.normal, segments: segments, into: &scratch.queries,
        scratch: &scratch.widening, form: form)
      keys.apply(
        to: scratch.normal, segments: segments, into: &scratch.keys, scratch: &scratch.widening,
        form: form)
      values.apply(
        to: scratch.normal, segments: segments, into: &scratch.values, scratch: &scratch.widening,
        form: form)
      if let rotation {
        rotation.apply(to: &scratch.queries, heads: attention.heads, positions: positions)
        rotation.apply(to: &scratch.keys, heads: attention.groups, positions: positions)
      }
      let keyWidth = attention.groups * attention.size
      attention.apply(
        .init(values: scratch.queries, stride: width),
        .init(values: scratch.keys, stride: keyWidth),
        .init(values: scratch.values, stride: keyWidth), segments: segments,
        into: &scratch.attended, scores: &scratch.scores)
    }
  }
}

/// Cosines and sines of every position, `[positions, size / 2]` each.
struct RotationTables: Sendable {
  let cosines: [Float]
  let sines: [Float]
  let size: Int

  func apply(to values: inout [Float], heads: Int, positions: [Int]) {
    Rotation.apply(
      to: &values, heads: heads, size: size, positions: positions, cosines: cosines, sines: sines,
      half: size / 2)
  }
}

internal import Adapters
internal import Compute
internal import Tensors

/// A causal language model, a base with or without adapters, ready to be run in Float.
///
/// What it gives for a sequence is the same bits whatever else is computed beside it, on one thread
/// or many: every product has the shape of its sequence (EVALUATE).
public struct LanguageModel: Sendable {
  /// What the model is.
  public let configuration: ModelConfiguration
  /// How many tensors the adapters change.
  public let changedTensorCount: Int
  let embedding: Projection
  /// `[positions, hidden]` where positions are learned.
  let positions: StoredMatrix?
  let blocks: [Block]
  let norm: Block.Norm
  let head: Projection
  let form: KernelForm

  /// Runs sequences of tokens up to the last normalisation: `scratch.normal` is `[n, hidden]`
  /// afterwards, the sequences one behind the other. Returns their rows.
  ///
  /// Every sequence has between 1 and `inputLength` tokens of the vocabulary.
  func run(_ sequences: [[Int]], scratch: inout ForwardScratch) -> [Range<Int>] {
    var segments: [Range<Int>] = []
    for sequence in sequences {
      precondition(!sequence.isEmpty && sequence.count <= configuration.inputLength)
      let start = segments.last?.upperBound ?? 0
      segments.append(start..<start + sequence.count)
    }
    let ids = sequences.flatMap { $0 }
    let places = sequences.flatMap { Array($0.indices) }
    embed(ids, places: places, segments: segments, scratch: &scratch)
    let rotation = configuration.rotary.map { rotary -> RotationTables in
      let tables = rotary.tables(
        length: sequences.map(\.count).max() ?? 0, size: configuration.headSize)
      return RotationTables(
        cosines: tables.cosines, sines: tables.sines, size: configuration.headSize)
    }
    for block in blocks {
      block.apply(
        segments: segments, positions: places, rotation: rotation, scratch: &scratch, form: form)
    }
    norm.apply(to: scratch.hidden, rows: ids.count, into: &scratch.normal)
    return segments
  }

  private func embed(
    _ ids: [Int], places: [Int], segments: [Range<Int>], scratch: inout ForwardScratch
  ) {
    let width = configuration.hiddenSize
    grow(&scratch.hidden, to: ids.count * width)
    embedding.weight.gather(ids, into: &scratch.hidden, form: form)
    if let (left, right) = embedding.update {
      for segment in segments {
        let rows = segment.flatMap {
          left.elements[ids[$0] * left.columns..<(ids[$0] + 1) * left.columns]
        }
        SinglePrecision.multiply(
          rows, Panel(rows: segment.count, columns: left.columns), by: right.elements, right.panel,
          adding: true, into: &scratch.hidden,
          Panel(offset: segment.lowerBound * width, rows: segment.count, columns: width))
      }
    }
    if let positions {
      positions.gather(places, into: &scratch.change, form: form)
      Elementwise.add(scratch.change, to: &scratch.hidden, count: ids.count * width)
    }
  }
}

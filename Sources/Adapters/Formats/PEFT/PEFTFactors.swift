internal import Files
internal import Tensors

/// The two factors of a module, before they are known to fit one another.
struct PEFTFactors {
  let a: StoredTensor
  let b: StoredTensor
  let module: TargetModule
  let path: Path

  /// Checks the shapes against one another and against the configured rank.
  ///
  /// Linear layers and embeddings: A `[rank, …]`, B `[…, rank]`. Convolutions: A `[rank, in, k…]`,
  /// B `[out, rank, 1…]`.
  func check(rank: Int, isEmbedding: Bool) throws(AdapterError) {
    let (shapeA, shapeB) = (a.shape.extents, b.shape.extents)
    if shapeA.count == 2, shapeB.count == 3, !isEmbedding {
      throw .unsupported(
        path,
        what: "a MergedLinear adapter (B of \(module) is a grouped convolution)",
        advice: ForeignLayout.mergedLinear.advice
      )
    }
    guard shapeA.count == shapeB.count, 2...(isEmbedding ? 2 : 5) ~= shapeA.count,
      shapeB.dropFirst(2).allSatisfy({ $0 == 1 })
    else { throw mismatch }
    if shapeA.count > 2, shapeB[1] < shapeA[0], shapeA[0] % shapeB[1] == 0 {
      throw .unsupported(
        path,
        what: "a LoRA on a grouped convolution (\(module))",
        advice: "PEFT cannot merge it either: serve it beside the model."
      )
    }
    guard shapeA[0] == shapeB[1] else { throw mismatch }
    guard shapeA[0] == rank else {
      throw .inconsistent(
        path,
        rule:
          "has \(a.name) of rank \(shapeA[0]) where its configuration says \(rank) for \(module)"
      )
    }
  }

  private var mismatch: AdapterError {
    .inconsistent(
      path,
      rule:
        "has \(a.name) of shape \(a.shape) and \(b.name) of shape \(b.shape), which are not two "
        + "factors of one update"
    )
  }
}

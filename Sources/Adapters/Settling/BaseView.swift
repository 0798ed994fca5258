internal import Files
internal import JSON
public import Tensors

/// What an open update may ask of a base: which parameters it has, and of which shape.
///
/// A merged model answers as its base does, so that unmerging settles updates alike.
public struct BaseView {
  private let base: Checkpoint
  private let names: NameMap

  init(_ base: Checkpoint) {
    self.base = base
    names = NameMap(base)
  }

  /// The base's files.
  var path: Path { base.path }

  /// `model_type` of its configuration.
  var modelType: String? { base.config?["model_type"]?.string }

  /// How many heads its configuration says there are; nil where it does not say.
  func count(of heads: HeadRows) -> Int? { heads.count(in: base.config) }

  /// The shape of a parameter under any spelling of its name; nil where the base lacks it.
  func shape(of target: TargetParameter) -> Shape? { names.named(target)?.info.shape }

  /// The name that a parameter has in the base's files; nil where the base lacks it.
  func name(of target: TargetParameter) -> TensorName? { names.named(target)?.info.name }
}

extension Adapter {
  /// The adapter with its open updates settled on a base, and those of projections divided or joined
  /// as the base has them; updates whose target the base lacks in every form stay.
  func settled(on base: Checkpoint) throws(AdapterError) -> Adapter {
    let view = BaseView(base)
    return try with(updates: FusedProjections.settled(updates, on: view)).settled(on: view)
  }

  /// The adapter with its open updates in closed form, under its own names.
  fileprivate func settled(on view: BaseView) throws(AdapterError) -> Adapter {
    var settled: [WeightUpdate] = []
    for update in updates {
      guard case .delta(.open(let delta)) = update.change,
        let closed = try delta.settled(at: update.target, on: view)
      else {
        settled.append(update)
        continue
      }
      settled += closed
    }
    return with(updates: settled)
  }

  /// The adapter with whatever depends on the extents of a base in closed form: open updates, and
  /// kernels that a file folds into the inputs. Reads no payload; throws where the adapter does not
  /// fit the base.
  public func closed(
    on base: Checkpoint, execution: Execution = Execution()
  ) throws(AdapterError) -> Adapter {
    let base = try base.dequantised(form: execution.form)
    var shapes: [TargetParameter: Shape] = [:]
    for binding in try bound(to: base).bindings {
      if let place = base[binding.tensor] { shapes[binding.update.target] = place.info.shape }
    }
    let settled = try settled(on: BaseView(base))
    return with(
      updates: settled.updates.map { update in
        guard case .delta(let delta) = update.change, let folded = delta.placement,
          folded.mayFoldKernel, let shape = shapes[update.target], shape.rank > 2,
          shape.extents != folded.extents, let factors = delta.exactFactors
        else { return update }
        return WeightUpdate(
          target: update.target,
          change: .delta(
            .lowRank(
              LowRank(
                a: factors.a, b: factors.b, scaling: factors.scaling,
                placement: Placement(extents: shape.extents)))))
      })
  }
}

internal import Compute
internal import Files
public import Tensors

extension MergePlan {
  /// Binds every update to one tensor of the base and lays the output out.
  ///
  /// Throws `AdapterError` where a target is unmatched or misshapen, where adapters contradict one
  /// another, and where a tensor's type cannot be computed with. Reads headers alone. Of a quantised
  /// base the plan is about the weights that training saw (`Checkpoint.dequantised`).
  public init(
    base: Checkpoint, adapters: [WeightedAdapter], options: MergeOptions
  ) throws(AdapterError) {
    var planner = MergePlanner(base: try base.dequantised(), adapters: adapters, options: options)
    try planner.bind()
    try planner.resolveTiedEmbeddings()
    self = try planner.plan()
  }
}

/// Collects what adapters do to the tensors of a base.
struct MergePlanner {
  let base: Checkpoint
  let adapters: [WeightedAdapter]
  let options: MergeOptions
  /// What is done to each tensor, by its output name.
  var contributions: [TensorName: [PlannedTensor.Contribution]] = [:]
  /// The tensors that the base lacks, with the base's tensor they start from.
  var added: [(name: TensorName, source: TensorName?)] = []
  var unmatched: [UnmatchedTarget] = []
  var notes: [String] = []
  var unties = false

  init(base: Checkpoint, adapters: [WeightedAdapter], options: MergeOptions) {
    self.base = base
    self.adapters = adapters
    self.options = options
  }

  mutating func bind() throws(AdapterError) {
    for (position, weighted) in adapters.enumerated() {
      let adapter = weighted.adapter
      let binding = try adapter.bound(to: base, allowingUnmatched: options.allowsUnmatched)
      unmatched += binding.unmatched
      notes += (adapter.notes + binding.notes).filter { !notes.contains($0) }
      var leftOut = 0
      for bound in binding.bindings {
        guard options.filter.admits(bound.tensor) else {
          leftOut += 1
          continue
        }
        try add(bound, of: position)
      }
      if leftOut > 0 {
        notes.append("\(leftOut) updates of \(adapter.path.name) are excluded by name.")
      }
    }
    guard !contributions.isEmpty else {
      throw .nothingToMerge(adapters.map(\.adapter.path))
    }
    noteWhatOthersDoDifferently()
  }

  private mutating func noteWhatOthersDoDifferently() {
    if base.isDequantised {
      notes.append(
        "The base is quantised: the adapter is added to the weights that it was trained beside, "
          + "dequantised and rounded to the type that training computed with, and the result is "
          + "not quantised.")
    }
    noteGGUF()
    let isMixed = contributions.values.contains { changes in
      changes.count > 1 && changes.contains { $0.update.kind == "magnitude" }
    }
    if isMixed {
      notes.append(
        "Each adapter's effect on the base is taken by itself and the effects are added; PEFT "
          + "merges DoRA adapters one into the outcome of the other, which differs.")
    }
    let names = (try? base.path.entryNames()) ?? []
    let folders = names.filter { base.path.appending($0).isDirectory && !$0.hasPrefix(".") }
    if base.path.isDirectory, !folders.isEmpty {
      notes.append("Folders of the base are not copied: \(folders.joined(separator: ", ")).")
    }
  }

  private mutating func add(_ bound: Binding, of position: Int) throws(AdapterError) {
    let weighted = adapters[position]
    switch bound.kind {
    case .existing: break
    case .new: addTensor(bound.tensor, source: nil)
    case .tiedHead(let embedding):
      unties = true
      addTensor(bound.tensor, source: embedding)
    }
    let earlier = contributions[bound.tensor] ?? []
    let replacesAlready = earlier.contains { $0.update.isSubstitution }
    // A tensor brought whole may have rows that were trained besides.
    let isRest = earlier.allSatisfy {
      $0.adapter == position && $0.update.isSubstitution && $0.update.kind != bound.update.kind
    }
    if bound.update.isSubstitution, !isRest {
      throw .contradiction(
        bound.tensor, between: adapters[earlier[0].adapter].adapter.path,
        and: weighted.adapter.path)
    }
    if replacesAlready, earlier.contains(where: { $0.adapter != position }) {
      throw .contradiction(
        bound.tensor, between: adapters[earlier[0].adapter].adapter.path,
        and: weighted.adapter.path)
    }
    if bound.update.isSubstitution, weighted.weight != 1 {
      throw .weightedReplacement(weighted.adapter.path, bound.tensor, weight: weighted.weight)
    }
    if options.rounding == .peft, earlier.contains(where: { $0.adapter != position }) {
      throw .roundsAfterEach(bound.tensor)
    }
    let contribution = PlannedTensor.Contribution(
      adapter: position, weight: weighted.weight, update: bound.update,
      isTransposed: bound.isTransposed)
    try checkMultiplied(bound.tensor, contribution, after: earlier)
    contributions[bound.tensor, default: []].append(contribution)
  }

  /// Throws where a tensor would be multiplied in two ways that no single pass can do.
  private func checkMultiplied(
    _ tensor: TensorName, _ new: PlannedTensor.Contribution,
    after earlier: [PlannedTensor.Contribution]
  ) throws(AdapterError) {
    let path = adapters[new.adapter].adapter.path
    let isMapped = (earlier + [new]).contains { $0.update.kind == "rotation" }
    if isMapped, !earlier.isEmpty {
      throw .unsupported(
        path, what: "one of several changes of \(tensor), which an adapter maps as a whole",
        advice: "Merge the adapters one after the other, each into the outcome of the one before.")
    }
    if case .rotation(let rotation) = new.update.change, new.weight != 1, !rotation.isSingle {
      throw .unsupported(
        path, what: "a map of \(tensor) in several stages, of which no share can be taken",
        advice: "Merge it with the weight 1.")
    }
    if new.hasGains,
      earlier.contains(where: { $0.hasGains && $0.hasColumnGains != new.hasColumnGains })
    {
      throw .unsupported(
        path, what: "one of two changes of \(tensor) that scale rows and columns",
        advice: "Merge the adapters one after the other, each into the outcome of the one before.")
    }
  }

  private mutating func addTensor(_ name: TensorName, source: TensorName?) {
    if !added.contains(where: { $0.name == name }) { added.append((name, source)) }
  }

  /// Gives an output head its own tensor where only one side of a tied pair changes.
  mutating func resolveTiedEmbeddings() throws(AdapterError) {
    if let pair = base.repeatedHead { resolveRepeatedHead(pair) }
    guard let tied = base.tiedHead else { return }
    let touchesHead = contributions[tied.head] != nil
    let touchesEmbedding = contributions[tied.embedding] != nil
    guard touchesHead || touchesEmbedding else { return }
    let isTrainedTied = adapters.allSatisfy(\.adapter.tiesEmbeddings)
    // PEFT's trained rows serve both sides of a tied pair as the model runs.
    let onlyRows = (contributions[tied.embedding] ?? []).allSatisfy { $0.update.kind == "rows" }
    if isTrainedTied, touchesHead, touchesEmbedding {
      // The adapter's file repeats the embedding's update for the head.
      contributions[tied.head] = nil
      try shareTiedTensor(tied, touchesHead: false, touchesEmbedding: true)
      return
    }
    if options.tied == .share || ((isTrainedTied || onlyRows) && !touchesHead) {
      try shareTiedTensor(tied, touchesHead: touchesHead, touchesEmbedding: touchesEmbedding)
      return
    }
    unties = true
    addTensor(tied.head, source: tied.embedding)
    notes.append(
      "\(tied.head) shares its tensor with \(tied.embedding) in the base; it gets a tensor of its "
        + "own, as the two differ in the model that was trained.")
  }

  private mutating func shareTiedTensor(
    _ tied: (head: TensorName, embedding: TensorName), touchesHead: Bool, touchesEmbedding: Bool
  ) throws(AdapterError) {
    if touchesHead, touchesEmbedding {
      throw .contradiction(
        tied.embedding, between: adapters[0].adapter.path, and: adapters[0].adapter.path)
    }
    if touchesHead {
      contributions[tied.embedding] = contributions.removeValue(forKey: tied.head)
      added.removeAll { $0.name == tied.head }
    }
    added.removeAll { $0.name == tied.head }
    unties = false
    notes.append(
      "\(tied.embedding) serves as embedding and as head; both change with the merged tensor.")
  }

  /// Keeps two tensors equal that a configuration ties and the files repeat, or unties them.
  private mutating func resolveRepeatedHead(_ pair: (head: TensorName, embedding: TensorName)) {
    let head = contributions[pair.head]
    let embedding = contributions[pair.embedding]
    guard head != nil || embedding != nil else { return }
    let isTrainedTied = adapters.allSatisfy(\.adapter.tiesEmbeddings)
    let onlyRows = (embedding ?? []).allSatisfy { $0.update.kind == "rows" }
    if head == nil, options.tied == .share || isTrainedTied || onlyRows {
      contributions[pair.head] = embedding
    } else if embedding == nil, options.tied == .share {
      contributions[pair.embedding] = head
    } else {
      unties = true
      notes.append(
        "\(pair.head) and \(pair.embedding) are tied in the base; tie_word_embeddings is set to "
          + "false, as the two differ in the model that was trained.")
    }
  }
}

extension WeightUpdate {
  /// Whether stored values take the place of the base's.
  var isSubstitution: Bool {
    switch change {
    case .replacement, .rows: return true
    case .delta, .magnitude, .gain, .rotation: return false
    }
  }
}

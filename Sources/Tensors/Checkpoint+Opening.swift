public import Files
internal import JSON

extension Checkpoint {
  /// Opens a checkpoint: a tensor file, or a directory with one or with shards and their index.
  ///
  /// Reads headers alone. Throws where shards and index contradict one another, where a tensor
  /// stands in two shards, or where nothing is there to read.
  public init(opening path: Path) throws(TensorError) {
    guard path.isDirectory else {
      self = try Self.assemble(
        path, files: [path], index: nil, sideFiles: [], config: path.parent.appending("config.json")
      )
      return
    }
    let names: [String]
    do { names = try path.entryNames() } catch { throw .file(error) }
    let weights = try Self.weightFiles(in: path, names: names)
    let own = Set(weights.files + [weights.index].compactMap { $0 })
    self = try Self.assemble(
      path, files: weights.files.map(path.appending),
      index: try weights.index.map { name throws(TensorError) in
        try ShardIndex(reading: path.appending(name))
      },
      sideFiles: names.filter { !own.contains($0) && path.appending($0).isFile },
      config: path.appending("config.json"))
  }

  /// Picks the weights of a directory: an index's shards, else a single file; safetensors first.
  private static func weightFiles(
    in path: Path, names: [String]
  ) throws(TensorError) -> (files: [String], index: String?) {
    for (fileExtension, preferred) in [
      ("safetensors", "model.safetensors"), ("bin", "pytorch_model.bin"),
      ("pt", "model.pt"), ("pth", "consolidated.00.pth"), ("gguf", "model.gguf"),
    ] {
      let indices = names.filter { $0.hasSuffix(".\(fileExtension).index.json") }
      if indices.count > 1 {
        throw .inconsistentIndex(
          path, rule: "stands beside another one: \(indices.joined(separator: ", "))")
      }
      if let index = indices.first {
        let places = try ShardIndex(reading: path.appending(index)).places
        return (Set(places.map(\.fileName)).sorted(), index)
      }
      if names.contains(preferred) { return ([preferred], nil) }
      let candidates = names.filter {
        $0.hasSuffix(".\(fileExtension)") && !$0.hasPrefix("adapter") && !$0.hasPrefix("training_")
          && !$0.hasPrefix("optimizer") && !$0.hasPrefix("scheduler") && !$0.hasPrefix("rng_state")
          && !$0.hasPrefix("mmproj")
      }
      if candidates.count == 1 { return (candidates, nil) }
      if candidates.count > 1 {
        throw .inconsistentIndex(
          path,
          rule: "is missing, but there are several weight files: "
            + candidates.prefix(4).joined(separator: ", "))
      }
    }
    throw .noTensors(path)
  }

  private static func assemble(
    _ path: Path, files: [Path], index: ShardIndex?, sideFiles: [String], config: Path
  ) throws(TensorError) -> Checkpoint {
    var shards: [TensorFile] = []
    var places: [TensorName: Place] = [:]
    for file in files {
      let shard =
        TensorFile.isGGUF(file)
        ? try TensorFile(openingModel: file) : try TensorFile(opening: file)
      for info in shard.tensors {
        let place = Place(shard: shards.count, info: info)
        if let earlier = places.updateValue(place, forKey: info.name) {
          throw .malformedTensor(
            file, info.name, rule: "stands in \(files[earlier.shard].name) too")
        }
      }
      shards.append(shard)
    }
    if let index { try check(index, of: path, files: files, places: places) }
    // A GGUF file says itself what it is.
    let model = shards.first?.model
    return Checkpoint(
      path: path, shards: shards, config: model == nil ? try document(config) : model?.config,
      index: index, sideFiles: sideFiles, places: places)
  }

  private static func check(
    _ index: ShardIndex, of path: Path, files: [Path], places: [TensorName: Place]
  ) throws(TensorError) {
    let indexPath = path.appending(index.fileName)
    var listed = 0
    for (name, fileName) in index.places {
      guard let place = places[name], files[place.shard].name == fileName else {
        throw .inconsistentIndex(indexPath, rule: "places \(name) in \(fileName), which lacks it")
      }
      listed += 1
    }
    guard listed == places.count else {
      let known = Set(index.places.map(\.name))
      let missing = places.keys.filter { !known.contains($0) }.min()
      throw .inconsistentIndex(
        indexPath, rule: "does not list \(missing?.text ?? "a tensor"), which a shard holds")
    }
  }

  private static func document(_ path: Path) throws(TensorError) -> JSONValue? {
    guard path.isFile else { return nil }
    let bytes: [UInt8]
    do { bytes = try FileReader.contents(of: path, limit: 64 << 20) } catch { throw .file(error) }
    do {
      return try JSONValue(parsing: bytes)
    } catch {
      throw .malformedDocument(path, error)
    }
  }
}

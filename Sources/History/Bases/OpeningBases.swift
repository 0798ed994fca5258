public import Adapters
public import Files
public import Tensors

extension Repository {
  /// Opens the model of a registered base where it was when it was added, once it is proved to be the
  /// same: by the cache, or by hashing what that does not know.
  ///
  /// Throws `baseNotAtHand` where nothing is there any more, and `wrongBase` where something else is.
  public func openBase(
    named name: String, cache: DigestCache?, execution: Execution = Execution(),
    as spelling: (Path) -> Path = { $0 }
  ) throws(HistoryError) -> Checkpoint {
    let base = try base(named: name)
    let path = try basePath(named: name)
    guard let path, path.kind != nil else { throw .baseNotAtHand(name, lastSeen: path) }
    let model: Checkpoint
    do { model = try Checkpoint(opening: spelling(path)) } catch { throw .tensor(error) }
    let ids = try BaseReading(model, cache: cache, execution: execution).tensors()
    cache?.save()
    let actual = CheckpointID(ids)
    guard actual == base.checkpoint else {
      throw .wrongBase(
        name: name, registered: base.checkpoint, actual: actual,
        BaseDifference.Names(ids, base.tensors).all)
    }
    return model
  }
}

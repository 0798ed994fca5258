extension IgnoreRules {
  /// The rules that hold before any file: what training leaves beside an adapter and is not part of
  /// it, caches, and what editors leave. A file's `!` takes any of them back.
  ///
  /// Not among them, on purpose: `trainer_state.json`, a small text that tells the run's course, and
  /// `checkpoint-*/`, which are adapters themselves.
  public static let defaultText = """
    # State to resume training from: transformers' Trainer and accelerate.
    optimizer.pt
    optimizer.bin
    optimizer_[0-9]*.bin
    optimizer_[0-9]*/
    scheduler.pt
    scheduler.bin
    scheduler_[0-9]*.bin
    scaler.pt
    sampler.bin
    sampler_[0-9]*.bin
    dl_state_dict*.bin
    rng_state.pth
    rng_state_*.pth
    random_states_*.pkl
    # Python objects that only training reads.
    training_args.bin
    # DeepSpeed: the sharded state, and the script it copies beside it.
    global_step[0-9]*/
    *_optim_states.pt
    *_model_states.pt
    zero_to_fp32.py
    # FSDP and distributed checkpoints.
    pytorch_model_fsdp_[0-9]*/
    *.distcp
    # torchtune.
    recipe_state.pt
    recipe_state/
    # MLX: earlier weights beside the last ones; add --series makes commits of them.
    [0-9]*_adapters.safetensors
    # Unsloth and axolotl.
    unsloth_compiled_cache/
    _unsloth_temporary_saved_buffers/
    _unsloth_sentencepiece_temp/
    last_run_prepared/
    # Logs of a run.
    wandb/
    mlruns/
    events.out.tfevents.*
    # Unfinished files, caches, other tools' directories.
    *.tmp
    *.incomplete
    .git/
    .adapterctl/
    .cache/
    __pycache__/
    *.py[co]
    .ipynb_checkpoints/
    # Editors and file managers.
    *~
    .*.sw[a-p]
    .#*
    \\#*#
    .DS_Store
    Thumbs.db
    .idea/
    .vscode/

    """

  /// Whether a file is one of MLX's numbered ones where the last weights are missing: then it is all that
  /// its adapter has.
  static func isSoleWeights(_ name: String, among names: [String]) -> Bool {
    let last = "adapters.safetensors"
    guard name.hasSuffix("_" + last), !names.contains(last) else { return false }
    return Int(name.dropLast(last.count + 1)) != nil
  }

  /// The default rules alone, for files' rules to be added to.
  public static var defaults: IgnoreRules {
    var rules = IgnoreRules()
    rules.add(defaultText)
    return rules
  }
}

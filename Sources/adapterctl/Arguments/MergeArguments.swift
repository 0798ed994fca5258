internal import Adapters
internal import ArgumentParser
internal import Tensors

/// The types an output may be asked for.
enum OutputType: String, ExpressibleByArgument, CaseIterable, Sendable {
  case keep
  case f32
  case bf16
  case f16

  static let allValueDescriptions = [
    "keep": "Keep the type of each tensor of the base", "f32": "Store as float32",
    "bf16": "Store as bfloat16", "f16": "Store as float16",
  ]

  /// The type; nil keeps each tensor's own.
  var dtype: DType? {
    switch self {
    case .keep: return nil
    case .f32: return .f32
    case .bf16: return .bf16
    case .f16: return .f16
    }
  }
}

/// The containers a merged model may be written in.
enum OutputContainer: String, ExpressibleByArgument, CaseIterable, Sendable {
  case safetensors
  case gguf

  static let allValueDescriptions = [
    "safetensors": "Write safetensors files under the names of transformers",
    "gguf": "Write one GGUF file with the tokenizer and the notes of the base's",
  ]
}

/// Another tool whose rounding is reproduced.
enum Compatibility: String, ExpressibleByArgument, CaseIterable, Sendable {
  case peft

  static let allValueDescriptions = [
    "peft": "Round the update, then the sum, as PEFT does on a CPU"
  ]
}

/// What becomes of a head that shares its tensor with the embedding.
enum TiedChoice: String, ExpressibleByArgument, CaseIterable, Sendable {
  case untie
  case share

  static let allValueDescriptions = [
    "untie": "Give the head a tensor of its own, as the adapter was trained",
    "share": "Change the shared tensor, and with it the other side",
  ]
}

/// The options that say what a merge is, shared by merging and verifying.
struct MergeArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp("Multiply the update of every adapter by this", valueName: "factor"))
  var scale = 1.0

  @Option(
    help: ArgumentHelp("Round in the steps of another tool instead of once", valueName: "tool"))
  var compat: Compatibility?

  @Option(
    help: ArgumentHelp(
      "What to do where output head and embedding share one tensor and an adapter changes one",
      valueName: "choice"))
  var tied = TiedChoice.untie

  @Flag(
    name: .customLong("allow-unmatched"),
    help: "Skip updates of weights that the base does not have")
  var allowsUnmatched = false

  @Option(
    help: ArgumentHelp(
      "Change only tensors whose names match this glob; may be repeated", valueName: "glob"))
  var include: [String] = []

  @Option(
    help: ArgumentHelp(
      "Leave tensors whose names match this glob unchanged; may be repeated", valueName: "glob"))
  var exclude: [String] = []

  func validate() throws {
    guard scale.isFinite else { throw ValidationError("--scale takes a finite number.") }
  }

  /// The options as the library takes them.
  var options: MergeOptions {
    var options = MergeOptions()
    options.rounding = compat == .peft ? .peft : .once
    options.tied = tied == .share ? .share : .untie
    options.allowsUnmatched = allowsUnmatched
    options.filter.included = include
    options.filter.excluded = exclude
    return options
  }

  /// The adapters, each with its weight.
  func scaled(_ adapters: [AdapterOperand.Opened]) -> [WeightedAdapter] {
    adapters.map { WeightedAdapter($0.weighted.adapter, weight: $0.weighted.weight * scale) }
  }
}

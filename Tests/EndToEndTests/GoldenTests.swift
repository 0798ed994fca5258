import Files
import Testing

/// What a user sees of every command, whole.
@Suite struct GoldenTests {
  /// A run whose output is held, and the runs that make its inputs.
  struct Session: CustomTestStringConvertible, Sendable {
    let name: String
    let before: [String]
    let command: String
    var testDescription: String { name }

    init(_ name: String, _ command: String, after before: [String] = []) {
      self.name = name
      self.command = command
      self.before = before
    }
  }

  static let adapter = "fixtures/lab/runs/lora-r8/checkpoint-600"
  static let dora = "fixtures/lab/runs/dora-r8/checkpoint-600"
  static let runs = "fixtures/lab/runs"
  static let full = "fixtures/lab/runs/full/checkpoint-600"
  static let suite = "fixtures/lab/suite.json"
  static let base = "--base fixtures/lab/base"
  static let merge = "merge \(adapter) \(base) -o merged"
  static let mergeDora = "merge \(dora) \(base) -o merged"

  static let sessions: [Session] = [
    Session("help", "--help"),
    Session("help-merge", "merge --help"),
    Session("help-unmerge", "unmerge --help"),
    Session("help-verify", "verify --help"),
    Session("help-inspect", "inspect --help"),
    Session("help-diff", "diff --help"),
    Session("help-extract", "extract --help"),
    Session("help-evaluate", "evaluate --help"),
    Session("help-truncate", "truncate --help"),
    Session("inspect-spectrum-adapter", "inspect \(adapter) --spectrum \(base)"),
    Session("inspect-spectrum-top", "inspect \(dora) --spectrum --sort stable --top 3"),
    Session("truncate", "truncate \(adapter) --rank 4 -o small"),
    Session(
      "truncate-several", "truncate \(adapter) --rank 2 --energy 0.9 --size 20kB --dry-run"),
    Session("truncate-dora", "truncate \(dora) --max-error 0.3 --pad-rank 8 -o small"),
    Session("error-rank-zero", "truncate \(adapter) --rank 0 -o small"),
    Session("error-rank-high", "truncate \(adapter) --rank 9 -o small"),
    Session("error-no-rank", "truncate fixtures/peft/ln_tuning --rank 2 -o small"),
    Session("truncate-loha", "truncate fixtures/peft/loha --rank 2 -o small"),
    Session("error-truncate-ia3", "truncate fixtures/peft/ia3 --rank 2 -o small"),
    Session("error-truncate-mora", "truncate fixtures/peft/mora_type1 --rank 2 -o small"),
    Session("help-completion", "completion --help"),
    Session("help-base", "base --help"),
    Session("help-base-add", "base add --help"),
    Session("inspect", "inspect \(adapter)"),
    Session("inspect-verbose", "inspect \(dora) -v"),
    Session("inspect-json", "inspect \(adapter) --json"),
    Session("inspect-values", "inspect \(adapter) --check-values"),
    Session("inspect-bin", "inspect fixtures/peft/lora_bin_legacy"),
    Session("inspect-model", "inspect fixtures/lab/base"),
    Session("inspect-model-json", "inspect fixtures/lab/base --json"),
    Session("inspect-spectrum", "inspect \(full) \(base) --spectrum"),
    Session(
      "inspect-spectrum-sort",
      "inspect \(full) \(base) --spectrum --sort rank90 --top 3 --intruders"),
    Session("extract", "extract \(full) \(base) --rank 16 -o extracted"),
    Session(
      "extract-energy", "extract \(full) \(base) --energy 0.5 --full-rank lm_head* -o extracted -v"),
    Session("extract-size", "extract \(full) \(base) --size 300kB --dry-run"),
    Session(
      "evaluate",
      "evaluate \(suite) \(base) --adapter \(adapter) --task problems --require problems.nll<=0.3 "
        + "--no-regression problems=0.01"),
    Session(
      "error-evaluate-gate",
      "evaluate \(suite) \(base) --adapter \(adapter) --no-regression other"),
    Session(
      "error-evaluate-architecture", "evaluate \(suite) --base fixtures/peft/base_mixtral"),
    Session("diff", "diff \(runs)/lora-r8/checkpoint-450 \(adapter)"),
    Session("diff-ranks", "diff \(adapter) \(runs)/lora-r32/checkpoint-600 --exit-code"),
    Session("diff-verbose", "diff \(runs)/lora-r8/checkpoint-450 \(adapter) -v"),
    Session("diff-top", "diff \(runs)/dora-r8/checkpoint-450 \(dora) --top 3"),
    Session("diff-sort", "diff \(adapter) \(dora) --sort distance --top 2"),
    Session("diff-same", "diff \(adapter) \(adapter) --exit-code"),
    Session(
      "diff-json",
      "diff fixtures/peft/lora_layers fixtures/peft/lora_named_adapter --norm frobenius --json"),
    Session(
      "diff-whole", "diff fixtures/peft/lora_embedding_saved fixtures/peft/lora_trainable_tokens"),
    Session(
      "diff-tensors",
      "diff \(runs)/mora-r8/checkpoint-450 \(runs)/mora-r8/checkpoint-600 --top 4"),
    Session("diff-tensors-json", "diff fixtures/peft/pissa fixtures/peft/alora --json"),
    Session("help-convert", "convert --help"), Session("help-lint", "lint --help"),
    Session("convert", "convert fixtures/peft/lora --to mlx -o made --check-roundtrip"),
    Session(
      "convert-json",
      "convert fixtures/peft/lora --to gguf --base fixtures/peft/base -o made --json"),
    Session("error-convert", "convert fixtures/peft/lora_modules_to_save --to mlx -o made"),
    Session("error-convert-base", "convert fixtures/peft/gguf_lora --to peft -o made"),
    Session("lint", "lint fixtures/peft/rslora --target llama.cpp -v"),
    Session("lint-json", "lint fixtures/peft/lora --target vllm --json"),
    Session("diff-models", "diff fixtures/lab/base \(runs)/full/checkpoint-600 --sort relative"),
    Session("merge-plan", "\(merge) --dry-run --threads 2"),
    Session("merge-plan-json", "\(merge) --dry-run --threads 2 --json"),
    Session("merge", merge),
    Session("merge-quiet", "\(merge) -q"),
    Session("merge-json", "\(merge) --json"),
    Session("merge-verbose", "\(merge) -v"),
    Session(
      "merge-weighted",
      "merge \(adapter)=0.7 \(dora)=-0.25 \(base) -o merged --max-shard-size 500kB"),
    Session(
      "merge-tied",
      "merge fixtures/peft/lora_tied_embedding_gpt2 --base fixtures/peft/base_gpt2 -o merged"),
    Session(
      "merge-everything",
      "merge fixtures/peft/lora_modules_to_save --base fixtures/peft/base -o merged --dtype f32 -v"),
    Session("verify", "verify merged \(base) --adapter \(adapter)", after: [merge]),
    Session("verify-json", "verify merged \(base) --adapter \(adapter) --json", after: [merge]),
    Session("verify-scaled", "verify merged \(base) --adapter \(adapter)=2", after: [merge]),
    Session("verify-base", "verify fixtures/lab/base \(base) --adapter \(adapter)"),
    Session("verify-wrong", "verify merged \(base) --adapter \(dora)", after: [merge]),
    Session("unmerge", "unmerge merged -o restored", after: [merge]),
    Session("unmerge-json", "unmerge merged -o restored --json", after: [mergeDora]),
    Session(
      "unmerge-inexact", "unmerge merged -o restored", after: ["\(merge) --no-residual"]),
    Session(
      "unmerge-inexact-written", "unmerge merged -o restored --inexact",
      after: ["\(merge) --no-residual"]),
    Session(
      "unmerge-dora-inexact", "unmerge merged -o restored --inexact",
      after: ["\(mergeDora) --no-residual"]),
    Session(
      "unmerge-wrong-adapter", "unmerge merged --adapter \(dora) -o restored", after: [merge]),
    Session("unmerge-foreign", "unmerge fixtures/lab/base -o restored"),
    Session("error-extract-unchanged", "extract fixtures/lab/base \(base) --rank 4 -o extracted"),
    Session(
      "error-extract-base", "extract \(full) --base fixtures/peft/base --rank 4 -o extracted"),
    Session("error-extract-rank", "extract \(full) \(base) --rank 0 -o extracted"),
    Session("error-exists", merge, after: [merge]),
    Session("error-json", "\(merge) --json", after: [merge]),
    Session("error-not-found", "merge nowhere \(base) -o merged"),
    Session("error-wrong-base", "merge \(adapter) --base fixtures/peft/base -o merged"),
    Session("error-other-names", "merge \(adapter) --base fixtures/peft/base_gpt2 -o merged"),
    Session("error-refused", "merge fixtures/peft/alora --base fixtures/peft/base -o merged"),
    Session(
      "merge-mora", "merge fixtures/lab/runs/mora-r8/checkpoint-600 \(base) -o merged --threads 2"),
    Session("inspect-boft", "inspect fixtures/peft/boft"),
    Session(
      "error-alora", "inspect fixtures/peft/alora"),
    Session("error-series", "inspect fixtures/lab/runs/lora-r8"),
    Session("error-diff-series", "diff \(runs)/lora-r8 \(adapter) --json"),
    Session("error-memory", "\(merge) --threads 2 --memory-limit 1MB"),
    Session("error-survival", "\(merge) --min-survival 1.5"),
    Session("error-replaces-input", "merge \(adapter) \(base) -o fixtures/lab/base --force"),
    Session("error-nothing-left", "\(merge) --exclude '*'"),
    Session("error-usage", "merge \(adapter) -o merged"),
    Session("error-usage-json", "merge \(adapter) -o merged --json"),
    Session("error-weight", "merge \(adapter)=nan \(base) -o merged"),
    Session("error-directory", "-C nowhere inspect \(adapter)"),
  ]

  @Test(arguments: sessions)
  func `what is printed is what the file holds`(_ session: Session) throws {
    try Self.hold(session)
  }

  /// Runs a session and compares what it prints.
  static func hold(_ session: Session) throws {
    let program = try Program()
    for command in session.before {
      let outcome = try program.run(words(command))
      #expect(outcome.code == 0, "\(outcome.errors)")
    }
    let outcome = try program.run(words(session.command))
    var text = "$ adapterctl \(session.command)\n\(outcome.output)"
    if !outcome.errors.isEmpty { text += "--- standard error\n\(outcome.errors)" }
    text += "--- exit \(outcome.code)\n"
    #expect(!text.contains("\u{1B}"))
    Golden.expect(text, "\(session.name).txt")
  }

  /// The words of a command line, single quotes taken off.
  private static func words(_ line: String) -> [String] {
    line.split(separator: " ").map { $0.trimmingSingleQuotes }
  }
}

extension Substring {
  fileprivate var trimmingSingleQuotes: String {
    hasPrefix("'") && hasSuffix("'") && count > 1 ? String(dropFirst().dropLast()) : String(self)
  }
}

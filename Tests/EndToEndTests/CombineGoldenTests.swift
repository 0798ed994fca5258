import Testing

/// What a user sees of `combine`. Numbers have four digits, which no machine's last bits reach;
/// documents with all digits are those of plans.
@Suite struct CombineGoldenTests {
  typealias Session = GoldenTests.Session

  static let lora = "\(GoldenTests.runs)/lora-r8/checkpoint-600"
  static let earlier = "\(GoldenTests.runs)/lora-r8/checkpoint-450"
  static let other = "\(GoldenTests.runs)/lora-r32/checkpoint-600"
  static let rslora = "\(GoldenTests.runs)/rslora-r8/checkpoint-600"
  static let two = "combine \(lora)=0.7 \(rslora)=0.3 -o combined"

  static let sessions: [Session] = [
    Session("help-combine", "combine --help"),
    Session("combine", "combine \(lora)=0.7 \(other)=0.3 -o combined --method linear"),
    Session("combine-read", "inspect combined", after: ["\(two) --method linear"]),
    Session("combine-svd", "\(two) --method svd --energy 0.9 -v"),
    Session("combine-ties", "\(two) --method ties --density 0.2 --rank 8"),
    Session("combine-dare", "\(two) --method dare_linear --density 0.5 --seed 7"),
    Session("combine-stock", "combine \(lora) \(rslora) -o combined --method model-stock"),
    Session(
      "combine-three-way",
      "combine \(lora) \(rslora) -o combined --method linear --three-way \(earlier)"),
    Session(
      "combine-plan",
      "combine \(lora) \(other)=0 --method breadcrumbs --dry-run --threads 2 -v"),
    Session(
      "combine-plan-json",
      "combine fixtures/peft/lora_layers=-0.5 fixtures/peft/lora_named_adapter --method della"
        + " --dry-run --threads 2 --json"),
    Session("combine-analyze", "combine \(lora)=0.7 \(rslora)=0.3 \(other) --analyze"),
    Session(
      "combine-analyze-verbose", "combine \(lora) \(rslora) --analyze --three-way \(earlier) -v"),
    Session(
      "combine-at-base",
      "combine \(lora) \(GoldenTests.dora) -o combined --method svd \(GoldenTests.base)"),
    Session(
      "error-combine-dora", "combine \(lora) \(GoldenTests.dora) -o combined --method linear"),
    Session("error-combine-empty", "combine \(lora) \(lora)=-1 -o combined --method svd"),
    Session("error-combine-method", "combine \(lora) \(lora) -o combined --method average"),
    Session("error-combine-option", "\(two) --method linear --density 0.5"),
    Session("error-combine-density", "\(two) --method ties --density 1.5"),
    Session("error-combine-slerp", "combine \(lora) -o combined --method slerp"),
    Session("error-combine-stock", "\(two) --method model-stock"),
    Session("error-combine-memory", "\(two) --method ties --threads 2 --memory-limit 1MB"),
    Session(
      "error-combine-shape", "combine \(lora) fixtures/peft/lora -o combined --method linear"),
    Session("error-combine-exists", "\(two) --method cat", after: ["\(two) --method cat"]),
    Session(
      "error-combine-conv1d",
      "combine fixtures/peft/lora_conv1d_gpt2 fixtures/peft/loha_conv -o combined --method cat"),
  ]

  @Test(arguments: sessions)
  func `what is printed is what the file holds`(_ session: Session) throws {
    try GoldenTests.hold(session)
  }
}

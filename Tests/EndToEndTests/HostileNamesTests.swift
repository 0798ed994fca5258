import Files
import TestSupport
import Testing

/// Names from files and users are shown, never obeyed.
@Suite struct HostileNamesTests {
  @Test func `control characters in a tensor's name are spelled out`() throws {
    let program = try Program()
    let folder = program.folder.path.appending("hostile")
    try folder.createDirectories()
    let module = "base_model.model.evil\u{1B}[31m\u{202E}\nname"
    try SyntheticModel.write(
      [
        FilledTensor("\(module).lora_A.weight", [2, 4], .f32, seed: 1),
        FilledTensor("\(module).lora_B.weight", [4, 2], .f32, seed: 2),
      ], to: folder.appending("adapter_model.safetensors"))
    try FileWriter.write(
      Array(#"{"peft_type": "LORA", "r": 2, "lora_alpha": 2}"#.utf8),
      creating: folder.appending("adapter_config.json"))
    for arguments in [
      ["inspect", "hostile", "-v"],
      ["merge", "hostile", "--base", "fixtures/lab/base", "-o", "out"],
    ] {
      let outcome = try program.run(arguments)
      let text = outcome.output + outcome.errors
      #expect(text.contains("evil\\u{001B}[31m") || text.contains("evil\\u{1B}[31m"), "\(text)")
      #expect(!text.contains("\u{1B}") && !text.contains("\u{202E}"))
    }
  }

  @Test func `paths with spaces and line breaks work and are spelled out`() throws {
    let program = try Program()
    let name = "a model\nof \u{1B}mine"
    let outcome = try program.run([
      "merge", "fixtures/lab/runs/lora-r8/checkpoint-600", "--base", "fixtures/lab/base", "-o",
      name,
    ])
    #expect(outcome.code == 0)
    #expect(program.folder.path.appending(name).appending("model.safetensors").isFile)
    #expect(!outcome.output.contains("\u{1B}"))
    let again = try program.run(["unmerge", name, "-o", "back"])
    #expect(again.code == 0, "\(again.errors)")
  }

  @Test func `kernel forms and thread counts give the same files`() throws {
    let program = try Program()
    var wholes: Set<[String: [UInt8]]> = []
    for (form, threads) in [("scalar", 1), ("avx2", 2), ("avx512", 1), ("avx512", 3)] {
      let outcome = try program.run(
        [
          "merge", "fixtures/lab/runs/dora-r8/checkpoint-600", "--base", "fixtures/lab/base", "-o",
          "merged", "--force", "--threads", "\(threads)",
        ], environment: ["ADAPTERCTL_KERNELS": form])
      // A machine without this form says so.
      if outcome.code == 64 { continue }
      #expect(outcome.code == 0, "\(outcome.errors)")
      let merged = program.folder.path.appending("merged")
      var files: [String: [UInt8]] = [:]
      for name in try merged.entryNames() {
        files[name] = try FileReader.contents(of: merged.appending(name), limit: 1 << 30)
      }
      wholes.insert(files)
    }
    #expect(wholes.count == 1)
  }
}

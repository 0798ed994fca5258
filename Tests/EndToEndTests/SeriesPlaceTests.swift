import Files
import Foundation
import TestSupport
import Testing

/// Where the commits of a training run stand in the working tree afterwards.
@Suite struct SeriesPlaceTests {
  private func session(run place: String) throws -> StoreSession {
    let session = try StoreSession()
    try session.work.appending(place).parent.createDirectories()
    try FileManager.default.copyItem(
      atPath: Fixtures.folder.appending("lab/runs/lora-r8").text,
      toPath: session.work.appending(place).text)
    return session
  }

  @Test func `a run in the working tree is clean afterwards, and its checkpoints stay`() throws {
    let session = try session(run: "runs/lora")
    let before = try StoreSession.files(session.work)
    let outcome = try session.run(["add", "--series", "runs/lora"])
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(try session.run(["status"]).output.contains("working tree clean"))
    let after = try StoreSession.files(session.work)
    for (name, bytes) in before { #expect(after[name] == bytes, "\(name)") }
    for name in ["adapter_model.safetensors", "adapter_config.json"] {
      #expect(after["runs/lora/" + name] == before["runs/lora/checkpoint-600/" + name])
    }
    // Going elsewhere and back takes the files along, and nothing else.
    #expect(try session.run(["switch", "-c", "early", "main~2"]).code == 0)
    #expect(try session.run(["status"]).output.contains("working tree clean"))
    #expect(try session.run(["switch", "main"]).code == 0)
    #expect(try StoreSession.files(session.work) == after)
    // A second time there is nothing to do.
    #expect(try session.run(["add", "--series", "runs/lora"]).output.contains("0 commits"))
    #expect(try StoreSession.files(session.work) == after)
  }

  @Test func `a run of MLX is clean afterwards, and its numbered weights are left out`() throws {
    let session = try StoreSession()
    let run = session.work.appending("run")
    let mlx = Fixtures.folder.appending("peft/mlx_lora")
    try run.createDirectories()
    try FileWriter.copy(
      mlx.appending("adapter_config.json"), creating: run.appending("adapter_config.json"))
    let weights = try FileReader.contents(of: mlx.appending("adapters.safetensors"), limit: 1 << 24)
    for (name, change) in [("0000100_", 1), ("0000200_", 2), ("", 2)] as [(String, UInt8)] {
      var bytes = weights
      bytes[bytes.count - 1] ^= change
      try FileWriter.write(bytes, creating: run.appending(name + "adapters.safetensors"))
    }
    let outcome = try session.run(["add", "--series", "run"])
    #expect(outcome.code == 0 && outcome.output.contains("run: 2 commits"), "\(outcome.errors)")
    #expect(try session.run(["status"]).output.contains("working tree clean"))
    #expect(try session.run(["ls-tree", "-r", "HEAD"]).output.split(separator: "\n").count == 2)
    #expect(try session.run(["add", "--series", "."], in: "work/run").output.contains("0 commits"))
    // One that is all there is stays.
    try run.appending("adapters.safetensors").removeFile()
    try run.appending("0000100_adapters.safetensors").removeFile()
    try session.run(["add", "run"])
    #expect(
      try session.run(["ls-tree", "-r", ":run"]).output.contains("run/0000200_adapters.safetensors")
    )
  }

  @Test func `files of the run's own are not written over`() throws {
    let session = try session(run: "run")
    for name in ["adapter_model.safetensors", "adapter_config.json"] {
      try FileWriter.copy(
        session.work.appending("run/checkpoint-300").appending(name),
        creating: session.work.appending("run").appending(name))
    }
    let before = try StoreSession.files(session.work)
    let outcome = try session.run(["add", "--series", "run"])
    #expect(outcome.code == 0)
    #expect(outcome.errors.contains("adapterctl restore run"), "\(outcome.errors)")
    #expect(try StoreSession.files(session.work) == before)
    #expect(try session.run(["status"]).output.contains("modified  run: adapter_model.safetensors"))
    #expect(try session.run(["restore", "run"]).code == 0)
    #expect(try session.run(["status"]).output.contains("working tree clean"))
  }

  @Test func `a folder of runs is told with the runs in it`() throws {
    let session = try session(run: "runs/deep/lora")
    for folder in [".", "runs", "runs/deep"] {
      let outcome = try session.run(["add", "--series", folder])
      #expect(outcome.code == 64)
      #expect(outcome.errors.contains("holds no checkpoints"), "\(outcome.errors)")
      let run = folder == "." ? "./runs/deep/lora" : "runs/deep/lora"
      #expect(outcome.errors.contains("adapterctl add --series \(run)"), "\(outcome.errors)")
    }
    let checkpoint = try session.run(["add", "--series", "runs/deep/lora/checkpoint-300"])
    #expect(checkpoint.code == 64 && checkpoint.errors.contains("one checkpoint"))
    try session.work.appending("empty").createDirectory()
    let empty = try session.run(["add", "--series", "empty"])
    #expect(empty.code == 64 && empty.errors.contains("name the folder of a training run"))
    #expect(try session.run(["log"]).code == 64)
  }
}

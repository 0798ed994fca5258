import Digests
import Files
import Parallel
import Synchronization
import Tensors
import TestSupport
import Testing

@testable import Adapters

@Suite struct TensorDigestsTests {
  /// Tensor files of each container, some with shared and with strided tensors.
  static let files: [Path] = [
    "lab/base/model.safetensors", "peft/lora_bin_legacy/adapter_model.bin",
    "pytorch/strided.bin", "pytorch/strided.legacy.bin", "pytorch/parameters.bin",
  ].map { TestSupport.Fixtures.folder.appending($0) }.filter(\.isFile)

  @Test(arguments: files, [1, 2, 7])
  func `every tensor has the id of its bytes, on any number of threads`(
    path: Path, threads: Int
  ) throws {
    #expect(Self.files.count > 3)
    let file = try TensorFile(opening: path)
    let counted = Atomic<Int>(0)
    let execution = Execution(workers: Workers(count: threads)) { count in
      counted.add(count, ordering: .relaxed)
    }
    let ids = try TensorDigests.ids(of: [file, file], execution: execution)
    #expect(ids.count == 2 && ids[0] == ids[1])
    for (info, id) in zip(file.tensors, ids[0]) {
      let bytes = try file.bytes(of: info)
      #expect(id == TensorID(dtype: info.dtype, shape: info.shape, bytes: bytes.span))
    }
    #expect(counted.load(ordering: .relaxed) == TensorDigests.byteCount(of: [file, file]))
  }
}

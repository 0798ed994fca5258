import Digests
import Files
import Storage
import Tensors
import TestSupport
import Testing

@testable import History

/// Where files are cut, and that nothing is lost wherever that is.
@Suite struct FileSegmentsTests {
  private let workshop: Workshop

  init() throws { workshop = try Workshop() }

  /// The parts have no gaps and no overlaps, the record's digests are the file's, and the file
  /// comes back.
  @discardableResult
  private func check(_ bytes: [UInt8], _ name: String = "file.safetensors") throws -> FileRecord {
    let path = try workshop.folder.write(bytes, named: name)
    let parts = try FileSegments(path).parts
    var end = 0
    for part in parts {
      #expect(part.range.lowerBound == end && !part.range.isEmpty)
      end = part.range.upperBound
    }
    #expect(end == bytes.count)
    let record = try FileDescription(of: path, execution: Workshop.execution()).record
    #expect(record.digest == BLAKE3.digest(of: bytes))
    #expect(record.sha256 == SHA256.digest(of: bytes))
    #expect(record.byteCount == bytes.count)
    try workshop.repository.store(
      files: [path], act: workshop.act(), execution: Workshop.execution())
    let out = workshop.folder.path.appending("out")
    let restoring = Restoring(workshop.repository, execution: Workshop.execution())
    try restoring.write(file: record.id, to: out, replacing: true)
    #expect(try FileReader.contents(of: out, limit: 1 << 30) == bytes)
    #expect(try restoring.bytes(ofFile: record.id, limit: bytes.count) == bytes)
    #expect(try restoring.bytes(ofFile: record.id, limit: bytes.count - 1) == nil)
    return record
  }

  private static func noise(_ count: Int, seed: UInt64) -> [UInt8] {
    var generator = SeededGenerator(seed: seed)
    return (0..<count).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
  }

  @Test(arguments: [
    0, 1, 7, 8, 9, 16, 17, 1 << 20 - 1, 1 << 20, 1 << 20 + 1, 2 << 20, 3 << 20 + 5,
  ])
  func `a file of any size comes back`(count: Int) throws {
    let record = try check(Self.noise(count, seed: UInt64(count)), "noise.bin")
    #expect(record.segments.count == (count == 0 ? 0 : 1))
    try check([UInt8](repeating: 0, count: count), "zeros.bin")
  }

  @Test(arguments: [1, 2, 3, 4] as [UInt64])
  func `a safetensors file is cut at its tensors`(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    var tensors: [FilledTensor] = []
    for number in 0..<30 {
      let rows = [0, 1, 3, 257, 1024][generator.index(below: 5)]
      let dtype = [DType.f32, .bf16, .f16][generator.index(below: 3)]
      tensors.append(FilledTensor("t.\(number)", [rows, 3], dtype, seed: generator.next()))
    }
    tensors.append(FilledTensor("large", [1 << 19 | 1], .bf16, seed: seed))
    let record = try check(FilledTensor.safetensors(tensors))
    let named = Dictionary(uniqueKeysWithValues: record.tensors.map { ($0.name, $0.id) })
    for tensor in tensors {
      guard !tensor.bytes.isEmpty else {
        #expect(named[tensor.name] == nil)
        continue
      }
      let id = try #require(named[tensor.name])
      let object = try workshop.repository.read(TensorObject.self, id)
      #expect(object.extents == tensor.extents && object.byteCount == tensor.bytes.count)
      var bytes: [UInt8] = []
      for chunk in object.chunks { bytes += try workshop.repository.store.chunk(chunk) }
      #expect(bytes == tensor.bytes)
    }
  }

  @Test(arguments: ["plain", "dtypes"])
  func `the same tensor is one object in safetensors, zip and legacy files`(name: String) throws {
    let folder = Fixtures.folder.appending("pytorch")
    var tensors: [Set<ObjectID>] = []
    for file in ["\(name).bin", "\(name).legacy.bin"] {
      let path = folder.appending(file)
      let record = try check(try FileReader.contents(of: path, limit: 1 << 30), file)
      tensors.append(Set(record.tensors.map(\.id)))
    }
    let file = try TensorFile(opening: folder.appending("\(name).bin"))
    let filled = try file.tensors.filter { $0.strides == nil }.map {
      FilledTensor($0.name.text, $0.shape.extents, $0.dtype, bytes: try file.bytes(of: $0))
    }
    let record = try check(FilledTensor.safetensors(filled))
    tensors.append(Set(record.tensors.map(\.id)))
    #expect(tensors[0] == tensors[1] && tensors[0] == tensors[2] && !tensors[0].isEmpty)
  }

  @Test func `every PyTorch file comes back`() throws {
    let folder = Fixtures.folder.appending("pytorch")
    for name in try folder.entryNames() {
      try check(try FileReader.contents(of: folder.appending(name), limit: 1 << 30), name)
    }
  }

  @Test func `damaged and hostile files are kept as bytes`() throws {
    let whole = FilledTensor.safetensors([
      FilledTensor("a", [40, 3], .f32, seed: 1), FilledTensor("b", [5], .f16, seed: 2),
    ])
    for count in [8, 20, 100, whole.count - 1] { try check(Array(whole[..<count])) }
    var generator = SeededGenerator(seed: 9)
    for _ in 0..<(Workshop.slow ? 3000 : 150) {
      try check(whole.mutated(by: &generator, donor: whole))
    }
    // Overlapping, out of bounds, and a header longer than the file.
    for header in [
      #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}"#,
      #"{"a":{"dtype":"F32","shape":[9],"data_offsets":[0,36]}}"#,
    ] {
      let count = header.utf8.count
      let prefix = (0..<8).map { UInt8(truncatingIfNeeded: count >> ($0 * 8)) }
      try check(prefix + Array(header.utf8) + Self.noise(12, seed: 1))
    }
    try check([UInt8](repeating: 0xFF, count: 64))
  }

  @Test func `PyTorch files with mutations come back`() throws {
    let folder = Fixtures.folder.appending("pytorch")
    var generator = SeededGenerator(seed: 10)
    for name in try folder.entryNames() {
      let path = folder.appending(name)
      guard path.isFile, let bytes = try? FileReader.contents(of: path, limit: 200_000) else {
        continue
      }
      for _ in 0..<(Workshop.slow ? 100 : 4) {
        try check(bytes.mutated(by: &generator, donor: bytes), name)
      }
    }
  }
}

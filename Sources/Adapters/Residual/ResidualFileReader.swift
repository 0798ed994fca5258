internal import Compute
internal import Files
internal import JSON
internal import Tensors

/// An open residual: its footer is read and checked, its sections on request.
struct ResidualFileReader: Sendable {
  private let reader: FileReader
  private let entries: [TensorName: ResidualFile.Entry]

  /// Opens the residual of a merged model; throws `malformedResidual` where it breaks a rule.
  init(_ path: Path) throws(AdapterError) {
    func broken(_ rule: String) -> AdapterError { .malformedResidual(path, rule: rule) }
    do { reader = try FileReader(path) } catch { throw .file(error) }
    let tail = ResidualFile.endMagic.count + 8
    guard reader.byteCount >= ResidualFile.magic.count + tail else { throw broken("is too short") }
    let head: [UInt8]
    let end: [UInt8]
    do {
      head = try reader.bytes(at: 0, count: ResidualFile.magic.count)
      end = try reader.bytes(at: reader.byteCount - tail, count: tail)
    } catch { throw .file(error) }
    guard head == ResidualFile.magic, Array(end.dropFirst(8)) == ResidualFile.endMagic else {
      throw broken("does not start and end as a residual does")
    }
    let count = end.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    let room = reader.byteCount - tail - ResidualFile.magic.count
    guard count <= UInt64(room) else { throw broken("has a footer longer than itself") }
    let footer: [UInt8]
    do {
      footer = try reader.bytes(at: reader.byteCount - tail - Int(count), count: Int(count))
    } catch { throw .file(error) }
    guard let json = try? JSONValue(parsing: footer),
      json["schema"]?.string == "adapterctl.residual/1",
      json["section_elements"]?.integer == ResidualFile.sectionElementCount,
      let tensors = json["tensors"]?.elements
    else { throw broken("has an unknown footer") }
    let limit = reader.byteCount - tail - Int(count)
    var entries: [TensorName: ResidualFile.Entry] = [:]
    for tensor in tensors {
      guard let entry = ResidualFile.Entry(tensor, limit: limit),
        entries.updateValue(entry, forKey: entry.tensor) == nil
      else { throw broken("has a footer with an entry that cannot be") }
    }
    self.entries = entries
  }

  /// Whether it has corrections for a tensor of so many elements.
  func covers(_ tensor: TensorName, elementCount: Int) -> Bool {
    entries[tensor]?.elementCount == elementCount
  }

  /// One section of a tensor's corrections.
  func section(_ number: Int, of tensor: TensorName) throws(AdapterError) -> [UInt8] {
    guard let sections = entries[tensor]?.sections, sections.indices.contains(number) else {
      throw .malformedResidual(reader.path, rule: "lacks section \(number) of \(tensor)")
    }
    do {
      return try reader.bytes(at: sections[number].offset, count: sections[number].byteCount)
    } catch { throw .file(error) }
  }

  /// DoRA's factors of a tensor, which has `count` of them.
  func magnitudes(of tensor: TensorName, count: Int) throws(AdapterError) -> [Float] {
    guard let section = entries[tensor]?.magnitudes else {
      throw .malformedResidual(reader.path, rule: "has no magnitudes of \(tensor)")
    }
    guard section.byteCount == count * 4 else {
      throw .malformedResidual(
        reader.path,
        rule: "has \(section.byteCount / 4) magnitudes of \(tensor), which has \(count)")
    }
    do {
      return Conversion.floats(
        try reader.bytes(at: section.offset, count: section.byteCount), of: .f32, form: .scalar)
    } catch { throw .file(error) }
  }
}

extension ResidualFile.Entry {
  fileprivate init?(_ json: JSONValue, limit: Int) {
    guard let name = json["name"]?.string, let count = json["elements"]?.integer, count >= 0,
      let sections = json["sections"]?.elements?.map(ResidualFile.Section.init),
      sections.count == (count + ResidualFile.sectionElementCount - 1)
        / ResidualFile.sectionElementCount
    else { return nil }
    let magnitudes = ResidualFile.Section(json["magnitudes"])
    let all = (sections + [magnitudes]).compactMap { $0 }
    guard !sections.contains(nil),
      all.allSatisfy({ $0.byteCount <= limit && $0.offset <= limit - $0.byteCount })
    else { return nil }
    self.init(
      tensor: TensorName(name), elementCount: count, sections: sections.compactMap { $0 },
      magnitudes: magnitudes)
  }
}

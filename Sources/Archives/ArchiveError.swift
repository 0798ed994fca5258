public import Files

/// What is wrong with an archive: which file, which member, which rule.
public enum ArchiveError: Error, Hashable, Sendable {
  /// The file system refused.
  case file(FileError)
  /// The archive breaks a rule of its format; `rule` completes "the file …".
  case malformed(Path, rule: String)
  /// A member's name leads out of the archive: absolute, `..`, empty parts or control characters.
  case unsafeName(Path, member: String)
  /// A member is a link, a device or anything else that is neither file nor directory.
  case notAFile(Path, member: MemberName)
  /// A member is encrypted.
  case encrypted(Path, member: String)
  /// A member is compressed where its bytes are needed in place.
  case compressed(Path, member: MemberName)
  /// Two members have the same name.
  case duplicateMember(Path, member: MemberName)
  /// Two members have names that some file systems take for one.
  case twinMembers(Path, member: MemberName, other: String)
  /// A member's name, or a part of it, is longer than file systems allow.
  case nameTooLong(Path, member: MemberName)
  /// Two members claim the same bytes.
  case overlappingMembers(Path, MemberName, MemberName)
  /// The archive has no such member.
  case missingMember(Path, MemberName)
  /// A member is larger than the caller allows.
  case memberTooLarge(Path, MemberName, limit: Int)
  /// A member cannot be read whole: its checksum is wrong or its bytes are missing.
  case unreadable(Path, MemberName, reason: String)
  /// The archive holds more than the caller allows; `rule` completes "the file …".
  case overLimit(Path, rule: String)
  /// The caller asked to stop.
  case interrupted(Path)
  /// An archive, or a member of it, cannot be written.
  case cannotWrite(Path, MemberName?, reason: String)
  /// Two readers of the same archive see different members: how hostile archives hide what they
  /// hold.
  case ambiguous(Path, rule: String)

  /// The broken rule, completing "the file …"; nil where the file system refused.
  public var rule: String? {
    switch self {
    case .file: return nil
    case .malformed(_, let rule), .ambiguous(_, let rule), .overLimit(_, let rule): return rule
    case .unsafeName(_, let member): return "has a member with the unsafe name \(excerpt(member))"
    case .notAFile(_, let member): return "has the member \(member), which is not a file"
    case .encrypted(_, let member): return "has the encrypted member \(excerpt(member))"
    case .compressed(_, let member):
      return "has the compressed member \(member), where torch.save stores without compression"
    case .duplicateMember(_, let member): return "has the member \(member) twice"
    case .twinMembers(_, let member, let other):
      return "has the members \(member) and \(other), which some systems take for one name"
    case .nameTooLong(_, let member):
      return "has a member whose name is too long: \(excerpt(member.text))"
    case .interrupted: return "was not read to its end"
    case .cannotWrite(_, let member, let reason):
      return "cannot hold \(member.map { "the member \($0)" } ?? "an archive"): \(reason)"
    case .overlappingMembers(_, let one, let other):
      return "has the members \(one) and \(other) over the same bytes"
    case .missingMember(_, let member): return "has no member \(member)"
    case .memberTooLarge(_, let member, let limit):
      return "has the member \(member) of more than \(limit) bytes"
    case .unreadable(_, let member, let reason):
      return "has the unreadable member \(member): \(reason)"
    }
  }

  /// A name that has not been checked, as an error may show it: control characters escaped.
  private func excerpt(_ name: String) -> String {
    var excerpt = ""
    excerpt.unicodeScalars.append(contentsOf: name.unicodeScalars.prefix(80))
    return excerpt.debugDescription
  }
}

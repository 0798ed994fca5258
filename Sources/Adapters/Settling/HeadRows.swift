internal import JSON
internal import Tensors

/// The heads whose rows a projection's update has in Meta's order.
///
/// Rotary embeddings turn pairs of rows. transformers keeps the first of all pairs of a head before
/// the second ones, Meta's files keep each pair together: row `h·d + t·d/2 + i` of the one is row
/// `h·d + 2i + t` of the other, for heads of d rows. How many heads there are, only the base knows.
enum HeadRows: Hashable, Sendable {
  /// Queries: `num_attention_heads`.
  case queries
  /// Keys: `num_key_value_heads`.
  case keys

  /// The heads of a projection by transformers' name of it; nil where its rows are of no heads that
  /// are turned.
  init?(projection: String) {
    switch projection {
    case "q_proj": self = .queries
    case "k_proj": self = .keys
    default: return nil
    }
  }

  /// How many heads a model has of this kind; nil where its configuration does not say.
  func count(in config: JSONValue?) -> Int? {
    let queries = config?["num_attention_heads"]?.integer
    switch self {
    case .queries: return queries
    case .keys:
      guard let value = config?["num_key_value_heads"], !value.isNull else { return queries }
      return value.integer
    }
  }

  /// The order of transformers for rows in Meta's; nil where the rows are not whole pairs of heads.
  static func order(rows: Int, heads: Int) -> Selection? {
    guard heads > 0, rows > 0, rows.isMultiple(of: heads), (rows / heads).isMultiple(of: 2) else {
      return nil
    }
    return .pairsApart(width: rows / heads, count: rows)
  }

  /// Meta's order for rows in that of transformers; nil where the rows are not whole pairs of heads.
  static func metaOrder(rows: Int, heads: Int) -> Selection? {
    guard case .pairsApart(let width, let count)? = order(rows: rows, heads: heads) else {
      return nil
    }
    return .pairsTogether(width: width, count: count)
  }
}

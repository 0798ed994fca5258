internal import Tensors

extension ForeignLayout {
  /// OFT as PEFT wrote it up to 0.15: other tensors and another map.
  static let oldOFT = ForeignLayout(
    "peft: old-oft",
    "an OFT adapter of PEFT 0.15 or older (oft_r), whose map is another one",
    advice: "Merge it with the PEFT that wrote it; later versions cannot read it."
  ) { clues in
    clues.peftType == "OFT" && clues.hasName { $0.contains(".oft_r") || $0.contains(".oft_s") }
  }
}

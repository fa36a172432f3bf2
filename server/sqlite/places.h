// How a row's integer primary key carries its workspace and sequence, so that the tables themselves are the feed and
// the log: a page of changes is one range of neighbouring rows, and no index on the sequence is written.
//   document.position = workspace (18 bits) | sequence (33) | ordinal within the command (12)
//   command.place     = workspace (18 bits) | outside (1)   | sequence, or a number of its own (39)
#pragma once

#include <cstdint>

#include "protocol/ids.h"

namespace outpost::server {

inline constexpr int kOrdinalBits = 12;
inline constexpr int kSequenceBits = 33;
inline constexpr int kPlaceBits = 40;
inline constexpr std::int64_t kWorkspacesMax = (std::int64_t{1} << 18) - 1;
inline constexpr std::int64_t kSequenceMax = (std::int64_t{1} << kSequenceBits) - 1;
inline constexpr std::int64_t kOrdinalMax = (std::int64_t{1} << kOrdinalBits) - 1;
// Commands that took no sequence (refusals, no-ops, aliases) are numbered apart, above all sequences.
inline constexpr std::int64_t kOutside = std::int64_t{1} << (kPlaceBits - 1);

inline std::int64_t PositionOf(std::int64_t workspace, std::int64_t seq, std::int64_t ordinal) {
  return (workspace << (kSequenceBits + kOrdinalBits)) | (seq << kOrdinalBits) | ordinal;
}
// The last position that belongs to `seq`: "everything up to and including it".
inline std::int64_t LastPositionOf(std::int64_t workspace, std::int64_t seq) {
  return PositionOf(workspace, seq, kOrdinalMax);
}
inline Sequence SequenceOfPosition(std::int64_t position) {
  return Sequence((position >> kOrdinalBits) & kSequenceMax);
}

inline std::int64_t PlaceOf(std::int64_t workspace, std::int64_t number) { return (workspace << kPlaceBits) | number; }
inline std::int64_t FirstPlace(std::int64_t workspace) { return PlaceOf(workspace, 0); }
inline std::int64_t LastPlace(std::int64_t workspace) { return PlaceOf(workspace + 1, 0) - 1; }
// 0 for a command without a sequence.
inline Sequence SequenceOfPlace(std::int64_t place) {
  const std::int64_t number = place & (2 * kOutside - 1);
  return Sequence(number >= kOutside ? 0 : number);
}

}  // namespace outpost::server

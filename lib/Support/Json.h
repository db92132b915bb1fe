//===- Json.h - strict JSON -----------------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A small JSON reader for files that may be hostile: RFC 8259 exactly, bounded depth and
// size, no duplicate keys, valid UTF-8, no exceptions but bad_alloc; and the one function
// needed to write JSON. The runtime cannot take a library for this.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_SUPPORT_JSON_H
#define OPTC_SUPPORT_JSON_H

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace optc::json {

enum class Kind : uint8_t { Null, Bool, Int, Number, String, Array, Object };

struct Value {
  Kind kind = Kind::Null;
  bool boolean = false;
  int64_t integer = 0;           ///< Int: written without fraction or exponent, fits 64 bits
  std::string text;              ///< String; Number: as written
  std::vector<Value> items;      ///< Array; Object: the values, in order
  std::vector<std::string> keys; ///< Object: one per item

  /// The member of an object, or null when there is none or this is no object.
  const Value *find(std::string_view key) const;
  /// Equal values, members in the same order.
  bool operator==(const Value &other) const;
};

/// Parses the whole text. On failure returns false and says in `why` what is wrong and where.
bool parse(std::string_view text, Value &value, std::string &why);

/// The text in quotes, with everything escaped that must be.
std::string quote(std::string_view text);

} // namespace optc::json

#endif // OPTC_SUPPORT_JSON_H

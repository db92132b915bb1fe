//===- Messages.cpp - text of the file made fit for messages ------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Names and ONNX's own messages hold whatever the author of the file wrote: megabytes,
// terminal control sequences, bytes that are not UTF-8.
//
//===----------------------------------------------------------------------===//
#include "lib/Import/Onnx/Loader/Failure.h"

namespace optc::onnximport {

/// Bytes of the UTF-8 sequence at `at`, 0 if it is not one. Surrogates and overlong forms are
/// not told apart: they print.
static size_t sequenceLength(const std::string &text, size_t at) {
  auto lead = static_cast<unsigned char>(text[at]);
  size_t length = lead < 0x80   ? 1
                  : lead < 0xc2 ? 0
                  : lead < 0xe0 ? 2
                  : lead < 0xf0 ? 3
                  : lead < 0xf5 ? 4
                                : 0;
  for (size_t i = 1; i < length; ++i)
    if (at + i >= text.size() || (static_cast<unsigned char>(text[at + i]) & 0xc0) != 0x80)
      return 0;
  return length;
}

bool isUtf8(const std::string &text) {
  for (size_t at = 0; at < text.size();) {
    size_t length = sequenceLength(text, at);
    if (length == 0)
      return false;
    at += length;
  }
  return true;
}

std::string printable(const std::string &text, size_t maxBytes) {
  std::string shown;
  for (size_t at = 0; at < text.size();) {
    size_t length = sequenceLength(text, at);
    if (shown.size() + length > maxBytes)
      return shown + "...";
    auto byte = static_cast<unsigned char>(text[at]);
    if (byte == '\n')
      shown += ' ';
    else if (length == 0 || byte < 0x20 || byte == 0x7f)
      shown += '?';
    else
      shown.append(text, at, length);
    at += length ? length : 1;
  }
  return shown;
}

std::string quote(const std::string &name) {
  constexpr size_t maxShown = 120;
  return "'" + printable(name, maxShown) + "'";
}

} // namespace optc::onnximport

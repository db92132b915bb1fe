//===- TokenizerJson.h - tokenizer.json to a tokenizer image -------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reads the file in which the package `tokenizers` and the models of Hugging Face keep a tokenizer,
// and writes the image that the runtime maps. Equal files give equal images. What is not known is
// refused by name.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_TOKENIZER_IMPORT_TOKENIZERJSON_H
#define OPTC_TOKENIZER_IMPORT_TOKENIZERJSON_H

#include "lib/Support/Errors.h"

#include <string>
#include <string_view>

namespace optc::tokenizer {

/// `json`: the whole file.
Error importTokenizer(std::string_view json, std::string &image);

} // namespace optc::tokenizer

#endif // OPTC_TOKENIZER_IMPORT_TOKENIZERJSON_H

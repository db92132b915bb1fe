//===- EinsumEquation.cpp - the equation of an Einsum node ---------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See EinsumEquation.h. The rules are numpy's, which ONNX refers to.
//
//===----------------------------------------------------------------------===//
#include "lib/Import/Onnx/EinsumEquation.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/Twine.h"

using namespace mlir;
using namespace optc::onnximport;

std::string optc::onnximport::nameOf(EinsumLabel label) {
  if (label < ellipsisLabel(0))
    return "'" + std::string(1, static_cast<char>(label)) + "'";
  return "'...', " + std::to_string(label - ellipsisLabel(0)) + " before its last,";
}

namespace {
/// One term as it is written.
struct Term {
  std::string before, after; ///< letters on both sides of "..."
  bool hasEllipsis = false;

  size_t numLetters() const { return before.size() + after.size(); }
  std::string letters() const { return before + after; }
  EinsumLabels labels(size_t ellipsisRank) const {
    EinsumLabels all(before.begin(), before.end());
    for (size_t i = hasEllipsis ? ellipsisRank : 0; i-- > 0;)
      all.push_back(ellipsisLabel(i));
    all.append(after.begin(), after.end());
    return all;
  }
};

class Parser {
public:
  Parser(StringRef text, std::string &error) : text(text), error(error) {}

  FailureOr<EinsumEquation> parse(ArrayRef<int64_t> ranks);

private:
  LogicalResult fail(const Twine &what) {
    error = ("its equation '" + text + "' " + what).str();
    return failure();
  }
  FailureOr<Term> parseTerm(StringRef term);
  LogicalResult parseOperands(StringRef terms, ArrayRef<int64_t> ranks);
  LogicalResult parseResult(StringRef term);
  void findResult();

  StringRef text;
  std::string &error;
  SmallVector<Term> terms;
  size_t ellipsisRank = 0; ///< of the operand for which "..." is longest
  EinsumEquation equation;
};
} // namespace

FailureOr<Term> Parser::parseTerm(StringRef term) {
  Term result;
  for (size_t i = 0; i < term.size(); ++i) {
    if (term[i] == ' ')
      continue;
    if (llvm::isAlpha(term[i])) {
      (result.hasEllipsis ? result.after : result.before).push_back(term[i]);
    } else if (term.substr(i).starts_with("...") && !result.hasEllipsis) {
      result.hasEllipsis = true;
      i += 2;
    } else {
      return fail("has '" + term.substr(i, 1) +
                  "' at a place where only letters and one '...' can be");
    }
  }
  return result;
}

LogicalResult Parser::parseOperands(StringRef text, ArrayRef<int64_t> ranks) {
  SmallVector<StringRef> parts;
  text.split(parts, ',');
  if (parts.size() != ranks.size())
    return fail("has " + Twine(parts.size()) + " terms, the node has " + Twine(ranks.size()) +
                " operands");
  for (auto [i, part] : llvm::enumerate(parts)) {
    FailureOr<Term> term = parseTerm(part);
    if (failed(term))
      return failure();
    auto rank = static_cast<size_t>(ranks[i]);
    if (term->hasEllipsis ? rank < term->numLetters() : rank != term->numLetters())
      return fail("names " + Twine(term->numLetters()) + " dimensions of operand " + Twine(i) +
                  ", which has rank " + Twine(rank));
    equation.operands.push_back(term->labels(rank - term->numLetters()));
    ellipsisRank = std::max(ellipsisRank, rank - term->numLetters());
    terms.push_back(*term);
  }
  return success();
}

LogicalResult Parser::parseResult(StringRef part) {
  FailureOr<Term> result = parseTerm(part);
  if (failed(result))
    return failure();
  if (!result->hasEllipsis && ellipsisRank)
    return fail("has no '...' in its result, but the '...' of an operand stands for dimensions");
  std::string letters = result->letters();
  for (char letter : letters) {
    if (llvm::count(letters, letter) > 1)
      return fail("has '" + Twine(letter) + "' twice in its result");
    if (llvm::none_of(terms,
                      [&](const Term &term) { return llvm::is_contained(term.letters(), letter); }))
      return fail("has '" + Twine(letter) + "' in its result only");
  }
  equation.result = result->labels(ellipsisRank);
  return success();
}

/// Without "->": what "..." stands for, then the letters that occur once, as they are ordered.
void Parser::findResult() {
  std::string all;
  for (const Term &term : terms)
    all += term.letters();
  Term result;
  result.hasEllipsis = true;
  for (char letter : all)
    if (llvm::count(all, letter) == 1)
      result.after.push_back(letter);
  llvm::sort(result.after);
  equation.result = result.labels(ellipsisRank);
}

FailureOr<EinsumEquation> Parser::parse(ArrayRef<int64_t> ranks) {
  auto [operands, result] = text.split("->");
  if (failed(parseOperands(operands, ranks)))
    return failure();
  if (!text.contains("->"))
    findResult();
  else if (failed(parseResult(result)))
    return failure();
  return equation;
}

FailureOr<EinsumEquation> EinsumEquation::parse(StringRef text, ArrayRef<int64_t> ranks,
                                                std::string &error) {
  return Parser(text, error).parse(ranks);
}

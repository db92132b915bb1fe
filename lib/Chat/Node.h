//===- Node.h - a chat template as a tree --------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One kind of node for statements and expressions.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_CHAT_NODE_H
#define OPTC_CHAT_NODE_H

#include "lib/Chat/Value.h"

#include <string>
#include <vector>

namespace optc::chat {

struct Node {
  enum Kind {
    // statements; the last child of For, If and so on is a Body
    Body,   ///< children in order
    Text,   ///< text
    Output, ///< children: expression
    If,     ///< children: condition, body, condition, body, ..., body of else if odd
    For,    ///< names: targets; children: list, condition or Absent, body, body of else or Absent
    Set,    ///< names: targets; children: value
    SetMember, ///< text: namespace, names: member; children: value
    SetBody,   ///< names: target; children: body
    Macro,     ///< text: its name; names: parameters; children: defaults or Absent, body
    Break,
    Continue,
    // expressions
    Absent,
    Literal,   ///< value
    Name,      ///< text
    ListOf,    ///< children
    TupleOf,   ///< children
    DictOf,    ///< children: key, value, ...
    Attribute, ///< children: object; text
    Subscript, ///< children: object, index
    Slice,     ///< children: object, start, stop, step, each or Absent
    Call,      ///< children: function, arguments; names: of arguments, "" for those without
    Filter,    ///< text; children: value, arguments; names
    Test,      ///< text; children: value, arguments
    Unary,     ///< text: "not", "-", "+"; children: value
    Binary,    ///< text; children: two values
    Compare,   ///< names: operators; children: one more
    Condition  ///< children: condition, value, other value or Absent
  };
  Kind kind = Absent;
  int line = 0;
  std::string text;
  std::vector<std::string> names;
  std::vector<Node> children;
  Value value;
};

/// Whether a filter, a test, a global function is known: others are refused when a template is
/// read.
bool isFilter(const std::string &name);
bool isTest(const std::string &name);

} // namespace optc::chat

#endif // OPTC_CHAT_NODE_H

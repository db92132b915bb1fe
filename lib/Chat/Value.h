//===- Value.h - values of chat templates --------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What expressions compute: the values of Python that templates meet. Lists and dictionaries are
// shared and do not change, but for namespaces.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_CHAT_VALUE_H
#define OPTC_CHAT_VALUE_H

#include "lib/Support/Json.h"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace optc::chat {

struct Node;
struct Value;
using List = std::vector<Value>;
using Dict = std::vector<std::pair<std::string, Value>>;

struct Value {
  enum Kind : uint8_t {
    Undefined,
    None,
    Bool,
    Int,
    Float,
    String,
    ListKind,
    TupleKind,
    DictKind,
    Namespace,
    Function, ///< of the name `text`; a method has its object in `list`
    Macro
  };
  Kind kind = Undefined;
  bool boolean = false;
  int64_t integer = 0;
  double real = 0;
  std::string text; ///< String, Function; Undefined: the name that is
  std::shared_ptr<List> list;
  std::shared_ptr<Dict> dict;
  const Node *macro = nullptr;

  static Value none() { return of(None); }
  static Value of(Kind kind) {
    Value value;
    value.kind = kind;
    return value;
  }
  static Value of(bool boolean) {
    Value value = of(Bool);
    value.boolean = boolean;
    return value;
  }
  static Value of(int64_t integer) {
    Value value = of(Int);
    value.integer = integer;
    return value;
  }
  static Value of(double real) {
    Value value = of(Float);
    value.real = real;
    return value;
  }
  static Value of(std::string text, Kind kind = String) {
    Value value = of(kind);
    value.text = std::move(text);
    return value;
  }
  static Value of(List items, Kind kind = ListKind) {
    Value value = of(kind);
    value.list = std::make_shared<List>(std::move(items));
    return value;
  }
  static Value of(Dict members, Kind kind = DictKind) {
    Value value = of(kind);
    value.dict = std::make_shared<Dict>(std::move(members));
    return value;
  }

  bool isNumber() const { return kind == Int || kind == Float || kind == Bool; }
  bool isList() const { return kind == ListKind || kind == TupleKind; }
  double number() const { return kind == Float ? real : kind == Bool ? boolean : double(integer); }
  int64_t whole() const { return kind == Bool ? boolean : integer; }
  bool truth() const;
  /// The member of a dictionary, or null.
  const Value *find(const std::string &key) const;
  /// "list" and so on, for messages.
  std::string kindName() const;
};

bool equal(const Value &a, const Value &b);
/// str() and repr() of Python.
std::string textOf(const Value &value);
std::string reprOf(const Value &value);
/// json.dumps of Python, without escapes for what is not ASCII; `indent` < 0 for one line. False if
/// it has what JSON does not.
bool toJson(const Value &value, int indent, bool sortKeys, std::string &out, int depth = 0);
Value fromJson(const json::Value &value);
/// A string as a list of its characters.
List charactersOf(const std::string &text);

} // namespace optc::chat

#endif // OPTC_CHAT_VALUE_H

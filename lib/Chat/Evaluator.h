//===- Evaluator.h - running a chat template -----------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Walks the tree of a template. The first error ends it: functions return what they have, and loops
// stop, once `error` is set. Steps, output and depth are bounded.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_CHAT_EVALUATOR_H
#define OPTC_CHAT_EVALUATOR_H

#include "lib/Chat/Node.h"
#include "lib/Support/Errors.h"

#include <ctime>
#include <map>
#include <string>
#include <vector>

namespace optc::chat {

/// Arguments of a call: by place, and by name.
struct Arguments {
  List places;
  std::map<std::string, Value> names;

  /// The argument at a place or of a name, or null.
  const Value *find(size_t place, const char *name) const {
    if (place < places.size())
      return &places[place];
    auto found = names.find(name);
    return found == names.end() ? nullptr : &found->second;
  }
};

class Evaluator {
public:
  Evaluator(const Value &variables, std::time_t now, std::string &out);

  void run(const Node &root) { statement(root); }

  Error error;

  // What filters, tests and methods need.
  Value fail(const std::string &what);
  Value callFilter(const std::string &name, const Value &value, const Arguments &arguments);
  bool callTest(const std::string &name, const Value &value, const Arguments &arguments);
  /// The items of a list, characters of a string, keys of a dictionary.
  bool items(const Value &value, List &out);
  bool contains(const Value &container, const Value &value);
  bool less(const Value &a, const Value &b);
  Value attribute(const Value &object, const std::string &name);
  Value binary(const std::string &name, const Value &a, const Value &b);

private:
  enum class Flow { Normal, Break, Continue };
  using Scope = std::map<std::string, Value>;

  void statement(const Node &node);
  void conditional(const Node &node);
  void loop(const Node &node);
  bool iterate(const Node &node, const List &list);
  Value loopVariable(const List &list, size_t index) const;
  void assign(const std::vector<std::string> &names, const Value &value);
  void setMember(const Node &node);
  std::string bodyText(const Node &body);

  Value evaluate(const Node &node);
  Value name(const std::string &name);
  Value condition(const Node &node);
  Value compare(const Node &node);
  Value literalDict(const Node &node);
  Value unary(const Node &node);
  Value subscript(const Value &object, const Value &index);
  Value slice(const Node &node);
  Value call(const Node &node);
  Value callMacro(const Node &macro, const Arguments &arguments);
  Value callFunction(const std::string &name, const Arguments &arguments);
  Value callMethod(const Value &object, const std::string &name, const Arguments &arguments);
  Value dictMethod(const Value &object, const std::string &name, const Arguments &arguments);
  Value stringMethod(const std::string &text, const std::string &name, const Arguments &arguments);
  Value range(const Arguments &arguments);
  Arguments argumentsOf(const Node &node);

  std::vector<Scope> scopes;
  std::time_t now;
  std::string *out;
  Flow flow = Flow::Normal;
  size_t steps = 0;
  unsigned depth = 0;
  int line = 0;
};

} // namespace optc::chat

#endif // OPTC_CHAT_EVALUATOR_H

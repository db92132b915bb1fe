//===- Decisions.h - what the passes decided ------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Listens to the optimization remarks of the passes (lib/IR/Remarks.h) and groups equal
// ones: a decision is taken for many nodes. The groups are as many as there are passes, ops
// and reasons, whatever the size of the model.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_DRIVER_DECISIONS_H
#define OPTC_DRIVER_DECISIONS_H

#include "mlir/IR/Location.h"
#include "mlir/IR/MLIRContext.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace optc::driver {

struct Decision {
  std::string stage, pass;
  bool isMade; ///< or refused, for `reason`
  std::string what, op, with, reason;
  /// The ONNX nodes of each time, "conv1 + relu1", in natural order; what was made
  /// several times of equal nodes repeats.
  std::vector<std::string> nodes;
};

class DecisionCollector {
public:
  /// Listens until the context ends.
  explicit DecisionCollector(mlir::MLIRContext &context);
  /// What is decided from now on is of this stage.
  void beginStage(std::string name);
  /// All decisions, by stage in order, then sorted: threads do not change the order.
  std::vector<Decision> take();

private:
  struct State;
  class Streamer;
  std::shared_ptr<State> state;
};

} // namespace optc::driver

#endif // OPTC_DRIVER_DECISIONS_H

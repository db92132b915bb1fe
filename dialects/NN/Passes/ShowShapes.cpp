//===- ShowShapes.cpp - what shape inference knows, as remarks -----------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The facts of SymbolicShapes are in no attribute of the IR. This pass makes them visible, for
// tests and for the question why two sizes are not known to be equal.
//
//===----------------------------------------------------------------------===//
#include "dialects/NN/Passes/Passes.h"

namespace optc::nn {
#define GEN_PASS_DEF_NNSHOWSHAPES
#include "dialects/NN/NNPasses.h.inc"
} // namespace optc::nn

using namespace mlir;
using namespace optc::nn;

static std::string textOf(ArrayRef<DimExpr> list, const SymbolicShapes &shapes);

/// "N", "s3" for a symbol without name, "(2 * N + s3)", "join[s0, s1]".
static std::string textOf(DimExpr expr, const SymbolicShapes &shapes) {
  using Kind = SymbolicShapes::Symbol::Kind;
  if (auto value = getConstant(expr))
    return std::to_string(*value);
  if (const SymbolicShapes::Symbol *symbol = shapes.getSymbol(expr)) {
    if (!symbol->parts.empty())
      return (symbol->kind == Kind::Joined   ? "join"
              : symbol->kind == Kind::Least  ? "least"
              : symbol->kind == Kind::Sliced ? "slice"
                                             : "positive") +
             textOf(symbol->parts, shapes);
    if (!symbol->name.empty())
      return symbol->name;
    return "s" + std::to_string(cast<AffineSymbolExpr>(expr).getPosition());
  }
  auto binary = cast<AffineBinaryOpExpr>(expr);
  StringRef sign = binary.getKind() == AffineExprKind::Add        ? " + "
                   : binary.getKind() == AffineExprKind::Mul      ? " * "
                   : binary.getKind() == AffineExprKind::FloorDiv ? " / "
                   : binary.getKind() == AffineExprKind::Mod      ? " % "
                                                                  : " ceil/ ";
  return ("(" + textOf(binary.getLHS(), shapes) + sign + textOf(binary.getRHS(), shapes) + ")")
      .str();
}

static std::string textOf(ArrayRef<DimExpr> list, const SymbolicShapes &shapes) {
  auto texts = llvm::map_range(list, [&](DimExpr expr) { return textOf(expr, shapes); });
  return "[" + llvm::join(texts, ", ") + "]";
}

namespace {
struct ShowShapes : optc::nn::impl::NNShowShapesBase<ShowShapes> {
  void runOnOperation() override {
    SymbolicShapes shapes(&getContext());
    if (failed(inferFunction(getOperation(), shapes)))
      return signalPassFailure();
    getOperation().walk([&](SymbolicShapeOpInterface op) {
      if (op->hasTrait<OpTrait::ConstantLike>())
        return;
      for (Value result : op->getResults()) {
        std::string text = "shape " + textOf(shapes.getShape(result), shapes);
        if (shapes.hasDerivedContents(result))
          text += ", elements " + textOf(*shapes.getContents(result), shapes);
        op->emitRemark() << text;
      }
    });
  }
};
} // namespace

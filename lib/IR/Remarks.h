//===- Remarks.h - what passes tell of their decisions --------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// MLIR's optimization remarks under one convention, so that the report of a compilation
// (`optc build --report`, report.json) can count and name them: the category is the pass,
// the name what it makes ("epilogue"), `op` and `with` are the ops it concerns and `reason`
// says why it was refused. ONNX nodes come from the locations. Reasons are fixed texts: the
// report groups by them. Costs nothing where nobody listens; `optc-opt --remarks-filter=.*
// --remark-format=emitRemark` prints them.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_IR_REMARKS_H
#define OPTC_IR_REMARKS_H

#include "mlir/IR/Operation.h"
#include "mlir/IR/Remarks.h"

namespace optc {

namespace remarks {
inline constexpr llvm::StringLiteral opKey = "op";
inline constexpr llvm::StringLiteral withKey = "with";
inline constexpr llvm::StringLiteral reasonKey = "reason";

inline mlir::remark::RemarkOpts options(llvm::StringRef pass, llvm::StringRef what) {
  return mlir::remark::RemarkOpts::name(what).category(pass);
}

inline mlir::Location locationOf(mlir::Operation *op, mlir::Operation *with) {
  return with ? mlir::FusedLoc::get(op->getContext(), {op->getLoc(), with->getLoc()})
              : op->getLoc();
}

inline void addOps(mlir::remark::detail::InFlightRemark &remark, mlir::Operation *op,
                   mlir::Operation *with) {
  remark << mlir::remark::metric(opKey, op->getName().getStringRef());
  if (with)
    remark << mlir::remark::metric(withKey, with->getName().getStringRef());
}
} // namespace remarks

/// `pass` made `what` of `op`, or of `op` and `with`.
inline void remarkMade(llvm::StringRef pass, llvm::StringRef what, mlir::Operation *op,
                       mlir::Operation *with = nullptr) {
  if (auto remark =
          mlir::remark::passed(remarks::locationOf(op, with), remarks::options(pass, what)))
    remarks::addOps(remark, op, with);
}

/// The same with the reason for the choice.
inline void remarkMade(llvm::StringRef pass, llvm::StringRef what, mlir::Operation *op,
                       llvm::StringRef reason) {
  auto remark = mlir::remark::passed(op->getLoc(), remarks::options(pass, what));
  if (!remark)
    return;
  remarks::addOps(remark, op, nullptr);
  remark << mlir::remark::metric(remarks::reasonKey, reason);
}

/// `pass` did not make `what` of `op` and `with`, because of `reason`.
inline void remarkRefused(llvm::StringRef pass, llvm::StringRef what, mlir::Operation *op,
                          mlir::Operation *with, llvm::StringRef reason) {
  auto remark = mlir::remark::missed(remarks::locationOf(op, with), remarks::options(pass, what));
  if (!remark)
    return;
  remarks::addOps(remark, op, with);
  remark << mlir::remark::metric(remarks::reasonKey, reason);
}

inline void remarkRefused(llvm::StringRef pass, llvm::StringRef what, mlir::Operation *op,
                          llvm::StringRef reason) {
  remarkRefused(pass, what, op, nullptr, reason);
}

} // namespace optc

#endif // OPTC_IR_REMARKS_H

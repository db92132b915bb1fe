//===- KernelWork.h - what the kernels of an entry are and do -------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Finds the kernels of bufferized code and counts their work, in sizes traced back through views
// to what they were made of, so that equal sizes are equal values. CountWork.cpp makes a
// function of the counts, and the table of names for the profile.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_PROFILE_KERNELWORK_H
#define OPTC_PROFILE_KERNELWORK_H

#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/Value.h"

namespace optc::profile {

/// A size known when the code runs: an index or, with `dim` not negative, that dim of a memref.
struct Size {
  mlir::Value value;
  int64_t dim = -1;
  bool operator==(const Size &other) const { return value == other.value && dim == other.dim; }
};

/// constant * sizes[0] * sizes[1] ...
struct Monomial {
  double constant = 1;
  llvm::SmallVector<Size> sizes;
};

/// A sum of products, with one product per set of sizes.
class Sum {
public:
  void add(const Monomial &product);
  /// Multiplies by a size.
  void scale(mlir::OpFoldResult size);
  llvm::ArrayRef<Monomial> products() const { return terms; }

private:
  llvm::SmallVector<Monomial> terms;
};

/// The counts of ModuleAbi.h, in its order.
enum Count { MultiplyAdds, Operations, Bytes, numCounts };
using Counts = std::array<Sum, numCounts>;

/// A linalg or kernel op on memrefs that computes or moves data, or several of them on tiles.
bool isKernel(mlir::Operation *op);

/// The kind of kernel, for people: "conv 3x3", "elementwise".
std::string familyOf(mlir::Operation *op);

/// The work of one execution. False when the op does not tell it.
bool countWork(mlir::Operation *op, Counts &counts);

} // namespace optc::profile

#endif // OPTC_PROFILE_KERNELWORK_H

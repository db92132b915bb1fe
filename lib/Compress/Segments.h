//===- Segments.h - a model cut where products read something new -------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A model is cut in front of the first product of each value, into programs that are run one after
// the other: what products read is known then before their weights are rounded, of the model and of
// what was made of it so far.
//
// Weights of products, their data, and the parameters of elementwise ops are inputs of a program,
// so that those of layers that are alike are the same. Example: the four segments of a layer of a
// decoder (attention; its output and a norm; the gate; the rest and the next norm) are compiled
// once, not for each of 30 layers.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_COMPRESS_SEGMENTS_H
#define OPTC_COMPRESS_SEGMENTS_H

#include "lib/Compress/Plan.h"
#include "mlir/IR/BuiltinOps.h"

namespace optc::compress {

/// What an input of a program gets.
struct SegmentInput {
  enum Kind : uint8_t {
    Value,    ///< what crosses over from earlier segments, or an input of the model
    Data,     ///< the same as products read it
    Weight,   ///< that of a site
    Parameter ///< a constant
  };
  Kind kind = Value;
  size_t number = 0; ///< of what crosses over, or of the site
  mlir::ElementsAttr parameter = {};
};

struct Segment {
  /// The module as MLIR bytecode: one function whose inputs are named by `segmentInputName`.
  std::string program;
  std::vector<SegmentInput> inputs;
  /// Numbers of values that later segments read, named by `segmentOutputName`.
  std::vector<size_t> outputs;
};

std::string segmentInputName(size_t index);
std::string segmentOutputName(size_t index);

struct Segments {
  /// One more than values that products read: the first is what comes before the first of these.
  std::vector<Segment> segments;
  /// The number, among what crosses over, of each value that products read.
  std::vector<size_t> values;
  /// The first numbers are those of the model's inputs; so many cross over in all.
  size_t crossing = 0;
  /// The last segment that reads what crosses over.
  std::vector<size_t> lastReader;
};

/// Of a simplified module with sites of a scheme with weights in blocks. What comes behind the
/// products of the last value is of no segment.
Segments cutIntoSegments(mlir::ModuleOp module, const Plan &plan);

/// The constant of a site, and what codes stand for in its order.
mlir::ElementsAttr weightOf(mlir::ModuleOp module, size_t site);
std::vector<float> valuesInOrder(mlir::ModuleOp module, size_t site, const BlockCodes &codes,
                                 const BlockFormat &format);

/// The program of what feedback needs: inputs "x" and "y" [rows, depth], outputs "gram" x^T x and
/// "cross" x^T y [depth, depth].
std::string gramProgram(int64_t depth);

} // namespace optc::compress

#endif // OPTC_COMPRESS_SEGMENTS_H

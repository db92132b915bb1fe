//===- Streams.h - a model, and what is made of it, segment by segment --------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Runs the segments of a model (Segments.h) with all samples, as the model is and with the weights
// that were rounded so far, on code compiled for this machine. Only what later segments read is
// kept.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_DRIVER_STREAMS_H
#define OPTC_DRIVER_STREAMS_H

#include "lib/Compress/Feedback.h"
#include "lib/Compress/Segments.h"
#include "lib/Driver/Compile.h"
#include "lib/Driver/Progress.h"
#include "lib/Driver/Session.h"

namespace optc::driver {

/// The weight of a site in the order of its constant.
struct StreamWeight {
  mlir::ElementsAttr real;
  std::vector<float> rounded; ///< empty: as it is
};

class Streams {
public:
  /// `roundedBlock`: data of products are rounded to bytes with a scale per so many; 0: they are
  /// not.
  Streams(compress::Segments segments, int64_t roundedBlock, const CompileOptions &options,
          Progress &progress);

  /// A sample with the inputs that a session of the model has.
  Error addSample(const Session &model);
  size_t countSegments() const { return segments.segments.size(); }
  /// Segments are to be run in order; `weightOf` gives that of a site.
  Error run(size_t segment, llvm::function_ref<StreamWeight(size_t site)> weightOf);
  /// Of what products read as the value behind the segment of this number.
  Error sumProducts(size_t value, compress::ProductSums &sums);

private:
  using Values = std::vector<std::shared_ptr<const Tensor>>;
  struct Sample {
    Values real, made; ///< by the number of what crosses over; null: not known yet, or any more
  };

  Error open(const std::string &program, Session *&session);
  Error runSample(const compress::Segment &segment, Session &session, const Values &values,
                  bool roundsData, Values &outputs);
  bool isSame(const compress::Segment &segment, const Sample &sample) const;
  std::shared_ptr<const Tensor> roundedData(const std::shared_ptr<const Tensor> &data) const;
  void forget(size_t segment);

  compress::Segments segments;
  int64_t roundedBlock;
  CompileOptions options;
  Progress &progress;
  std::vector<Sample> samples;
  std::map<std::string, std::unique_ptr<Session>> sessions; ///< by the program
};

} // namespace optc::driver

#endif // OPTC_DRIVER_STREAMS_H

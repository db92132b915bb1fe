//===- ModuleAbi.h - contract between generated code and the runtime -----===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a generated shared object exports and what it may call. The compiler and
// the runtime both include this file; nothing else is shared between them. Plain
// C, no dependency.
//
// A runtime runs the artifacts of all versions before it (test/artifact has one of each):
// - A new function goes to the end of RuntimeAbi.def. That raises no version: an object says
//   how many functions it knows (`num_api`), and an older runtime refuses it by that.
// - A function whose arguments or meaning change becomes a new function under a new name; the
//   old one stays where it is.
// - A change of a struct raises OPTC_MODULE_ABI_VERSION, and CodeLoader goes on reading the
//   older form, down to OPTC_MODULE_ABI_OLDEST.
// - What is appended to optc_module raises OPTC_MODULE_EXTENSION only: older objects say that
//   they do not have it.
//
// A generated object has no undefined symbol: it reaches the runtime (and libm,
// for double precision) through a table of function pointers in the order of
// RuntimeAbi.def, which the loader stores through `optc_module.api`.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_RUNTIME_MODULEABI_H
#define OPTC_RUNTIME_MODULEABI_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define OPTC_MODULE_ABI_VERSION 1
#define OPTC_MODULE_ABI_OLDEST 1
/// How much of the end of optc_module there is.
#define OPTC_MODULE_EXTENSION 1
/// Name of the one exported symbol, of type struct optc_module.
#define OPTC_MODULE_SYMBOL "optc_module"

/// One entry point. An `args` array holds one pointer per input, each to a memref
/// descriptor as MLIR lays it out: { void *allocated; void *aligned; int64_t offset;
/// int64_t sizes[rank]; int64_t strides[rank]; }, row-major contiguous, offset 0,
/// `aligned` at 64 bytes. Booleans are bytes 0/1; 4-bit types one element per byte.
struct optc_module_entry {
  const char *name;
  uint32_t num_inputs;
  uint32_t num_outputs;
  /// Buffers of the arena, and their lifetimes as pairs (first, last) of ticks, both
  /// inclusive: two buffers may share memory iff their intervals are disjoint.
  uint32_t num_buffers;
  uint32_t reserved;
  const int64_t *lifetimes;
  /// Stores the size in bytes of every arena buffer for these inputs. May read input
  /// shapes only, never input data.
  void (*sizes)(void **args, int64_t *bytes);
  /// Runs the model. `weights` is the mapped weights entry of the artifact; `arena` and
  /// `offsets` (bytes, multiples of 64, one per buffer) are the plan for these shapes.
  /// Outputs are requested through optc_rt_output. `context` is passed back to every
  /// call into the runtime.
  void (*run)(void *context, const void *weights, void *arena, const int64_t *offsets, void **args);
};

/// A kernel of an entry, for people.
struct optc_module_kernel {
  const char *names;  ///< of the ONNX nodes it computes, one per line
  const char *family; ///< "conv 3x3"
};

/// How much work a run of an entry is.
struct optc_module_work {
  /// Stores three numbers for the shapes of these inputs: products summed up (matmul,
  /// convolutions, reductions of products); other operations on elements, a function such as exp
  /// counting as one; bytes that the kernels read and write, each counting its operands once. Only
  /// for shapes a run has accepted.
  void (*count)(void **args, double *counts);
  uint32_t num_kernels;
  /// Kernels that are not in the counts, because data decides how much they do.
  uint32_t num_uncounted;
  /// [num_kernels] if the code calls optc_rt_profile_begin and _end, else null.
  const struct optc_module_kernel *kernels;
};

struct optc_module {
  uint32_t abi_version;
  uint32_t num_entries;
  const struct optc_module_entry *entries;
  /// Where the loader stores the table of RuntimeAbi.def before the first call.
  const void *const **api;
  /// Number of functions of RuntimeAbi.def the object was compiled against: the loader
  /// refuses an object that wants more than it has.
  uint32_t num_api;
  /// OPTC_MODULE_EXTENSION of the compiler; 0 in objects that end here.
  uint32_t extension;
  /// Since extension 1, one per entry.
  const struct optc_module_work *work;
};

#ifdef __cplusplus
}
#endif

#endif // OPTC_RUNTIME_MODULEABI_H

//===- RuntimeAbi.h - functions generated code calls ----------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The runtime's side of RuntimeAbi.def. `context` is the execution context of the
// running call. Sizes are in elements or bytes as said; no function throws.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_RUNTIME_RUNTIMEABI_H
#define OPTC_RUNTIME_RUNTIMEABI_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// The memory of output `index` with this shape: contiguous, 64-byte aligned (never null,
/// also for zero elements). Called once per output and run, on the calling thread. Fails
/// the run when the shape does not fit a buffer the caller preallocated.
void *optc_rt_output(void *context, int64_t index, int64_t rank, const int64_t *dims);

/// optc_rt_scratch of a node without name. Older artifacts call it, new ones do not.
void *optc_rt_alloc(void *context, int64_t bytes);

/// `bytes` of 64-byte aligned scratch, freed when the run ends (also by failure). `node` is the
/// name of the ONNX node it is for, for messages, or null.
void *optc_rt_scratch(void *context, int64_t bytes, const char *node);

/// Gives back memory of optc_rt_scratch before the run ends; other addresses are ignored.
void optc_rt_free(void *context, void *memory);

/// Calls fn(args, lo, hi) on disjoint ranges that cover [0, trip), on the context's
/// threads and the caller. `cost` estimates one item in units of 1 ns at one thread: below
/// a few us in total the caller does it all.
void optc_rt_parallel(void *context, void (*fn)(void *args, int64_t lo, int64_t hi), void *args,
                      int64_t trip, int64_t cost);

/// Ends the run with an error; does not return. `message` is text with the name of the
/// ONNX node; `{0}` and `{1}` in it stand for `a` and `b`. Only on the calling thread.
void optc_rt_fail(void *context, const char *message, int64_t a, int64_t b);

/// Marks the run as failed (the first message wins) and returns, for use inside parallel
/// loops, where the code goes on with a clamped index.
void optc_rt_index_error(void *context, const char *message, int64_t index, int64_t size);

/// Stable argsort of rows: `keys` is [rows][count] of `type` (0 f32, 1 f64, 2 i8, 3 i16, 4 i32,
/// 5 i64, 6 u8, 7 u16, 8 u32, 9 u64, 10 f16, 11 bf16), `order` is [rows][k] and receives the
/// first k positions of each row's ascending (descending if `descending`) order; NaN is largest.
void optc_rt_argsort(void *context, const void *keys, int64_t *order, int64_t rows, int64_t count,
                     int64_t k, int64_t type, int64_t descending);

/// A new list of rows, which all have the same size. With the first one it gets memory for
/// `expected` rows, 0 if their number is not known. Freed when the run ends, if not by
/// optc_rt_take.
void *optc_rt_list(void *context, int64_t expected);

/// Appends a copy of `bytes` at `row`; `node` as above. Only on the calling thread.
void optc_rt_append(void *context, void *list, const void *row, int64_t bytes, const char *node);

/// Copies the rows of the list to `target`, one behind the other, and frees the list.
void optc_rt_take(void *context, void *list, void *target);

/// A kernel begins; only on the calling thread, in code built to be profiled.
void optc_rt_profile_begin(void *context);

/// The kernel that began last has ended: it is number `kernel` of the entry, and did this much
/// (in the terms of optc_module_work).
void optc_rt_profile_end(void *context, int64_t kernel, double multiplyAdds, double operations,
                         double bytes);

#ifdef __cplusplus
}
#endif

#endif // OPTC_RUNTIME_RUNTIMEABI_H

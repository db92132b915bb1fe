/*===- optc/runtime.h - run compiled models ---------------------------------===*\
|*                                                                              *|
|* Part of optc, under the Apache License v2.0 with LLVM Exceptions.            *|
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                      *|
|*                                                                              *|
|*===------------------------------------------------------------------------===*|
|*                                                                              *|
|* The C interface of liboptc_runtime: open an artifact (.optc), make contexts, *|
|* set inputs, run, read outputs. Within a major version it only grows. All     *|
|* functions are available since 0.1 unless they say otherwise.                 *|
|*                                                                              *|
|* Errors: a function that can fail returns null, or an error object the caller *|
|* destroys. Nothing here prints, exits or throws. Handles may be null where a  *|
|* function destroys them.                                                      *|
|*                                                                              *|
|* Threads: a model may be used by any number of threads; a context by one at a *|
|* time. Contexts of one model share its code and weights.                      *|
|*                                                                              *|
\*===------------------------------------------------------------------------===*/
#ifndef OPTC_RUNTIME_H
#define OPTC_RUNTIME_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define OPTC_API __attribute__((visibility("default")))
#else
#define OPTC_API
#endif

typedef struct optc_error optc_error;
typedef struct optc_model optc_model;
typedef struct optc_context optc_context;

/** Element types, with their numbers in onnx.TensorProto.DataType. Types narrower than a
 *  byte hold one element per byte, in the low bits, the high bits zero. */
typedef enum optc_dtype {
  OPTC_FLOAT = 1,
  OPTC_UINT8 = 2,
  OPTC_INT8 = 3,
  OPTC_UINT16 = 4,
  OPTC_INT16 = 5,
  OPTC_INT32 = 6,
  OPTC_INT64 = 7,
  OPTC_BOOL = 9,
  OPTC_FLOAT16 = 10,
  OPTC_DOUBLE = 11,
  OPTC_UINT32 = 12,
  OPTC_UINT64 = 13,
  OPTC_COMPLEX64 = 14,
  OPTC_COMPLEX128 = 15,
  OPTC_BFLOAT16 = 16,
  OPTC_FLOAT8E4M3FN = 17,
  OPTC_FLOAT8E4M3FNUZ = 18,
  OPTC_FLOAT8E5M2 = 19,
  OPTC_FLOAT8E5M2FNUZ = 20,
  OPTC_UINT4 = 21,
  OPTC_INT4 = 22,
  OPTC_FLOAT4E2M1 = 23,
  OPTC_FLOAT8E8M0 = 24,
  OPTC_UINT2 = 25,
  OPTC_INT2 = 26,
  OPTC_FLOAT6E2M3 = 27,
  OPTC_FLOAT6E3M2 = 28
} optc_dtype;

/** An input or output as the model declares it. The model owns everything in it. */
typedef struct optc_tensor_info {
  const char *name;
  int32_t dtype;              /**< an optc_dtype */
  int32_t rank;               /**< -1: not known before a run (outputs only) */
  const int64_t *dims;        /**< [rank], -1 where any size is accepted */
  const char *const *symbols; /**< [rank], null where fixed or nameless; equal names are
                                   equal sizes in one run */
} optc_tensor_info;

/** A tensor in row-major order without gaps. */
typedef struct optc_tensor {
  int32_t dtype; /**< an optc_dtype */
  int32_t rank;
  const int64_t *dims; /**< [rank] */
  const void *data;
} optc_tensor;

/** Set struct_size to sizeof(optc_model_options), and what is not wanted to zero. */
typedef struct optc_model_options {
  size_t struct_size;
  int32_t verify_weights; /**< check the digest of the weights, too; reads all of them */
  int32_t huge_pages;     /**< copy the weights into huge pages: more memory, but faster for
                               models that are limited by memory bandwidth */
  const char *level;      /**< "x86-64-v3": use this code; null: the best this CPU runs */
} optc_model_options;

/** A thread pool of the caller: calls body(arg, index) once for every index in [0, trip), on
 *  any threads, the calling one included, in any order, and returns when all calls have
 *  returned. `user` is parallel_for_user of the options. No exception may leave it. It is
 *  called from optc_context_run, on its thread; never by two threads for one context. */
typedef void (*optc_parallel_for)(void *user, int64_t trip, void (*body)(void *arg, int64_t index),
                                  void *arg);

/** Set struct_size to sizeof(optc_context_options), and what is not wanted to zero. */
typedef struct optc_context_options {
  size_t struct_size;
  uint32_t threads;               /**< including the caller of optc_context_run; 0: one per CPU */
  int32_t no_affinity;            /**< do not keep worker threads off the caller's CPU */
  optc_parallel_for parallel_for; /**< run loops on this pool, which has about `threads` threads;
                                       null: threads of the context's own */
  void *parallel_for_user;
} optc_context_options;

/** How much work a run is. Set struct_size to sizeof(optc_work). */
typedef struct optc_work {
  size_t struct_size;
  double multiply_adds; /**< products summed up, above all by matmul and convolutions, each two
                             floating-point operations; by the formula, whatever the method */
  double operations;    /**< other arithmetic on elements; exp and the like count as one */
  double bytes;         /**< read and written by the kernels, each counting its operands once */
  uint32_t kernels;     /**< the model has */
  uint32_t uncounted;   /**< of them, not in the numbers, because data decides how much they do */
} optc_work;

/** Time and work of one kernel, summed up since optc_context_profile_reset. */
typedef struct optc_kernel_profile {
  const char *nodes;  /**< names of the ONNX nodes it computes, one per line */
  const char *family; /**< "conv 3x3", "elementwise" */
  uint64_t calls;
  double seconds;
  double multiply_adds, operations, bytes; /**< as in optc_work */
} optc_kernel_profile;

/** "0.1.0"; static. */
OPTC_API const char *optc_version(void);

/*===-- Errors --------------------------------------------------------------===*/

/** The number of the error: 7005 of "OPTC-E7005". `optc explain` tells more about it. */
OPTC_API int optc_error_code(const optc_error *error);
/** "OPTC-E7005: ...", one or two lines; owned by the error. */
OPTC_API const char *optc_error_message(const optc_error *error);
OPTC_API void optc_error_destroy(optc_error *error);

/*===-- Models --------------------------------------------------------------===*/

/** Opens an artifact file, which must not change while the model is open. `options` may be
 *  null. The caller destroys `*model`. */
OPTC_API optc_error *optc_model_open(const char *path, const optc_model_options *options,
                                     optc_model **model);
/** The same from memory, which stays the caller's and must outlive the model and its
 *  contexts. */
OPTC_API optc_error *optc_model_open_memory(const void *data, size_t size,
                                            const optc_model_options *options, optc_model **model);
/** Contexts of the model stay valid; the memory is freed with the last of them. */
OPTC_API void optc_model_destroy(optc_model *model);

/** The level of the code in use, "x86-64-v4"; owned by the model. */
OPTC_API const char *optc_model_level(const optc_model *model);
/** Entry points; most models have one, number 0. */
OPTC_API size_t optc_model_entry_count(const optc_model *model);
/** Null when there is no such entry point; owned by the model. */
OPTC_API const char *optc_model_entry_name(const optc_model *model, size_t entry);
OPTC_API size_t optc_model_input_count(const optc_model *model, size_t entry);
OPTC_API size_t optc_model_output_count(const optc_model *model, size_t entry);
/** Null when there is no such input; owned by the model. */
OPTC_API const optc_tensor_info *optc_model_input(const optc_model *model, size_t entry,
                                                  size_t index);
OPTC_API const optc_tensor_info *optc_model_output(const optc_model *model, size_t entry,
                                                   size_t index);
/** The index of the input or output with this name, or -1. */
OPTC_API int64_t optc_model_find_input(const optc_model *model, size_t entry, const char *name);
OPTC_API int64_t optc_model_find_output(const optc_model *model, size_t entry, const char *name);

/** The value an input has in runs that do not set it, or null: such an input may be left out. Owned
 *  by the model. Since 0.2. */
OPTC_API const optc_tensor *optc_model_input_default(const optc_model *model, size_t entry,
                                                     size_t index);
/** Of an input that is a cache of a decoder the dim along which it grows, else -1. The memory of a
 *  cache is the caller's: it has room for as many tokens as that dim of the tensor says, what lies
 *  behind those that are cached need not be set, and a run writes those that it adds. Since 0.2. */
OPTC_API int64_t optc_model_cache_axis(const optc_model *model, size_t entry, size_t index);
/** The name of the index-th input of the ONNX model that is a constant of the artifact, because the
 *  model has a default for it; null beyond the last. Since 0.2. */
OPTC_API const char *optc_model_constant(const optc_model *model, size_t entry, size_t index);

/*===-- Contexts ------------------------------------------------------------===*/

/** Makes a context for one entry point. `options` may be null. The caller destroys it. */
OPTC_API optc_error *optc_context_create(optc_model *model, size_t entry,
                                         const optc_context_options *options,
                                         optc_context **context);
OPTC_API void optc_context_destroy(optc_context *context);

/** The number of threads of later runs, as in the options. */
OPTC_API optc_error *optc_context_set_threads(optc_context *context, uint32_t threads);
OPTC_API uint32_t optc_context_threads(const optc_context *context);

/** Sets an input for all later runs. Checks type, rank and fixed dimensions. The data stays the
 *  caller's, and must be there until the last run with it ends; dims are copied. Data aligned
 *  to 64 bytes is used in place, other data is copied at each run. */
OPTC_API optc_error *optc_context_set_input(optc_context *context, size_t index,
                                            const optc_tensor *tensor);
/** Has an output written to memory of the caller (not copied if aligned to 64 bytes) for all
 *  later runs; null data: back to memory of the context. */
OPTC_API optc_error *optc_context_bind_output(optc_context *context, size_t index, void *data,
                                              size_t size);
/** Runs the entry point. All inputs without a default must be set, and dimensions with equal
 * symbols be equal. */
OPTC_API optc_error *optc_context_run(optc_context *context);
/** An output of the last run, which must have succeeded. It is valid until the next run, or
 *  the end of the context. */
OPTC_API optc_error *optc_context_output(const optc_context *context, size_t index,
                                         optc_tensor *tensor);
/** The work of the last run, which must have succeeded; all zero from artifacts made by older
 *  compilers. */
OPTC_API optc_error *optc_context_work(const optc_context *context, optc_work *work);
/** Kernels in the profile: 0 unless the model was built with `--profile`. */
OPTC_API size_t optc_context_profile_size(const optc_context *context);
/** Null when there is no such kernel; owned by the context. */
OPTC_API const optc_kernel_profile *optc_context_profile(const optc_context *context, size_t index);
OPTC_API void optc_context_profile_reset(optc_context *context);
/** Bytes of activations the context holds for the shapes it has seen (arena and outputs). */
OPTC_API size_t optc_context_memory(const optc_context *context);

#ifdef __cplusplus
}
#endif

#endif /* OPTC_RUNTIME_H */

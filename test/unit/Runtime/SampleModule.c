//===- SampleModule.c - a stand-in for generated code ---------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A module as the compiler would make it, by hand: 'axpy' (arena, weights, loop, libm),
// 'check' (failures by the input's value, on and off loops), 'grow' (an output whose shape
// depends on data, scratch). 'axpy' tells its work and is built to be profiled. With
// OPTC_SAMPLE_OLD the module is one of a compiler before there was an extension.
//
//===----------------------------------------------------------------------===//
#include "lib/Runtime/ModuleAbi.h"

/* Modules of other versions are this one with other numbers. */
#ifndef SAMPLE_ABI_VERSION
#define SAMPLE_ABI_VERSION OPTC_MODULE_ABI_VERSION
#endif
#ifndef SAMPLE_NUM_API
#define SAMPLE_NUM_API tableSize
#endif

/* Places in the table: optc_rt_outputFn, expFn.. */
enum {
#define OPTC_RT(name, types) name##Fn,
#define OPTC_LIBM(name) name##Fn,
#include "lib/Runtime/RuntimeAbi.def"
  tableSize
};
static const void *const *api;

typedef void *(*OutputFn)(void *, int64_t, int64_t, const int64_t *);
typedef void *(*AllocFn)(void *, int64_t);
typedef void (*FreeFn)(void *, void *);
typedef void (*Body)(void *, int64_t, int64_t);
typedef void (*ParallelFn)(void *, Body, void *, int64_t, int64_t);
typedef void (*MessageFn)(void *, const char *, int64_t, int64_t);
typedef double (*MathFn)(double);
typedef void (*ProfileBeginFn)(void *);
typedef void (*ProfileEndFn)(void *, int64_t, double, double, double);

/* A memref: allocated, aligned, offset, sizes, strides. */
struct Memref {
  void *allocated;
  void *aligned;
  int64_t offset;
  int64_t sizes[1];
};

/* axpy: z = 2 * x + y + weights[0] + exp(0), with 2 * x and y + ... in arena buffers. */
struct Axpy {
  const float *x, *y, *weights;
  float *doubled, *shifted, *z;
  double one;
};

static void axpySizes(void **args, int64_t *bytes) {
  bytes[0] = bytes[1] = ((struct Memref *)args[0])->sizes[0] * 4;
}

#ifndef OPTC_SAMPLE_OLD
/* One multiply-add and two sums per element; reads x and y, writes z. */
static void axpyWork(void **args, double *counts) {
  double n = (double)((struct Memref *)args[0])->sizes[0];
  counts[0] = n;
  counts[1] = 2 * n;
  counts[2] = 12 * n;
}
#endif

static void axpyBody(void *data, int64_t lo, int64_t hi) {
  struct Axpy *a = data;
  for (int64_t i = lo; i < hi; ++i) {
    a->doubled[i] = 2 * a->x[i];
    a->shifted[i] = a->y[i] + a->weights[0] + (float)a->one;
    a->z[i] = a->doubled[i] + a->shifted[i];
  }
}

static void axpyRun(void *context, const void *weights, void *arena, const int64_t *offsets,
                    void **args) {
  struct Memref *x = args[0], *y = args[1];
  struct Axpy a = {x->aligned, y->aligned, weights, 0, 0, 0, 0};
  a.doubled = (float *)((char *)arena + offsets[0]);
  a.shifted = (float *)((char *)arena + offsets[1]);
  a.z = ((OutputFn)api[optc_rt_outputFn])(context, 0, 1, x->sizes);
  a.one = ((MathFn)api[expFn])(0.0);
#ifndef OPTC_SAMPLE_OLD
  double counts[3];
  axpyWork(args, counts);
  ((ProfileBeginFn)api[optc_rt_profile_beginFn])(context);
#endif
  ((ParallelFn)api[optc_rt_parallelFn])(context, axpyBody, &a, x->sizes[0], 100);
#ifndef OPTC_SAMPLE_OLD
  ProfileEndFn end = (ProfileEndFn)api[optc_rt_profile_endFn];
  end(context, 0, counts[0], counts[1], counts[2]);
  end(context, 7, 1, 1, 1); /* no such kernel: ignored */
#endif
}

/* check: the input's value chooses the failure; the output is the value. */
struct Check {
  void *context;
  int64_t value;
};

static void checkBody(void *data, int64_t lo, int64_t hi) {
  struct Check *check = data;
  /* Scratch of a chunk; two blocks, so that one is given back before the other. */
  int64_t *first = ((AllocFn)api[optc_rt_allocFn])(check->context, 100000);
  int64_t *second = ((AllocFn)api[optc_rt_allocFn])(check->context, 50000);
  for (int64_t i = lo; i < hi; ++i) {
    first[i] = second[i] = i;
    if (check->value == 3 && i == 777)
      ((MessageFn)api[optc_rt_failFn])(check->context, "loop node: item {0}", i, 0);
    if (check->value == 4 && i % 100 == 77)
      ((MessageFn)api[optc_rt_index_errorFn])(check->context, "gather: index {0} of {1}", 77, 10);
  }
  for (int64_t i = lo; i < hi; ++i)
    if (first[i] != i || second[i] != i)
      ((MessageFn)api[optc_rt_index_errorFn])(check->context, "scratch is shared", 0, 0);
  ((FreeFn)api[optc_rt_freeFn])(check->context, first);
  ((FreeFn)api[optc_rt_freeFn])(check->context, second);
}

#ifndef OPTC_SAMPLE_OLD
typedef void *(*ScratchFn)(void *, int64_t, const char *);
typedef void *(*ListFn)(void *, int64_t);
typedef void (*AppendFn)(void *, void *, const void *, int64_t, const char *);
typedef void (*TakeFn)(void *, void *, void *);

/* Scratch of a node; a list of 1000 rows (i, i * i), one of which is shorter for the value 9. */
static void checkLists(void *context, int64_t value) {
  ScratchFn scratch = (ScratchFn)api[optc_rt_scratchFn];
  AppendFn append = (AppendFn)api[optc_rt_appendFn];
  if (value == 7)
    scratch(context, INT64_C(1) << 46, "b");
  void *list = ((ListFn)api[optc_rt_listFn])(context, value == 10 ? 1000 : 0);
  for (int64_t i = 0; i < 1000; ++i) {
    int64_t row[] = {i, i * i};
    append(context, list, row, value == 9 && i == 500 ? 8 : 16, "c");
  }
  int64_t *all = scratch(context, 16000, 0);
  ((TakeFn)api[optc_rt_takeFn])(context, list, all);
  for (int64_t i = 0; i < 1000; ++i)
    if (all[2 * i] != i || all[2 * i + 1] != i * i)
      ((MessageFn)api[optc_rt_failFn])(context, "row {0} is wrong", i, 0);
}
#endif

static void checkRun(void *context, const void *weights, void *arena, const int64_t *offsets,
                     void **args) {
  struct Check check = {context, *(int64_t *)((struct Memref *)args[0])->aligned};
  ((AllocFn)api[optc_rt_allocFn])(context, 1000);
  if (check.value == 1)
    ((MessageFn)api[optc_rt_failFn])(context, "node 'a': {0} is not {1}", 1, -2);
  if (check.value == 2)
    ((AllocFn)api[optc_rt_allocFn])(context, INT64_C(1) << 46);
#ifndef OPTC_SAMPLE_OLD
  if (check.value >= 7 && check.value <= 10)
    checkLists(context, check.value);
#endif
  if (check.value == 5)
    return; /* an output is missing */
  ((ParallelFn)api[optc_rt_parallelFn])(context, checkBody, &check, 1000, 1000);
  int64_t huge[2] = {INT64_C(1) << 40, INT64_C(1) << 40};
  if (check.value == 6)
    ((OutputFn)api[optc_rt_outputFn])(context, 0, 2, huge);
  *(int64_t *)((OutputFn)api[optc_rt_outputFn])(context, 0, 0, 0) = check.value;
}

/* grow: as many bytes as the input says. */
static void growRun(void *context, const void *weights, void *arena, const int64_t *offsets,
                    void **args) {
  int64_t size = *(int64_t *)((struct Memref *)args[0])->aligned;
  char *out = ((OutputFn)api[optc_rt_outputFn])(context, 0, 1, &size);
  for (volatile int64_t i = 0; i < size; ++i)
    out[i] = (char)i;
}

static const int64_t axpyLives[] = {0, 2, 1, 2};
static const struct optc_module_entry entries[] = {
    {"axpy", 2, 1, 2, 0, axpyLives, axpySizes, axpyRun},
    {"check", 1, 1, 0, 0, 0, 0, checkRun},
    {"grow", 1, 1, 0, 0, 0, 0, growRun},
};

#ifdef OPTC_SAMPLE_OLD
/* The end of an older module is followed by whatever comes next in memory. */
/* Found by its name. NOLINTNEXTLINE(misc-use-internal-linkage) */
__attribute__((visibility("default"))) struct optc_module optc_module = {
    1, 3, entries, &api, optc_rt_freeFn + 1, 0, (const struct optc_module_work *)1};
#else
static const struct optc_module_kernel axpyKernels[] = {{"/x/Mul\n/x/Add", "elementwise"}};
static const struct optc_module_work work[] = {
    {axpyWork, 1, 0, axpyKernels}, {axpyWork, 1, 1, 0}, {axpyWork, 0, 0, 0}};

/* Found by its name. NOLINTNEXTLINE(misc-use-internal-linkage) */
__attribute__((visibility("default"))) struct optc_module optc_module = {
    SAMPLE_ABI_VERSION, 3, entries, &api, SAMPLE_NUM_API, 1, work};
#endif

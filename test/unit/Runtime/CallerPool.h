/*===- CallerPool.h - a thread pool written in C ---------------------------===*\
|* Part of optc, under the Apache License v2.0 with LLVM Exceptions.           *|
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                     *|
|*                                                                             *|
|* What a C program with threads of its own gives optc_context_create.         *|
\*===-----------------------------------------------------------------------===*/
#ifndef OPTC_TEST_UNIT_RUNTIME_CALLERPOOL_H
#define OPTC_TEST_UNIT_RUNTIME_CALLERPOOL_H

#include "optc/runtime.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct CallerPool {
  int64_t threads;
  int64_t loops; /* how often it was asked */
  int64_t skip;  /* leaves out so many indices: what a pool must not do */
} CallerPool;

optc_error *createOnCallerPool(optc_model *model, CallerPool *pool, optc_context **context);

#ifdef __cplusplus
}
#endif

#endif /* OPTC_TEST_UNIT_RUNTIME_CALLERPOOL_H */

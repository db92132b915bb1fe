/*===- CallerPool.c - a thread pool written in C ---------------------------===*\
|* Part of optc, under the Apache License v2.0 with LLVM Exceptions.           *|
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                     *|
|*                                                                             *|
|* Compiled as C90. Each thread takes every threads-th index.                  *|
\*===-----------------------------------------------------------------------===*/
#include "CallerPool.h"

#include <pthread.h>

#define MOST_THREADS 8

struct Share {
  int64_t first, step, trip;
  void (*body)(void *arg, int64_t index);
  void *arg;
};

static void *runShare(void *data) {
  const struct Share *share = (const struct Share *)data;
  int64_t index;
  for (index = share->first; index < share->trip; index += share->step)
    share->body(share->arg, index);
  return NULL;
}

static void parallelFor(void *user, int64_t trip, void (*body)(void *arg, int64_t index),
                        void *arg) {
  CallerPool *pool = (CallerPool *)user;
  pthread_t threads[MOST_THREADS];
  struct Share shares[MOST_THREADS];
  int64_t i;
  ++pool->loops;
  for (i = 0; i < pool->threads; ++i) {
    shares[i].first = i;
    shares[i].step = pool->threads;
    shares[i].trip = trip - pool->skip;
    shares[i].body = body;
    shares[i].arg = arg;
  }
  for (i = 1; i < pool->threads; ++i)
    pthread_create(&threads[i], NULL, runShare, &shares[i]);
  runShare(&shares[0]);
  for (i = 1; i < pool->threads; ++i)
    pthread_join(threads[i], NULL);
}

optc_error *createOnCallerPool(optc_model *model, CallerPool *pool, optc_context **context) {
  optc_context_options options = {0};
  options.struct_size = sizeof(options);
  options.threads = (uint32_t)pool->threads;
  options.parallel_for = parallelFor;
  options.parallel_for_user = pool;
  return optc_context_create(model, 0, &options, context);
}

//===- RuntimeCalls.cpp - the functions generated code calls --------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// RuntimeAbi.h, in terms of the context. An exception (no memory for a message) must not
// reach generated code: it becomes a failure of the run.
//
//===----------------------------------------------------------------------===//
#include "lib/Runtime/Argsort.h"
#include "lib/Runtime/Context.h"
#include "lib/Runtime/RowList.h"
#include "lib/Runtime/RuntimeAbi.h"

#include <string_view>
#include <type_traits>

using namespace optc;
using optc::runtime::Context;

namespace {

/// What RuntimeAbi.def writes for a type.
template <typename T> constexpr char letterOf() {
  if (std::is_void_v<T>)
    return 'v';
  if (std::is_same_v<T, int64_t>)
    return 'l';
  return std::is_same_v<T, double> ? 'd' : std::is_pointer_v<T> ? 'p' : '?';
}

template <typename Result, typename... Parameters>
constexpr bool hasTypes(Result (*)(Parameters...), std::string_view types) {
  constexpr char letters[] = {letterOf<Result>(), letterOf<Parameters>()...};
  return types == std::string_view(letters, sizeof(letters));
}

#define OPTC_RT(name, types)                                                                       \
  static_assert(hasTypes(&name, types), "RuntimeAbi.def and RuntimeAbi.h differ in " #name);
#include "lib/Runtime/RuntimeAbi.def"

} // namespace

static Context &contextOf(void *context) { return *static_cast<Context *>(context); }

/// `message` with {0} and {1} replaced.
static std::string formatted(const char *message, int64_t a, int64_t b) {
  std::string text;
  for (const char *at = message; *at; ++at) {
    if (at[0] == '{' && (at[1] == '0' || at[1] == '1') && at[2] == '}') {
      text += std::to_string(at[1] == '0' ? a : b);
      at += 2;
    } else {
      text += *at;
    }
  }
  return text;
}

/// Runs a body that builds a message or allocates; an exception is recorded.
template <typename F> static void guarded(Context &context, F body) noexcept {
  try {
    body();
  } catch (...) {
    context.recordFailure(E7008, std::string());
  }
}

static void record(void *context, ErrorCode code, const char *message, int64_t a, int64_t b) {
  guarded(contextOf(context),
          [&] { contextOf(context).recordFailure(code, formatted(message, a, b)); });
}

void *optc_rt_output(void *context, int64_t index, int64_t rank, const int64_t *dims) {
  void *memory = nullptr;
  guarded(contextOf(context),
          [&] { memory = contextOf(context).requestOutput(index, rank, dims); });
  if (!memory)
    contextOf(context).leave();
  return memory;
}

void *optc_rt_alloc(void *context, int64_t bytes) {
  return optc_rt_scratch(context, bytes, nullptr);
}

void *optc_rt_scratch(void *context, int64_t bytes, const char *node) {
  void *memory = nullptr;
  guarded(contextOf(context), [&] { memory = contextOf(context).allocateScratch(bytes, node); });
  if (!memory)
    contextOf(context).leave();
  return memory;
}

void optc_rt_free(void *context, void *memory) { contextOf(context).freeScratch(memory); }

void optc_rt_parallel(void *context, void (*fn)(void *args, int64_t lo, int64_t hi), void *args,
                      int64_t trip, int64_t cost) {
  contextOf(context).parallel(fn, args, trip, cost);
}

void optc_rt_fail(void *context, const char *message, int64_t a, int64_t b) {
  record(context, E7009, message, a, b);
  contextOf(context).leave();
}

void optc_rt_index_error(void *context, const char *message, int64_t index, int64_t size) {
  record(context, E7009, message, index, size);
}

void *optc_rt_list(void *context, int64_t expected) {
  return runtime::RowList::create(context, expected);
}

void optc_rt_append(void *context, void *list, const void *row, int64_t bytes, const char *node) {
  auto *rows = static_cast<runtime::RowList *>(list);
  if (!rows->fits(bytes)) {
    guarded(contextOf(context), [&] {
      contextOf(context).recordFailure(E7009, "node '" + std::string(node ? node : "") +
                                                  "': its iterations give rows of different sizes");
    });
    contextOf(context).leave();
  }
  rows->append(context, row, bytes, node);
}

void optc_rt_take(void *context, void *list, void *target) {
  static_cast<runtime::RowList *>(list)->take(context, target);
}

void optc_rt_profile_begin(void *context) { contextOf(context).profile.begin(); }

void optc_rt_profile_end(void *context, int64_t kernel, double multiplyAdds, double operations,
                         double bytes) {
  contextOf(context).profile.end(kernel, multiplyAdds, operations, bytes);
}

namespace {
struct Rows {
  Context *context;
  const char *keys;
  int64_t *order;
  int64_t count, k, type, keySize;
  bool descending;
};
} // namespace

static void sortRows(void *data, int64_t begin, int64_t end) {
  const Rows &rows = *static_cast<Rows *>(data);
  for (int64_t row = begin; row < end; ++row)
    if (!runtime::argsortRow(rows.keys + row * rows.count * rows.keySize, rows.order + row * rows.k,
                             rows.count, rows.k, rows.type, rows.descending)) {
      record(rows.context, E7008, "no memory to sort rows of {0}", rows.count, 0);
      rows.context->leave();
    }
}

void optc_rt_argsort(void *context, const void *keys, int64_t *order, int64_t rows, int64_t count,
                     int64_t k, int64_t type, int64_t descending) {
  int64_t keySize = runtime::argsortKeySize(type);
  if (!keySize || count < 0 || k < 0 || k > count) {
    record(context, E7003, "the code sorts {0} of {1} keys, or keys of unknown type", k, count);
    contextOf(context).leave();
  }
  if (rows <= 0 || k == 0)
    return;
  Rows work{&contextOf(context), static_cast<const char *>(keys), order, count, k, type, keySize,
            descending != 0};
  // About 5 ns per key and level of the sort, 10 levels on average.
  contextOf(context).parallel(sortRows, &work, rows, count < 1000000 ? 50 * count : 50000000);
}

//===- CoreModel.h - the core that sizes and costs are about ---------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One usual core for all levels: artifacts are the same on all machines, so that nothing is asked
// of the one that compiles. What cost tables were fitted to (Kernels/README.md) is one of these.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_TARGET_CPU_COREMODEL_H
#define OPTC_TARGET_CPU_COREMODEL_H

#include <cstdint>

namespace optc::cpu::core {

/// Bytes of the caches that one core has for itself: many second ones have 1 MB, some 0.5 or 2.
inline constexpr int64_t firstCache = 32 << 10, secondCache = 1 << 20;

/// Floating-point operations per ns in products, of f32 and of pairs of bf16.
inline constexpr int64_t floatOperations = 100, pairOperations = 200;

/// The ns that so many products (multiply and add) of f32 take.
inline constexpr int64_t productTime(int64_t products) { return products * 2 / floatOperations; }

/// Floats of a cache line.
inline constexpr int64_t lineFloats = 16;

} // namespace optc::cpu::core

#endif // OPTC_TARGET_CPU_COREMODEL_H

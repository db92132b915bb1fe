//===- Preferences.cpp - what the CPU asks of the stages before it ---------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Numbers about CPUs that mechanisms elsewhere are given: of simplify, and of fusion on memrefs.
//
//===----------------------------------------------------------------------===//
#include "lib/Fuse/Fuse.h"
#include "lib/Target/Cpu/CoreModel.h"
#include "lib/Target/Cpu/Cpu.h"
#include "mlir/Pass/PassManager.h"

using namespace mlir;
using namespace optc;
using namespace optc::cpu;

Preferences cpu::getCpuPreferences() {
  Preferences preferences;
  // Pairs of taps must be put together first: in windows of few taps that takes longer than it
  // saves, as it does where a loop over many taps cannot keep the pairs.
  preferences.leastPairedTaps = 25;
  preferences.mostPairedTaps = 50;
  // Phases of few channels are better computed together, and 3x3 taps by Winograd's method.
  preferences.leastPhaseChannels = 8;
  preferences.mostPhaseTaps = 2;
  // What a lane of 32 bits holds, and one instruction multiplies.
  preferences.unsignedBytes = true;
  preferences.bytesTogether = 4;
  return preferences;
}

place::PlaceOptions cpu::getCpuPlaceOptions(int optimize) {
  place::PlaceOptions options;
  if (optimize < 2)
    return options;
  options.addBufferPasses = [](OpPassManager &pm) {
    fuse::FuseTilesOptions tiles;
    tiles.cacheBytes = core::secondCache;
    tiles.operationsPerNs = core::floatOperations;
    // So that weights are read often enough from each level of cache.
    tiles.leastPlaces = 160;
    // As far as it is seen: most of the traffic between caches hides behind computing.
    tiles.bytesPerOperation = 0.6;
    // Not even where cores share a cache: blocks of rows cost a few percent then (PP-OCR rec, six
    // images: 1.4 % of all).
    tiles.hiddenBytesPerOperation = 0.02;
    pm.addNestedPass<func::FuncOp>(fuse::createFuseTiles(tiles));
  };
  return options;
}

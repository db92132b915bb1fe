//===- X86Cpu.h - what this processor can do ----------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// CPUID and XGETBV, asked directly: the x86-64 level that picks the code of an artifact,
// and the SHA instructions. The operating system must save the registers, too.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_SUPPORT_X86CPU_H
#define OPTC_SUPPORT_X86CPU_H

#include <cstdint>

namespace optc {

/// What the level follows from.
struct X86Features {
  unsigned ecx1 = 0;                         ///< CPUID leaf 1
  unsigned ebx7 = 0, ecx7 = 0, eax7Sub1 = 0; ///< leaf 7 and its subleaf 1
  unsigned ecxExtended = 0;                  ///< leaf 0x80000001
  uint64_t saved = 0;                        ///< XCR0: which registers the system saves
};
int x86LevelOf(const X86Features &features);

/// The x86-64 psABI level of this machine: 1 to 4, or 0 when it is no x86-64. Level 4 here
/// asks for VNNI as well, which optc's v4 code uses; level 5 is 4 with AVX512-BF16.
int x86Level();
/// "x86-64-v3" for 3 and so on, or null.
const char *x86LevelName(int level);

bool hasShaInstructions();

} // namespace optc

#endif // OPTC_SUPPORT_X86CPU_H

# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Families of cases for kernel_properties.py: one file per family of kernels."""

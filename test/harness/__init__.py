# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What the Python tests share: running commands, values in files, comparing, engines."""

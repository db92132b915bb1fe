"""Families of cases for kernel_properties.py: one file per family of kernels."""

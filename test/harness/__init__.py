"""What the Python tests share: running commands, values in files, comparing, engines."""

# CMake generated Testfile for 
# Source directory: /tmp/mk/dev
# Build directory: /tmp/mk/dev/asan
# 
# This file includes the relevant testing commands required for 
# testing this directory and lists subdirectories to be tested as well.
subdirs("core/vm/lua")
subdirs("lua")
subdirs("tests/core")

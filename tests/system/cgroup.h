// SPDX-License-Identifier: Apache-2.0
//
// /sys/fs/cgroup as a test wants it, in a folder of its own.

#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace iris {

class CgroupTest {
 public:
  CgroupTest() {
    std::string name = (std::filesystem::temp_directory_path() / "iris-cgroup-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) std::abort();
    mount = name;
  }
  CgroupTest(const CgroupTest&) = delete;
  CgroupTest& operator=(const CgroupTest&) = delete;
  ~CgroupTest() { std::filesystem::remove_all(mount); }

 protected:
  void Write(const std::string& name, const std::string& text) {
    const std::filesystem::path path = std::filesystem::path(mount) / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << text;
  }

  std::string mount;
};

}  // namespace iris

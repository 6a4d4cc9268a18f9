#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

namespace muonlab::test {
namespace {

namespace fs = std::filesystem;

using Strings = std::vector<std::string>;

struct Rule {
  std::string_view subject;
  std::string_view paths;  // folders and files, by how their paths begin, separated by spaces
};

/// Of our own headers, the files of a folder include only these: the plan of the house.
constexpr Rule arrows[] = {
    {"core/", "muonlab/core/"},
    {"autograd/", "muonlab/core/ muonlab/autograd/"},
    {"nn/", "muonlab/core/ muonlab/autograd/ muonlab/nn/"},
    {"optim/", "muonlab/core/ muonlab/autograd/ muonlab/nn/parameter.h muonlab/optim/"},
    {"data/", "muonlab/core/ muonlab/data/"},
    {"apps/", "muonlab/ apps/"},
    {"apps/kit/", "muonlab/ apps/kit/"},
    {"apps/page/", "muonlab/ apps/kit/ apps/page/"},
    {"apps/training/", "muonlab/ apps/kit/ apps/training/"},
    {"apps/experiments/", "muonlab/ apps/kit/ apps/training/ apps/experiments/"},
    {"apps/keeping/", "muonlab/ apps/kit/ apps/training/ apps/keeping/"},
    {"apps/telemetry/",
     "muonlab/ apps/kit/ apps/page/ apps/training/ apps/keeping/ apps/telemetry/"},
    {"apps/report/", "muonlab/ apps/kit/ apps/page/ apps/report/"},
    {"apps/showing/",
     "muonlab/ apps/kit/ apps/page/ apps/training/ apps/keeping/ apps/telemetry/ apps/report/ "
     "apps/showing/"},
    {"apps/comparison/",
     "muonlab/ apps/kit/ apps/training/ apps/keeping/ apps/telemetry/ apps/showing/ "
     "apps/comparison/"},
    {"tests/", "muonlab/ apps/ tests/"},
};

/// A directive with this text, its spaces removed, stands in these files only.
constexpr Rule fences[] = {
    {"#include<Eigen", "core/cpu/"},
    {"dnnl", "core/cpu/onednn/"},
    {"<omp", "core/cpu/onednn/"},
    {"<tbb", "core/cpu/"},
    {"\"muonlab/core/cpu/", "core/cpu/"},
    {"\"muonlab/core/cuda/", "core/cuda/ core/device.cpp core/memory.cpp core/replay.cpp"},
    {"<cuda", "core/cuda/ tests/emulator/"},
    {"cuda_runtime", "core/cuda/ tests/emulator/"},
    {"cublas", "core/cuda/ tests/emulator/"},
    {"cudnn", "core/cuda/"},
    {".cuh", "core/cuda/"},
    {"#if", "core/device.h core/elementwise.h"},
    {"#define",
     "core/elementwise.h tests/main.cpp tests/browser/main.cpp tests/gpu/main.cpp "
     "tests/emulator/include/"},
};

template <class... Parts>
std::string join(const Parts&... parts) {
  std::ostringstream text;
  (text << ... << parts);
  return text.str();
}

bool is_within(std::string_view path, std::string_view paths) {
  std::istringstream words{std::string(paths)};
  return std::any_of(std::istream_iterator<std::string>(words), {},
                     [path](const std::string& start) { return path.starts_with(start); });
}

/// What is wrong with one line, empty when nothing is.
std::string complaint(std::string_view path, std::string line) {
  std::erase(line, ' ');
  if (!line.starts_with('#')) return "";
  for (const Rule& fence : fences) {
    if (line.find(fence.subject) != std::string::npos && !is_within(path, fence.paths)) {
      return join("this belongs in ", fence.paths);
    }
  }
  constexpr std::string_view include = "#include\"";
  if (!line.starts_with(include)) return "";
  for (const Rule& arrow : arrows) {
    if (path.starts_with(arrow.subject) && !is_within(line.substr(include.size()), arrow.paths)) {
      return join(arrow.subject, " includes only ", arrow.paths);
    }
  }
  return "";
}

/// Each as "path:line: what is wrong: the line".
Strings complaints(const std::string& path, const std::string& text) {
  Strings result;
  std::istringstream lines(text);
  int number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    const std::string problem = complaint(path, line);
    if (problem.empty()) continue;
    result.push_back(join(path, ':', number, ": ", problem, ": ", line));
  }
  const int ceiling = path.ends_with(".cu") ? 400 : 300;
  if (number > ceiling) {
    result.push_back(join(path, ": has ", number, " lines, may have ", ceiling));
  }
  return result;
}

/// The mirror rule: core/kernels/NAME.h, core/cpu/NAME.cpp and, with CUDA, core/cuda/NAME.cu.
Strings missing_mirrors(const Strings& paths) {
  const std::string kernels = "core/kernels/";
  const bool cuda =
      std::ranges::any_of(paths, [](const auto& path) { return path.starts_with("core/cuda/"); });
  Strings missing;
  const auto need = [&paths, &missing](const std::string& path) {
    if (std::ranges::find(paths, path) == paths.end()) missing.push_back(path);
  };
  for (const std::string& path : paths) {
    if (!path.starts_with(kernels)) continue;
    const std::string name = fs::path(path).stem().string();
    need("core/cpu/" + name + ".cpp");
    if (cuda) need("core/cuda/" + name + ".cu");
  }
  return missing;
}

Strings source_files(const fs::path& root) {
  Strings paths;
  for (const Rule& arrow : arrows) {
    for (const auto& entry : fs::recursive_directory_iterator(root / arrow.subject)) {
      const std::string type = entry.path().extension().string();
      if (type == ".h" || type == ".cpp" || type == ".cu" || type == ".cuh") {
        paths.push_back(fs::relative(entry.path(), root).generic_string());
      }
    }
  }
  std::ranges::sort(paths);
  paths.erase(std::unique(paths.begin(), paths.end()), paths.end());  // rooms are within apps/
  return paths;
}

std::string read(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

TEST_CASE("every source file keeps to the plan of the house") {
  const fs::path root = MUONLAB_SOURCE_DIR;
  const Strings paths = source_files(root);
  CHECK(std::ranges::count(paths, "core/tensor.h") == 1);
  for (const std::string& path : paths) {
    for (const std::string& problem : complaints(path, read(root / path))) FAIL_CHECK(problem);
  }
  for (const std::string& path : missing_mirrors(paths)) FAIL_CHECK("missing: " << path);
}

TEST_CASE("an include against the arrows is named with its file and line") {
  CHECK(complaints("nn/linear.cpp", "#pragma once\n#include \"muonlab/optim/muon.h\"\n") ==
        Strings{"nn/linear.cpp:2: nn/ includes only muonlab/core/ "
                "muonlab/autograd/ muonlab/nn/: "
                "#include \"muonlab/optim/muon.h\""});
  CHECK(complaint("core/math.cpp", "#include \"muonlab/nn/init.h\"") != "");
  CHECK(complaint("autograd/norm.cpp", "#include \"muonlab/nn/init.h\"") != "");
  CHECK(complaint("optim/muon.cpp", "#include \"muonlab/nn/module.h\"") != "");
  CHECK(complaint("optim/muon.cpp", "#include \"muonlab/nn/parameter.h\"") == "");
  CHECK(complaint("data/mnist.cpp", "#include \"muonlab/autograd/variable.h\"") != "");
  CHECK(complaint("apps/train.cpp", "#include \"tests/op_cases.h\"") != "");
  CHECK(complaint("apps/kit/table.cpp", "#include \"apps/training/run.h\"") != "");
  CHECK(complaint("apps/showing/results.cpp", "#include \"apps/training/run.h\"") == "");
  CHECK(complaint("nn/linear.cpp", "#include \"linear.h\"") != "");
  CHECK(complaint("nn/linear.cpp", "  #  include \"muonlab/optim/muon.h\"") != "");
  CHECK(complaint("nn/linear.cpp", "#include \"muonlab/core/tensor.h\"") == "");
}

TEST_CASE("a directive outside its fence is a complaint") {
  CHECK(complaint("nn/linear.cpp", "#include <Eigen/Core>") == "this belongs in core/cpu/");
  CHECK(complaint("core/cpu/matmul.cpp", "#include <Eigen/Core>") == "");
  CHECK(complaint("core/math.cpp", "#include <oneapi/dnnl/dnnl.hpp>") != "");
  CHECK(complaint("core/math.cpp", "#include \"muonlab/core/cpu/eigen.h\"") != "");
  CHECK(complaint("core/memory.cpp", "#include <cuda_runtime.h>") != "");
  CHECK(complaint("core/cuda/matmul.cu", "#include <cublas_v2.h>") == "");
  CHECK(complaint("core/math.cpp", "#include \"muonlab/core/cuda/launch.cuh\"") != "");
  CHECK(complaint("core/tensor.h", "#ifndef MUONLAB_TENSOR_H") != "");
  CHECK(complaint("core/elementwise.h", "#ifdef __CUDACC__") == "");
  CHECK(complaint("nn/linear.cpp", "#define WIDTH 3") != "");
  CHECK(complaint("nn/linear.cpp", "const char* text = \"#define\";") == "");
}

TEST_CASE("a file over its ceiling of lines is a complaint") {
  CHECK(complaints("nn/linear.cpp", std::string(300, '\n')).empty());
  CHECK(complaints("nn/linear.cpp", std::string(301, '\n')) ==
        Strings{"nn/linear.cpp: has 301 lines, may have 300"});
  CHECK(complaints("core/cuda/norm.cu", std::string(400, '\n')).empty());
}

TEST_CASE("a kernel without its counterpart is a complaint") {
  CHECK(missing_mirrors({"core/kernels/norm.h"}) == Strings{"core/cpu/norm.cpp"});
  CHECK(missing_mirrors({"core/kernels/norm.h", "core/cpu/norm.cpp"}).empty());
  CHECK(missing_mirrors({"core/kernels/norm.h", "core/cpu/norm.cpp", "core/cuda/fill.cu"}) ==
        Strings{"core/cuda/norm.cu"});
}

}  // namespace
}  // namespace muonlab::test

// Matrices that orthogonalize reads, and those that it refuses: each with one line.
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/apps/rows.h"
#include "tests/apps/run_app.h"

namespace muonlab::test {
namespace {

const std::string program = MUONLAB_ORTHOGONALIZE;

template <class T>
std::string bytes_of(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

/// A .npy file of version 1.0 with this dictionary.
std::string npy(const std::string& dictionary, const std::string& elements) {
  const auto size = static_cast<std::uint16_t>(dictionary.size());
  return std::string("\x93NUMPY\x01\x00", 8) + bytes_of(std::vector{size}) + dictionary + elements;
}

std::string dictionary(const std::string& type, const std::string& shape,
                       const std::string& fortran = "False") {
  return "{'descr': '" + type + "', 'fortran_order': " + fortran + ", 'shape': " + shape + ", }\n";
}

const std::vector<float> six = {3, 1, 0, 1, 2, 1};  // singular values 3.6586 and 1.6170

void check_same(const std::string& name, const std::string& content) {
  const Folder folder;
  folder.write(name, content);
  const Outcome run = run_app(folder, program, name);
  CAPTURE(name);
  CHECK(run.error.empty());
  CHECK(run.status == 0);
  CHECK(run.out.starts_with("M: 2 x 3, singular values 3.66 to 1.62; products in float32\n"));
}

void check_file(const std::string& name, const std::string& content, const std::string& message) {
  const Folder folder;
  folder.write(name, content);
  check_refused(folder, program, name, name + message);
}

TEST_CASE("a matrix comes from a CSV file or a .npy file as from the command line") {
  check_same("a.csv", "3,1,0\n1,2,1\n");
  check_same("a.csv", "\xEF\xBB\xBF 3 ,1.0,0e0\r\n1,2,1");
  check_same("a.csv", "+3,1,+0.0\n+1e0, +2,1");
  check_same("a.csv", "3,1,0\r\n1,2,1\r\n\r\n \t\r\n\n");
  check_same("a.npy", npy(dictionary("<f4", "(2, 3)"), bytes_of(six)));
  check_same("a.npy", npy(dictionary("<f8", "(2, 3)"),
                          bytes_of(std::vector<double>(six.begin(), six.end()))));
  check_same("a.npy", npy(dictionary("<f4", "(2, 3)", "True"),
                          bytes_of(std::vector<float>{3, 1, 1, 2, 0, 1})));
  check_same("a.npy", npy(dictionary("<f4", "(2L, 3L)"), bytes_of(six)));  // of Python 2
  const std::string text = dictionary("<f4", "(2,3)");
  const auto size = static_cast<std::uint32_t>(text.size());
  check_same("a.npy", std::string("\x93NUMPY\x02\x00", 8) + bytes_of(std::vector{size}) + text +
                          bytes_of(six));
}

TEST_CASE("rows that are no matrix are refused where they go wrong") {
  const Folder folder;
  const auto refused = [&folder](const std::string& rows, const std::string& message) {
    check_refused(folder, program, "'" + rows + "'", message);
  };
  refused("1,2;3", "matrix: row 2 has 1 numbers, expected 2 as in row 1");
  refused("1,2;3,x4", "matrix: row 2, column 2: got 'x4', expected a number");
  refused("1,;3,4",
          "matrix: row 1, column 2: got '', expected a number; a row ends without a comma");
  refused("1,2;;3,4", "matrix: row 2 has 1 numbers, expected 2 as in row 1");
  refused("1,2;3,++4", "matrix: row 2, column 2: got '++4', expected a number");
  refused("1,2;3,+-4", "matrix: row 2, column 2: got '+-4', expected a number");
  refused("1,2;3,+", "matrix: row 2, column 2: got '+', expected a number");
  refused("1,2;3,nan4", "matrix: row 2, column 2: got 'nan4', expected a number");
  refused("1;nan",
          "matrix: row 2, column 1: got nan, expected a finite number of float32, at most "
          "3.4e38");
  refused("1;1e39",
          "matrix: row 2, column 1: got 1e+39, expected a finite number of float32, at "
          "most 3.4e38");
  refused("1;1e999", "matrix: row 2, column 1: '1e999' is beyond what a double can hold");
  refused("a",
          "matrix: got 'a', expected rows such as '10,0.5;0.5,0.1', or a file NAME.npy or "
          "NAME.csv");
  refused("", "MATRIX: a value is needed");
  refused("data1.txt/",
          "matrix: got 'data1.txt/', expected rows such as '10,0.5;0.5,0.1', or a "
          "file NAME.npy or NAME.csv");
  refused("1;\x1b[31m", "matrix: row 2, column 1: got bytes that are no text, expected a number");
}

TEST_CASE("a CSV file that is no matrix is refused by name") {
  check_file("a.csv", "", ": got an empty matrix (0, 0), expected at least one number");
  check_file("a.csv", "w,b\n1,2\n",
             ": row 1, column 1: got 'w', expected a number; a header does not belong there");
  check_file("a.csv", "1,2\n\n3,4\n", ": row 2 has 1 numbers, expected 2 as in row 1");
  std::string many;
  many.resize(5'000'000, ',');
  check_file("a.csv", many,
             ": too large, got a matrix (1, 5000001), expected at most 4194304 elements; take a "
             "part of it");
  many.resize(135'000'000);
  check_file(
      "a.csv", many,
      ": too large, got 135000000 bytes, expected at most 134217728; a .npy file is smaller");
  const Folder folder;
  check_refused(folder, program, "none.csv", "none.csv: cannot be read, No such file or directory");
  std::filesystem::create_directory(folder.path / "folder.npy");
  check_refused(folder, program, "folder.npy",
                "folder.npy: cannot be read, it is not a regular file");
}

TEST_CASE("a file that is not NumPy's, or of another version, is refused") {
  check_file("a.npy", "\x93NUM", ": cut short, got 4 bytes, expected at least 10");
  check_file(
      "a.npy", "1,2\n3,4\n5,6\n",
      ": not a .npy file, it does not begin with \\x93NUMPY; numpy.save() writes such files");
  check_file("a.npy", std::string("\x93NUMPY\x04\x00\x00\x00", 10),
             ": version 4.0 is not supported, expected 1.0, 2.0 or 3.0; save it again with "
             "numpy.save()");
  check_file("a.npy", std::string("\x93NUMPY\x02\x00\xff\xff\xff\xff", 12),
             ": got a header of 4294967295 bytes, expected at most 10000");
  check_file("a.npy", std::string("\x93NUMPY\x01\x00\x64\x00{", 11),
             ": cut short, got 1 bytes, expected 100");
}

TEST_CASE("a header that NumPy would not write is refused") {
  const std::string expected =
      ", expected such as {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }";
  for (const char* text :
       {"{}", "nothing", "{'descr': '<f4', 'shape': (2, 3)}",
        "{'descr': '<f4', 'fortran_order': 0, 'shape': (2, 3)}", "{'descr': '<f4", "{'descr'",
        "{'shape': (2, 3), 'shape': (2, 3)}", "{'shape': (2, -3)}", "{'shape': (2 3)}",
        "{'shape': (2, 3", "{'extra': 1}", "{'shape': [2, 3]}", "{'shape': (2LL, 3)}",
        "{'shape': (L, 3)}"}) {
    check_file("a.npy", npy(text, bytes_of(six)),
               std::string(": its header is damaged, got ") + text + expected);
  }
  check_file("a.npy", npy("\x01\x02", ""),
             ": its header is damaged, got bytes that are no text" + expected);
  check_file("a.npy", npy("", ""),
             ": its header is damaged, got bytes that are no text" + expected);
}

TEST_CASE("elements and shapes that are no matrix of floats are refused") {
  const std::string convert =
      " are not supported, expected '<f4' or '<f8'; convert them with a.astype('<f4')";
  for (const std::string type : {"<i8", ">f4", "<f2", "|O"}) {
    check_file("a.npy", npy(dictionary(type, "(2, 3)"), bytes_of(six)),
               ": elements of type '" + type + "'" + convert);
  }
  check_file("a.npy", npy("{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (6,), }", ""),
             ": a record of several fields is no matrix; save one field, as numpy.float32");
  const auto refused = [](const std::string& shape, const std::string& message) {
    check_file("a.npy", npy(dictionary("<f4", shape), bytes_of(six)), message);
  };
  refused("(6,)",
          ": got 1 axes, (6), expected a matrix of 2; make it one with "
          "a.reshape(rows, columns)");
  refused("(1, 2, 3)",
          ": got 3 axes, (1, 2, 3), expected a matrix of 2; make it one with "
          "a.reshape(rows, columns)");
  refused("(0, 3)", ": got an empty matrix (0, 3), expected at least one number");
  refused("(4294967296, 4294967296)",
          ": too large, got a matrix (4294967296, 4294967296), expected at most 4194304 elements; "
          "take a part of it");
  refused("(99999999999999999999, 2)",
          ": too large, got size 99999999999999999999 in its shape, expected at most 4194304 "
          "elements");
  refused("(2, 2)",
          ": got 24 bytes of elements, expected 16 for (2, 2) of type '<f4'; save it "
          "again with numpy.save()");
  refused("(3, 3)",
          ": got 24 bytes of elements, expected 36 for (3, 3) of type '<f4'; save it "
          "again with numpy.save()");
}

TEST_CASE("an element that is not finite is named by its place, in either order") {
  const float inf = std::numeric_limits<float>::infinity();
  const std::string remedy = ", expected a finite number of float32, at most 3.4e38";
  check_file("a.npy",
             npy(dictionary("<f4", "(2, 3)"), bytes_of(std::vector<float>{3, 1, inf, 1, 2, 1})),
             ": row 1, column 3: got inf" + remedy);
  check_file("a.npy",
             npy(dictionary("<f8", "(2, 3)", "True"),
                 bytes_of(std::vector<double>{3, 1, 1, 2, -1e300, 1})),
             ": row 1, column 3: got -1e+300" + remedy);
}

}  // namespace
}  // namespace muonlab::test

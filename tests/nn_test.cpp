#include <cmath>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "muonlab/core/linalg.h"
#include "muonlab/core/math.h"
#include "muonlab/nn/layers.h"
#include "tests/random.h"

namespace muonlab::test {
namespace {

class Model final : public nn::Layer {
 public:
  explicit Model(Rng& rng) : rng_(rng) { head_.mark(nn::Role::head); }
  Variable operator()(const Variable& x) override { return head_(dropout_(relu(norm_(body_(x))))); }

 private:
  Rng& rng_;
  nn::Linear& body_ = add<nn::Linear>("body", 4, 3, rng_);
  nn::LayerNorm& norm_ = add<nn::LayerNorm>("norm", 3);
  nn::Dropout& dropout_ = add<nn::Dropout>("dropout", 0.5F, rng_);
  nn::Linear& head_ = add<nn::Linear>("head", 3, 2, rng_);
};

TEST_CASE("a model lists its parameters in order, with names and roles") {
  Rng rng(1);
  const Model model(rng);
  std::vector<std::string> found;
  for (const nn::Parameter& p : model.parameters()) found.push_back(p.name + " " + name_of(p.role));
  CHECK(
      (found == std::vector<std::string>{"body.weight hidden", "body.bias bias", "norm.weight gain",
                                         "norm.bias bias", "head.weight head", "head.bias bias"}));
}

TEST_CASE("the same seed builds the same model") {
  Rng a(1);
  Rng b(1);
  Rng c(2);
  const Tensor first = Model(a).parameters()[0].variable.value();
  CHECK(relative_error(Model(b).parameters()[0].variable.value(), first) == 0);
  CHECK(relative_error(Model(c).parameters()[0].variable.value(), first) > 0.1);
}

TEST_CASE("an empty batch passes through flatten and linear") {
  Rng rng(1);
  nn::Sequential model;
  model.then<nn::Flatten>();
  model.then<nn::Linear>(6, 4, rng);
  CHECK(model(Variable(math::zeros({0, 2, 3}))).shape() == Shape{0, 4});
}

TEST_CASE("linear leaves its bias out where it is told to") {
  Rng rng(1);
  nn::Linear layer(3, 2, rng, {.bias = false});
  CHECK(layer.parameters().size() == 1);
  const Variable x(Tensor({1, 3}, {1, 2, 3}));
  CHECK(values(layer(x).value()) == values(linear(x, layer.parameters()[0].variable).value()));
}

TEST_CASE("a name can be used once, and has no dots") {
  class Twice final : public nn::Module {
   public:
    explicit Twice(Rng& rng) {
      add<nn::Linear>("fc", 2, 2, rng);
      add<nn::Linear>("fc", 2, 2, rng);
    }
  };
  Rng rng(1);
  CHECK_THROWS_WITH_AS(Twice{rng}, "module: the name fc is taken", Error);
  class Dotted final : public nn::Module {
   public:
    Dotted() { add<nn::Flatten>("fc.weight"); }
  };
  CHECK_THROWS_WITH_AS(Dotted{}, "module: a name without dots is needed, got 'fc.weight'", Error);
}

TEST_CASE("dropout works in training and rests in evaluation") {
  Rng rng(1);
  nn::Sequential model;
  model.then<nn::Dropout>(0.5F, rng);
  const Variable ones(math::full({100}, 1));
  CHECK(math::sum(model(ones).value()).item() != 100);
  model.eval();
  CHECK(math::sum(model(ones).value()).item() == 100);
  model.train();
  CHECK(math::sum(model(ones).value()).item() != 100);
}

TEST_CASE("sequential names its layers by number and passes through all") {
  Rng rng(1);
  nn::Sequential model;
  model.then<nn::Flatten>();
  model.then<nn::Linear>(6, 4, rng);
  model.then<nn::Gelu>();
  model.then<nn::Linear>(4, 2, rng).mark(nn::Role::head);
  CHECK(model.parameters()[0].name == "1.weight");
  CHECK(model.parameters()[2].role == nn::Role::head);
  CHECK(model(Variable(math::zeros({5, 2, 3}))).shape() == Shape{5, 2});
}

TEST_CASE("initial values have the spread that their names promise") {
  Rng rng(1);
  const Shape shape{200, 300};
  const auto deviation = [](const Tensor& t) {
    return math::norm(t) / std::sqrt(static_cast<double>(t.count()));
  };
  // 60,000 samples: relative error of a deviation about 0.3 %.
  const auto near = [](double value) { return doctest::Approx(value).epsilon(0.015); };
  CHECK(deviation(nn::init::uniform_fan_in(shape, rng)) == near(1 / std::sqrt(3 * 300.0)));
  CHECK(deviation(nn::init::kaiming_uniform(shape, rng)) == near(std::sqrt(2 / 300.0)));
  CHECK(deviation(nn::init::kaiming_normal(shape, rng)) == near(std::sqrt(2 / 300.0)));
  CHECK(deviation(nn::init::xavier_uniform(shape, rng)) == near(std::sqrt(2 / 500.0)));
  CHECK(deviation(nn::init::xavier_normal(shape, rng)) == near(std::sqrt(2 / 500.0)));
  CHECK(deviation(nn::init::normal(shape, 0.02F, rng)) == near(0.02));
}

TEST_CASE("a filter bank's fans are those of its matrix") {
  Rng rng(1);
  const Tensor filters = nn::init::xavier_normal({32, 16, 3, 3}, rng);  // fans 144 and 288
  const double deviation = math::norm(filters) / std::sqrt(static_cast<double>(filters.count()));
  CHECK(deviation == doctest::Approx(std::sqrt(2 / (144.0 + 288))).epsilon(0.05));
}

TEST_CASE("orthogonal weights have all singular values 1, wide or tall") {
  Rng rng(1);
  for (const Shape& shape : {Shape{5, 9}, Shape{9, 5}, Shape{4, 2, 2, 1}}) {
    const Tensor w = nn::init::orthogonal(shape, rng);
    const Tensor matrix = w.reshape({shape[0], w.count() / shape[0]});
    for (const double s : linalg::singular_values(matrix)) CHECK(s == doctest::Approx(1));
  }
}

}  // namespace
}  // namespace muonlab::test

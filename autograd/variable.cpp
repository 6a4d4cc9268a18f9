#include "muonlab/autograd/variable.h"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <iterator>
#include <queue>
#include <string>
#include <unordered_set>
#include <utility>

#include "muonlab/core/math.h"
#include "muonlab/core/precision.h"
#include "muonlab/core/profile.h"

namespace muonlab {

struct Node {
  Tensor value;
  std::optional<Tensor> grad;
  std::vector<Edge> edges;
  Watcher watcher;
  const char* op = "leaf";
  Precision precision = product_precision();  // of its product, and of its gradients' products
  bool requires_grad = false;
  bool freed = false;    // backward() went through and dropped the edges
  std::uint64_t id = 0;  // order of creation, which is a topological order

  Node() = default;
  ~Node();
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;
};

namespace {

thread_local bool recording = true;

std::uint64_t next_id() {
  static std::atomic<std::uint64_t> id{0};
  return ++id;
}

}  // namespace

// A long chain would be freed by one destructor inside the other. Moving the edges of every node
// that dies into one list keeps the stack flat.
Node::~Node() {
  std::vector<Edge> pending = std::move(edges);
  while (!pending.empty()) {
    const Edge last = std::move(pending.back());
    pending.pop_back();
    Node& input = *last.input.node_;
    if (last.input.node_.use_count() > 1) continue;
    std::move(input.edges.begin(), input.edges.end(), std::back_inserter(pending));
    input.edges.clear();
  }
}

Variable::Variable(Tensor value, bool requires_grad) : node_(std::make_shared<Node>()) {
  node_->value = std::move(value);
  node_->requires_grad = requires_grad;
  node_->id = next_id();
}

const Tensor& Variable::value() const { return node_->value; }
Tensor& Variable::value() { return node_->value; }
bool Variable::requires_grad() const { return node_->requires_grad; }
const std::optional<Tensor>& Variable::grad() const { return node_->grad; }
void Variable::zero_grad() { node_->grad.reset(); }
void Variable::watch(Watcher watcher) { node_->watcher = std::move(watcher); }
const Watcher& Variable::watcher() const { return node_->watcher; }

void Variable::set_grad(Tensor grad) {
  check(grad.shape() == shape(), "set_grad: the gradient has shape ", grad.shape(),
        ", the variable ", shape());
  node_->grad = std::move(grad);
}

Variable record(const char* op, Tensor y, std::vector<Edge> edges) {
  if (!recording) edges.clear();
  std::erase_if(edges, [](const Edge& edge) { return !edge.input.requires_grad(); });
  Variable result(std::move(y), !edges.empty());
  result.node_->op = op;
  result.node_->edges = std::move(edges);
  return result;
}

// Each edge takes its own of the gradients, which the first one that is asked computes: a recording
// is used once, so all of them see one dy.
Variable record(const char* op, Tensor y, const std::vector<Variable>& inputs,
                JointPullback pullback) {
  struct Joint {
    JointPullback pullback;
    std::vector<Tensor> gradients;
  };
  const auto joint = std::make_shared<Joint>(Joint{std::move(pullback), {}});
  std::vector<Edge> edges;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    edges.push_back({inputs[i], [joint, i, count = inputs.size()](const Tensor& dy) {
                       if (joint->gradients.empty()) joint->gradients = joint->pullback(dy);
                       check(joint->gradients.size() == count, "the joint pullback returned ",
                             joint->gradients.size(), " gradients, expected ", count);
                       return std::exchange(joint->gradients[i], {});
                     }});
  }
  return record(op, std::move(y), std::move(edges));
}

// Never in place: the tensor held may be shared with another node or with dy itself.
void accumulate(Node& node, const Tensor& grad, const char* op) {
  check(grad.shape() == node.value.shape(), op, ": pullback returned ", grad.shape(),
        " for an input of shape ", node.value.shape());
  node.grad = node.grad ? math::add(*node.grad, grad) : grad;
}

/// The gradient of an edge's input. Adds the op's name to the message of an error.
Tensor pull_back(const Node& node, const Edge& edge) {
  try {
    return edge.pullback(*node.grad);
  } catch (const MemoryError&) {
    throw;
  } catch (const Error& error) {
    throw Error(std::string("backward: ") + node.op + ": " + error.what());
  }
}

void Variable::backward() const {
  const profile::Section section("backward");
  check(value().count() == 1, "backward: needs a single number, got shape ", shape());
  check(!node_->freed, "backward: this graph was already used; compute the loss again");
  check(requires_grad(), "backward: nothing below this variable requires a gradient");
  accumulate(*node_, math::full(shape(), 1, device()), "backward");

  // Newest node first: every consumer of a node is newer than the node, so when a node comes
  // up its gradient is complete. A queue, not recursion, so depth is not limited by the stack.
  using NodePtr = std::shared_ptr<Node>;
  const auto older = [](const NodePtr& a, const NodePtr& b) { return a->id < b->id; };
  std::priority_queue<NodePtr, std::vector<NodePtr>, decltype(older)> ready(older);
  std::unordered_set<const Node*> seen;
  ready.push(node_);
  while (!ready.empty()) {
    const NodePtr node = ready.top();
    ready.pop();
    const ProductPrecision precision(node->precision);
    for (const Edge& edge : node->edges) {
      const NodePtr& input = edge.input.node_;
      check(!input->freed, node->op, ": an input's graph was already used by another backward");
      accumulate(*input, pull_back(*node, edge), node->op);
      if (seen.insert(input.get()).second) ready.push(input);
    }
    if (node->edges.empty()) continue;  // a leaf keeps its gradient
    node->edges.clear();                // frees the saved tensors as soon as they are used
    node->grad.reset();
    node->freed = true;
  }
}

NoGrad::NoGrad() : previous_(recording) { recording = false; }
NoGrad::~NoGrad() { recording = previous_; }

}  // namespace muonlab

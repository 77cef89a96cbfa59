// SPDX-License-Identifier: Apache-2.0
//
// A model that is exchanged while calls go on, and the sign of life of the threads that answer them.

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>
#include <vector>

#include "catch_amalgamated.hpp"
#include "iris.grpc.pb.h"
#include "src/serving/model_slot.h"
#include "tests/serving/fixture.h"

namespace iris {
namespace {

using namespace std::chrono_literals;

/// Says `species` to everything.
Model Always(int species) {
  Model model = IrisModel();
  model.weights.assign(model.weights.size(), 0);
  model.bias.assign(model.bias.size(), -1);
  model.bias[static_cast<std::size_t>(species)] = 1;
  return model;
}

/// From any thread: it asserts nothing, which Catch2 wants from one thread only.
int Species(const std::shared_ptr<grpc::Channel>& channel) {
  grpc::ClientContext context;
  ml::IrisPredictRequest request;
  request.set_petal_length(1);
  ml::IrisPredictReply reply;
  const bool ok = ml::IrisPredictor::NewStub(channel)->PredictIrisSpecies(&context, request, &reply).ok();
  return ok ? reply.species() : -1;
}

TEST_CASE("what began with the old model keeps it; what begins then has the new", "[model_reload]") {
  ModelSlot slot(Served(Always(0)));
  const auto held = slot.Get();
  slot.Set(Served(Always(2)));
  CHECK(*held->model == Always(0));
  CHECK(*slot.Get()->model == Always(2));
  const std::weak_ptr<const Model> old = held->model;
  CHECK_FALSE(old.expired());
}

TEST_CASE("the last who has a model destroys it", "[model_reload]") {
  ModelSlot slot(Served(Always(0)));
  const std::weak_ptr<const Model> old = slot.Get()->model;
  auto held = slot.Get();
  slot.Set(Served(Always(1)));
  CHECK_FALSE(old.expired());
  held.reset();
  CHECK(old.expired());
}

TEST_CASE("models are exchanged under load: every call is answered, and all by the new one afterwards",
          "[model_reload]") {
  const Running running = Serve(Always(0));
  std::atomic<bool> done = false;
  std::atomic<int> failed = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&] {
      const auto channel = Dial(running.address);
      while (!done) {
        const int species = Species(channel);
        if (species != 0 && species != 2) ++failed;
      }
    });
  }
  for (int i = 0; i < 200; ++i) {
    running.server->SetModel(Served(Always(i % 2 == 0 ? 2 : 0)));
    std::this_thread::sleep_for(1ms);
  }
  running.server->SetModel(Served(Always(2)));
  CHECK(Species(Dial(running.address)) == 2);
  done = true;
  for (std::thread& thread : threads) thread.join();
  CHECK(failed == 0);
}

TEST_CASE("threads that serve give a sign of life whenever they are asked", "[beat]") {
  const Running running = Serve();
  CHECK(running.server->Beat());  // nothing was owed
  for (int i = 0; i < 20; ++i) {
    const auto give_up = std::chrono::steady_clock::now() + 10s;
    bool alive = false;
    while (!alive && std::chrono::steady_clock::now() < give_up) {
      std::this_thread::sleep_for(1ms);
      alive = running.server->Beat();
    }
    REQUIRE(alive);
  }
  CHECK(running.server->Drain(10s));  // with a beat under way
}

}  // namespace
}  // namespace iris

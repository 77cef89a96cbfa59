// SPDX-License-Identifier: Apache-2.0

#include "src/cli/train_options.h"

#include <string>
#include <vector>

#include "catch_amalgamated.hpp"
#include "src/cli/options.h"
#include "src/dataset/iris.h"
#include "tests/cli/parse.h"

namespace iris {
namespace {

/// The options that `words` make, or why not.
Result<TrainingOptions> Parsed(const std::vector<std::string>& words) {
  CommandDefinition app;
  TrainingOptions options;
  AddTrainingOptions(app, options);
  if (const std::optional<Failure> failure = Parse(app, words)) {
    return Fail(ErrorCode::kInvalidArgument, failure->message);
  }
  if (const Result<void> settled = SettleTrainingOptions(app, options); !settled) {
    return std::unexpected(settled.error());
  }
  return options;
}

std::string Refusal(const std::vector<std::string>& words) {
  const Result<TrainingOptions> options = Parsed(words);
  return options ? "" : options.error().message;
}

using Weights = std::map<std::string, double>;

TEST_CASE("without options training is what scikit-learn's LinearSVC does", "[train_options]") {
  const Result<TrainingOptions> options = Parsed({});
  REQUIRE(options);
  CHECK(options->train == TrainOptions{});
  CHECK(options->costs == std::vector<double>{1});
  CHECK(options->threads == 0);
}

TEST_CASE("every option has its effect", "[train_options]") {
  CHECK(Parsed({"--cost", "0.25"})->train.cost == 0.25);
  CHECK(Parsed({"--loss", "hinge"})->train.loss == Loss::kHinge);
  CHECK(Parsed({"--penalty", "l1"})->train.penalty == Penalty::kL1);
  CHECK_FALSE(Parsed({"--no-intercept"})->train.fit_intercept);
  CHECK(Parsed({"--intercept-scaling", "20"})->train.intercept_scaling == 20);
  CHECK(Parsed({"--threads", "3"})->threads == 3);
  CHECK(Parsed({"--class-weight", "balanced"})->train.balanced);
  CHECK(Parsed({"--class-weight", "a=2,b=0.5"})->train.class_weights == Weights{{"a", 2}, {"b", 0.5}});
}

TEST_CASE("costs are sorted, each once", "[train_options]") {
  const Result<TrainingOptions> options = Parsed({"--cost", "10, 0.1,1,10"});
  REQUIRE(options);
  CHECK(options->costs == std::vector<double>{0.1, 1, 10});
  CHECK(options->train.cost == 0.1);
  CHECK(Refusal({"--cost", "1,zero"}) == "--cost: found 'zero', expected a number greater than 0");
  CHECK(Refusal({"--cost", "1,-2"}) == "--cost: found '-2', expected a number greater than 0");
  CHECK(Refusal({"--cost", "1,"}) == "--cost: found '1,', expected a number greater than 0 on each side of a comma");
  for (const char* bad : {"1,,2", ",1", "1, ,2"}) CHECK_FALSE(Parsed({"--cost", bad}));
  for (const char* bad : {"0", "nan", "inf", "", ",", "1e999"}) CHECK_FALSE(Parsed({"--cost", bad}));
}

TEST_CASE("names of classes may hold commas and equals signs", "[train_options]") {
  CHECK(Parsed({"--class-weight", "Smith, John=2,x=y=3"})->train.class_weights ==
        Weights{{"Smith, John", 2}, {"x=y", 3}});
  for (const char* bad : {"", "a", "a=", "=2", "a=0", "a=-1", "a=nan", "a=2,", "a=2,b", "Balanced"}) {
    INFO(bad);
    CHECK_FALSE(Parsed({"--class-weight", bad}));
  }
  CHECK(Refusal({"--class-weight", "a=2,b"}) ==
        "--class-weight: found 'b', expected balanced, or NAME=W,NAME=W with weights greater than 0");
  CHECK(Refusal({"--class-weight", "a=2,a=3"}) ==
        "--class-weight: found 'a=2,a=3', expected each class once; 'a' is there twice");
}

TEST_CASE("options that do not go together are refused", "[train_options]") {
  CHECK(Refusal({"--penalty", "l1", "--loss", "hinge"})
            .starts_with("--penalty l1 goes with --loss squared_hinge only"));
  CHECK(Refusal({"--no-intercept", "--intercept-scaling", "2"}) ==
        "--intercept-scaling and --no-intercept exclude each other; leave out one");
  const ScopedVariable variable("IRIS_INTERCEPT_SCALING", "2");
  CHECK(Parsed({"--no-intercept"})->train.intercept_scaling == 1);
}

TEST_CASE("several costs where one is needed are refused where they were given", "[train_options]") {
  const auto check = [](const std::vector<std::string>& words) {
    CommandDefinition app;
    TrainingOptions options;
    AddTrainingOptions(app, options);
    REQUIRE_FALSE(Parse(app, words));
    return CheckSingleCost(app, options, "say which");
  };
  CHECK(check({}));
  CHECK(check({"--cost", "2,2"}));
  CHECK(check({"--cost", "1,2"}).error() ==
        Error{ErrorCode::kInvalidArgument, "--cost: found 2 costs, expected one; say which"});
  const ScopedVariable variable("IRIS_COST", "1,2,3");
  CHECK(check({}).error() == Error{ErrorCode::kConfiguration, "IRIS_COST: found 3 costs, expected one; say which"});
}

TEST_CASE("a weight for no class of the table names the option that gave it", "[train_options]") {
  const Dataset iris = LoadIris();
  CHECK(CheckClassWeights(*Parsed({"--class-weight", "setosa=2"}), iris));
  const Result<void> unknown = CheckClassWeights(*Parsed({"--class-weight", "zz=1"}), iris);
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().message.starts_with("--class-weight: found a weight for class \"zz\", expected one of "));
  const ScopedVariable variable("IRIS_CLASS_WEIGHT", "zz=1");
  CHECK(CheckClassWeights(*Parsed({}), iris).error().message.starts_with("IRIS_CLASS_WEIGHT: found a weight"));
}

TEST_CASE("all names of training options are declared", "[train_options]") {
  CommandDefinition app;
  TrainingOptions options;
  AddTrainingOptions(app, options);
  CHECK_FALSE(FirstGivenFlag(app, TrainingOptionNames()));
  CHECK(app.options().size() == TrainingOptionNames().size() + 1);  // and --help
}

}  // namespace
}  // namespace iris

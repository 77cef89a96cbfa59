// SPDX-License-Identifier: Apache-2.0

#include "src/model_file/liblinear_model.h"

#include <bit>
#include <cmath>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "catch_amalgamated.hpp"
#include "src/svm/predictor.h"
#include "tests/model_file/models.h"

namespace iris {
namespace {

// As liblinear-train 2.30 writes them, of the embedded data; the first two of versicolor (1) and virginica (2) only.
constexpr const char* kTwoClasses =
    "solver_type L2R_L2LOSS_SVC\nnr_class 2\nlabel 1 2\nnr_feature 4\nbias 2.5\nw\n"
    "0.65562867563837057 \n0.8246279629671468 \n-1.4398741200436225 \n-1.8377840503477809 \n1.4581267680414607 \n";
constexpr const char* kNoBias =
    "solver_type L1R_LR\nnr_class 2\nlabel 1 2\nnr_feature 4\nbias -1\nw\n"
    "1.1113052974755051 \n1.146493215775058 \n-1.4221007483157257 \n-1.9729897505125986 \n";
constexpr const char* kCrammerSingerOfTwo =
    "solver_type MCSVM_CS\nnr_class 2\nlabel 1 2\nnr_feature 4\nbias 1\nw\n"
    "0.58020344678796432 -0.58020344678796865 \n0.68399284562615459 -0.68399284562615825 \n"
    "-0.95473074679929959 0.95473074679930092 \n-1.3045600259670642 1.3045600259670738 \n"
    "1.2505485186804135 -1.2505485186804126 \n";
constexpr const char* kThreeClasses =
    "solver_type L2R_LR\nnr_class 3\nlabel 0 1 2\nnr_feature 4\nbias 1\nw\n"
    "0.34172599569746276 0.38540192300633969 -1.6925061010575555 \n"
    "1.5366762376023506 -1.597608061928387 -1.5297006855024107 \n"
    "-2.1913754578689812 0.63217730767850122 2.4542966739669896 \n"
    "-1.0341456830502291 -1.4843559966976334 2.5448510072371984 \n"
    "0.26938805024685342 1.1737110591393896 -1.2222646475424865 \n";

const std::vector<double> kVersicolor = {7.0, 3.2, 4.7, 1.4};
const std::vector<double> kVirginica = {6.3, 3.3, 6.0, 2.5};

Model Decoded(const std::string& text) {
  const Result<Model> model = DecodeLiblinear(text, "m");
  REQUIRE(model);
  return *model;
}

std::string Label(const Model& model, const std::vector<double>& x) {
  return model.class_names[static_cast<std::size_t>(Predict(model, x))];
}

std::string Message(const std::string& text) {
  const Result<Model> model = DecodeLiblinear(text, "m");
  if (model) return "no error";
  CHECK(model.error().code == ErrorCode::kBadData);
  return model.error().message;
}

std::string Replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

TEST_CASE("LIBLINEAR: two classes: one row, for label[0], which is our second class") {
  const Model model = Decoded(kTwoClasses);
  CHECK(model.class_names == std::vector<std::string>{"2", "1"});
  CHECK(model.feature_names == std::vector<std::string>{"feature_1", "feature_2", "feature_3", "feature_4"});
  CHECK(model.weights ==
        std::vector<double>{0.65562867563837057, 0.8246279629671468, -1.4398741200436225, -1.8377840503477809});
  CHECK(model.bias == std::vector<double>{2.5 * 1.4581267680414607});
  CHECK(model.trained_by == "LIBLINEAR L2R_L2LOSS_SVC");
  CHECK_FALSE(model.options_known);
  CHECK(model.certificates.empty());
  for (const char* text : {kTwoClasses, kNoBias, kCrammerSingerOfTwo}) {
    CHECK(Label(Decoded(text), kVersicolor) == "1");
    CHECK(Label(Decoded(text), kVirginica) == "2");
  }
  // liblinear-predict: a decision value of 0 is label[1].
  const Model tie = Decoded("solver_type L2R_LR\nnr_class 2\nlabel 7 -8\nnr_feature 1\nbias -1\nw\n1 \n");
  CHECK(Label(tie, {1e-300}) == "7");
  CHECK(Label(tie, {0}) == "-8");
  CHECK(Label(tie, {-1e-300}) == "-8");
}

TEST_CASE("LIBLINEAR: of two columns of MCSVM_CS the first decides alone") {
  // Not what the largest of two would say: x = 1 has 1 and 5, and liblinear-predict answers 7.
  const Model model = Decoded("solver_type MCSVM_CS\nnr_class 2\nlabel 7 8\nnr_feature 1\nbias -1\nw\n1 5 \n");
  CHECK(model.weights == std::vector<double>{1});
  CHECK(Label(model, {1}) == "7");
  CHECK(Label(model, {-1}) == "8");
  CHECK(Decoded(kCrammerSingerOfTwo).bias == std::vector<double>{1.2505485186804135});
  CHECK(EncodeLiblinear(model) ==
        "solver_type L2R_L2LOSS_SVC\nnr_class 2\nlabel 7 8\nnr_feature 1\nbias -1\nw\n1 \n");  // one column
}

TEST_CASE("LIBLINEAR: more classes: a row each, the first of equals") {
  const Model model = Decoded(kThreeClasses);
  CHECK(model.class_names == std::vector<std::string>{"0", "1", "2"});
  CHECK(model.row(1)[0] == 0.38540192300633969);
  CHECK(model.row(2)[3] == 2.5448510072371984);
  CHECK(model.bias == std::vector<double>{0.26938805024685342, 1.1737110591393896, -1.2222646475424865});
  CHECK(Label(model, kVirginica) == "2");
  const Model tie = Decoded("solver_type MCSVM_CS\nnr_class 3\nlabel 5 3 4\nnr_feature 1\nbias 0\nw\n1 2 2 \n9 9 9 \n");
  CHECK(tie.bias == std::vector<double>{0, 0, 0});
  CHECK(Label(tie, {1}) == "3");
  CHECK(Label(tie, {0}) == "5");
}

TEST_CASE("LIBLINEAR's own files come back as the same bytes, through any number of readers") {
  for (const char* text : {kNoBias, kThreeClasses}) CHECK(EncodeLiblinear(Decoded(text)) == text);
  // Another constant feature is multiplied in.
  CHECK(EncodeLiblinear(Decoded(kTwoClasses)) ==
        Replaced(Replaced(kTwoClasses, "bias 2.5", "bias 1"), "1.4581267680414607", "3.6453169201036517"));
}

TEST_CASE("LIBLINEAR: encode, decode, encode: the same rows, the same bytes") {
  for (const Model& model : AllModels()) {
    const std::string text = EncodeLiblinear(model);
    CAPTURE(text);
    const Model back = Decoded(text);
    CHECK(back.weights == model.weights);
    CHECK(back.bias == model.bias);
    CHECK(EncodeLiblinear(back) == text);
  }
  CHECK(EncodeLiblinear(TwoClassModel()) ==
        "solver_type L2R_L1LOSS_SVC_DUAL\nnr_class 2\nlabel 1 0\nnr_feature 1\nbias 1\nw\n0.75 \n-0.5 \n");
  CHECK(EncodeLiblinear(L1Model()).starts_with(
      "solver_type L1R_L2LOSS_SVC\nnr_class 3\nlabel 0 1 2\nnr_feature 4\nbias -1\nw\n0.18424"));
  CHECK(EncodeLiblinear(IrisModel()).starts_with("solver_type L2R_L2LOSS_SVC\nnr_class 3\n"));
}

TEST_CASE("LIBLINEAR: any finite doubles survive, bit for bit") {
  std::mt19937_64 random(1936);
  const auto any = [&] {
    while (true) {
      if (const auto value = std::bit_cast<double>(random()); std::isfinite(value)) return value;
    }
  };
  for (int round = 0; round < 200; ++round) {
    Model model = IrisModel();
    for (double& weight : model.weights) weight = any();
    for (double& bias : model.bias) bias = any();
    model.weights[0] = -0.0;
    const Model back = Decoded(EncodeLiblinear(model));
    CHECK(back.weights == model.weights);
    CHECK(back.bias == model.bias);
    CHECK(std::signbit(back.weights[0]));
  }
}

TEST_CASE("LIBLINEAR: labels of classes") {
  using Names = std::vector<std::string>;
  using Labels = std::vector<std::int32_t>;
  CHECK(LiblinearLabels(Names{"setosa", "versicolor"}) == Labels{0, 1});
  CHECK(LiblinearLabels(Names{"5", "-3", "+7", "007"}) == Labels{0, 1, 2, 3});  // 7 twice
  CHECK(LiblinearLabels(Names{"5", "-3", "+7"}) == Labels{5, -3, 7});
  CHECK(LiblinearLabels(Names{"1", "b"}) == Labels{0, 1});
  CHECK(LiblinearLabels(Names{"1", "1.5"}) == Labels{0, 1});
  CHECK(LiblinearLabels(Names{"2147483647", "-2147483648"}) == Labels{2147483647, -2147483647 - 1});
  CHECK(LiblinearLabels(Names{"2147483648", "1"}) == Labels{0, 1});
  CHECK(LiblinearLabels(Names{"9999999999999999999999", "-", "+", ""}) == Labels{0, 1, 2, 3});
  Model model = TwoClassModel();
  model.class_names = {"-1", "1"};
  CHECK(EncodeLiblinear(model).contains("\nlabel 1 -1\n"));
  CHECK(Decoded(EncodeLiblinear(model)).class_names == model.class_names);
}

TEST_CASE("LIBLINEAR: lines in another order, and from Windows") {
  CHECK(Decoded("bias -1\nnr_feature 1\nlabel 7 8\nnr_class 2\nsolver_type L2R_LR\nw\n1 \n").weights ==
        std::vector<double>{1});
  const Model windows =
      Decoded("solver_type L2R_LR\r\nnr_class 2\r\nlabel 7 8\r\nnr_feature 1\r\nbias -1\r\nw\r\n1e0\r\n");
  CHECK(windows.class_names == std::vector<std::string>{"8", "7"});
}

TEST_CASE("LIBLINEAR: each thing that can be wrong has its message") {
  const auto with = [](const std::string& from, const std::string& to) {
    return Message(Replaced(kThreeClasses, from, to));
  };
  const std::string types =
      "expected one of L2R_LR L2R_L2LOSS_SVC_DUAL L2R_L2LOSS_SVC L2R_L1LOSS_SVC_DUAL MCSVM_CS L1R_L2LOSS_SVC L1R_LR "
      "L2R_LR_DUAL";
  REQUIRE(Message(kThreeClasses) == "no error");
  for (const char* type : {"L2R_L2LOSS_SVR", "L2R_L2LOSS_SVR_DUAL", "L2R_L1LOSS_SVR_DUAL", "ONECLASS_SVM"}) {
    CHECK(with("L2R_LR", type) == "m:1: LIBLINEAR model: found the solver type \"" + std::string(type) +
                                      "\", which is no classifier, " + types);
  }
  CHECK(with("L2R_LR", "l2r_lr") == "m:1: LIBLINEAR model: found the solver type \"l2r_lr\", " + types);
  CHECK(with("L2R_LR", "") == "m:1: LIBLINEAR model: found nothing, expected a solver type");
  CHECK(with("L2R_LR", "L2R_LR L2R_LR") == "m:1: LIBLINEAR model: found \"L2R_LR\" after it, expected a solver type");
  for (const char* count : {"1", "0", "-3", "3.0", "x", "2147483648", "99999999999999999999999"}) {
    CHECK(with("nr_class 3", "nr_class " + std::string(count)) ==
          "m:2: LIBLINEAR model: found \"" + std::string(count) +
              "\", expected the number of classes, a whole number from 2 to 2147483647");
  }
  CHECK(with("nr_class 3", "nr_class 4") ==
        "m:6: LIBLINEAR model: found 3 labels, expected 4, one a class, as nr_class says");
  CHECK(with("label 0 1 2", "label 0 1 1") == "m:3: LIBLINEAR model: found the label 1 twice, expected it once");
  CHECK(with("label 0 1 2", "label 0 1 two") ==
        "m:3: LIBLINEAR model: found the label \"two\", expected a whole number of 32 bits");
  CHECK(with("label 0 1 2", "label") ==
        "m:6: LIBLINEAR model: found 0 labels, expected 3, one a class, as nr_class says");
  CHECK(with("nr_feature 4", "nr_feature 0") ==
        "m:4: LIBLINEAR model: found \"0\", expected the number of features, a whole number from 1 to 2147483647");
  CHECK(with("nr_feature 4", "nr_feature 1000000000000").contains("m:4: LIBLINEAR model: found \"1000000000000\""));
  CHECK(with("nr_feature 4", "nr_feature 2147483647") ==
        "m:6: LIBLINEAR model: found 300 bytes of weights, expected 6442450944 numbers, as nr_class and nr_feature "
        "say: was the file cut short?");
  CHECK(with("nr_feature 4", "nr_feature 5") ==
        "m:12: LIBLINEAR model: found the end, expected 6 rows of weights: was the file cut short?");
  CHECK(with("nr_feature 4", "nr_feature 3") ==
        "m:10: LIBLINEAR model: found more after the last row, expected the end of the file");
  for (const char* bias : {"nan", "inf", "one", "1e999", "0x1p3"}) {
    CHECK(with("bias 1", "bias " + std::string(bias)) ==
          "m:5: LIBLINEAR model: found \"" + std::string(bias) +
              "\", expected the bias, a finite number (below 0 for none)");
  }
  CHECK(with("bias 1", "bias") ==
        "m:5: LIBLINEAR model: found nothing, expected the bias, a finite number (below 0 for none)");
  CHECK(Message(Replaced(Replaced(kThreeClasses, "bias 1", "bias 1e300"), "1.1737110591393896", "1e300")) ==
        "m:11: LIBLINEAR model: found a bias weight of \"1e300\", expected its product with the bias to be finite");
  CHECK(with("bias 1\n", "") == "m:5: LIBLINEAR model: found no bias, expected a line with it before \"w\"");
  CHECK(with("bias 1\n", "bias 1\nbias 1\n") == "m:6: LIBLINEAR model: found \"bias\" twice, expected it once");
  CHECK(with("bias 1\n", "bias 1\nrho 1\n") ==
        "m:6: LIBLINEAR model: found \"rho\", expected solver_type, nr_class, label, nr_feature, bias or w");
  CHECK(with("w\n", "w 1\n") ==
        "m:6: LIBLINEAR model: found \"1\" after \"w\", expected the weights in the lines below");
  for (const char* number : {"nan", "-inf", "1e999", "1,5", "0x1p3"}) {
    CHECK(with("2.4542966739669896", number) ==
          "m:9: LIBLINEAR model: found \"" + std::string(number) + "\", expected a finite number");
  }
  CHECK(with(" 2.4542966739669896", "") == "m:9: LIBLINEAR model: found 2 numbers in the row, expected 3 numbers");
  CHECK(with("2.4542966739669896", "1 2") ==
        "m:9: LIBLINEAR model: found \"2\" after the last number of the row, expected 3 numbers");
  CHECK(Message(std::string(kThreeClasses) + "\n") ==
        "m:11: LIBLINEAR model: found more after the last row, expected the end of the file");
  CHECK(Message("") ==
        "m:1: LIBLINEAR model: found the end, expected a line with \"w\" and the weights: was the file cut short?");
  std::string unended = kThreeClasses;
  unended.pop_back();
  CHECK(Message(unended) ==
        "m:11: LIBLINEAR model: found a line without its end, expected 5 rows of weights: was the file cut short?");
}

}  // namespace
}  // namespace iris

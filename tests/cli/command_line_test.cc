// SPDX-License-Identifier: Apache-2.0

#include <cstdlib>
#include <string>
#include <vector>

#include "catch_amalgamated.hpp"
#include "src/cli/command.h"
#include "src/cli/help.h"
#include "src/cli/options.h"
#include "tests/cli/run.h"

namespace iris {
namespace {

TEST_CASE("without a command the help goes to standard error", "[command_line]") {
  const Outcome outcome = Run({});
  CHECK(outcome.exit_code == 64);
  CHECK(outcome.output.empty());
  CHECK(outcome.messages.starts_with(ProgramHelp()));
}

TEST_CASE("help can be had in every way people ask for it", "[command_line]") {
  for (const char* word : {"help", "--help", "-h"}) {
    const Outcome outcome = Run({word});
    CHECK(outcome.exit_code == 0);
    CHECK(outcome.output == ProgramHelp());
    CHECK(outcome.messages.empty());
  }
  for (const Command& command : Commands()) {
    const std::string help = Run({"help", command.name}).output;
    CHECK(help.starts_with("Example:\n"));
    CHECK(Run({command.name, "--help"}).output == help);
    CHECK(Run({command.name, "-h"}).output == help);
    CHECK(Run({command.name, "--no-such-option", "-h"}).output == help);
  }
}

TEST_CASE("mistyped commands and options are answered with what was meant", "[command_line]") {
  CheckRefused({"serv"}, "unknown command 'serv'; did you mean 'serve'?");
  CheckRefused({"help", "trian"}, "unknown command 'trian'; did you mean 'train'?");
  CheckRefused({"frobnicate"}, "unknown command 'frobnicate'; 'iris-predictor --help' lists the commands");
  CheckRefused({"--versoin"}, "unknown option '--versoin'; did you mean '--version'?");
  CheckRefused({"serve", "--lsiten", "[::]:0"}, "unknown option '--lsiten'; did you mean '--listen'?");
  CheckRefused({"predict", "--prot=1", "1", "2", "3", "4"}, "unknown option '--prot'; did you mean '--port'?");
  CheckRefused({"train", "-x"}, "unknown option '-x'; 'iris-predictor train --help' lists the options");
  CheckRefused({"serve", "now"},
               "unexpected argument 'now'; 'iris-predictor serve --help' shows what serve takes");
}

TEST_CASE("options without a value, and flags with one, are refused", "[command_line]") {
  CheckRefused({"predict", "1", "2", "3", "4", "--port"}, "--port: needs a value, PORT");
  CheckRefused({"train", "--loss", "log"}, "--loss: found 'log', expected squared_hinge or hinge");
  CheckRefused({"version", "--json=maybe"}, "--json: found 'maybe', expected no value");
}

TEST_CASE("numbers with a sign, a point first, nan and inf are numbers, not options", "[command_line]") {
  // The last one is refused, so the others were read.
  CheckRefused({"predict", "-1.5", "-.5", "-1e-3", "abc"}, "petal width: found 'abc', expected a number");
  CheckRefused({"predict", "nan", "-inf", "-nan", "1,5"}, "petal width: found '1,5', expected a number");
  CheckRefused({"predict", "1", "2", "3", "-e3"},
               "unknown option '-e3'; 'iris-predictor predict --help' lists the options");
  CheckRefused({"predict", "1", "2", "3", ""}, "petal width: found '', expected a number");
}

TEST_CASE("a number is an argument, and no text is a value", "[command_line]") {
  CheckRefused({"train", "-5"}, "unexpected argument '-5'; 'iris-predictor train --help' shows what train takes");
  CheckRefused({"train", "--out", ""}, "--out: found '', expected FILE");
  CheckRefused({"train", "--out="}, "--out: found '', expected FILE");
}

TEST_CASE("a wrong number of numbers says what is expected", "[command_line]") {
  const std::string expected =
      ", expected 4: sepal length, sepal width, petal length, petal width; or --input FILE.csv";
  CheckRefused({"predict"}, "found no numbers" + expected);
  CheckRefused({"predict", "-1"}, "found 1 number" + expected);
  CheckRefused({"predict", "[5.0,3.6,1.3,0.25]"}, "found 1 number" + expected);
  CheckRefused({"predict", "1", "2", "3", "4", "5"}, "found 5 numbers" + expected);
}

TEST_CASE("options that exclude each other are refused", "[command_line]") {
  CheckRefused({"predict", "--input", "x.csv", "1", "2", "3", "4"},
               "numbers and --input exclude each other; give one of them");
  for (const char* option : {"--host", "--port", "--timeout", "--tls-ca", "--tls-cert", "--tls-key",
                             "--tls-server-name"}) {
    CheckRefused({"predict", "--model", "m.json", option, "1", "1", "2", "3", "4"},
                 std::string("--model needs no server: leave out ") + option + ", or --model");
  }
  CheckRefused({"predict", "--tls", "--model", "m.json", "1", "2", "3", "4"},
               "--model needs no server: leave out --tls, or --model");
  CheckRefused({"predict", "--label", "2", "1", "2", "3", "4"},
               "--label says how a file is written, but there is none; name it with --input");
  CheckRefused({"train", "--delimiter", ";"},
               "--delimiter says how a file is written, but there is none; name it with --data");
  CheckRefused({"train", "--seed", "1"}, "--seed deals samples into folds, but there are none; add --folds K");
  CheckRefused({"train", "--cost", "1,2"}, "--cost: found 2 costs, expected one; choose among them with --folds K");
  CheckRefused({"evaluate", "--cost", "1,2"},
               "--cost: found 2 costs, expected one; evaluate one at a time, or choose with 'iris-predictor train'");
  for (const char* option : {"--folds", "--seed", "--cost", "--intercept-scaling", "--threads"}) {
    CheckRefused({"evaluate", "--model", "m.json", option, "2"},
                 std::string("--model is trained already: leave out ") + option + ", or --model");
  }
  CheckRefused({"evaluate", "--no-intercept", "--model", "m.json"},
               "--model is trained already: leave out --no-intercept, or --model");
  CheckRefused({"train", "--penalty", "l1", "--loss", "hinge"},
               "--penalty l1 goes with --loss squared_hinge only; leave out one of --penalty l1 and --loss hinge");
}

TEST_CASE("convert and inspect say what they need", "[command_line]") {
  const std::string example = "as in 'iris-predictor convert model.json --to liblinear --out model.txt'";
  CheckRefused({"convert"}, "convert needs the model file and --to json or --to liblinear, " + example);
  CheckRefused({"convert", "m.json"}, "convert needs the model file and --to json or --to liblinear, " + example);
  CheckRefused({"convert", "m.json", "--to", "pickle"}, "--to: found 'pickle', expected json or liblinear");
  CheckRefused({"inspect"}, "inspect needs the model file to show, as in 'iris-predictor inspect model.json'");
}

}  // namespace
}  // namespace iris

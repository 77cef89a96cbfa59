// SPDX-License-Identifier: Apache-2.0
//
// The table. A new command is a file that defines it, its name in the list of declarations, and a row.

#include "src/cli/command.h"

namespace iris {

using Definition = std::function<ExitCode()>(CommandDefinition& app);
Definition DefineServe, DefineTrain, DefinePredict, DefineEvaluate, DefineInspect, DefineConvert, DefineHealthcheck,
    DefineBench, DefineConfig, DefinePrint, DefineVersion;

std::span<const Command> Commands() {
  static constexpr Command kCommands[] = {
      {"serve", "serve a model over gRPC: the embedded Iris model, or one from a file",
       "iris-predictor serve --listen 127.0.0.1:50052", DefineServe},
      {"train", "train a linear SVM and show it with the proof that it is optimal",
       "iris-predictor train --data flowers.csv --out model.json", DefineTrain},
      {"predict", "classify samples, asking a server or with a model file",
       "iris-predictor predict --host localhost --port 50052 5.0 3.6 1.3 0.25", DefinePredict},
      {"evaluate", "show how well a model, or training, does on a labelled table",
       "iris-predictor evaluate --data flowers.csv --folds 5", DefineEvaluate},
      {"inspect", "show what a model file holds, and its certificate", "iris-predictor inspect model.json",
       DefineInspect},
      {"convert", "turn a model file into another format: JSON, or LIBLINEAR's text",
       "iris-predictor convert model.json --to liblinear --out model.txt", DefineConvert},
      {"healthcheck", "ask a server whether it is healthy: exit code 0 if so, else 1",
       "iris-predictor healthcheck --timeout 2", DefineHealthcheck},
      {"bench", "put a load on a server: calls a second, latencies, and whether every answer is right",
       "iris-predictor bench --connections 8 --in-flight 8 --duration 10", DefineBench},
      {"config", "show what serve is set to, and by what: flag, environment, file or default",
       "iris-predictor config --config iris.json", DefineConfig},
      {"print", "print the files that this program carries, such as the .proto files of its services",
       "iris-predictor print proto --out protos", DefinePrint},
      {"version", "show the version, and how this program was built", "iris-predictor version --json", DefineVersion},
  };
  return kCommands;
}

}  // namespace iris

// SPDX-License-Identifier: Apache-2.0
//
// print: the files that the program carries, to standard output or into a folder. Another thing to print is a row of
// the table.

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "src/base/atomic_file.h"
#include "src/base/directory.h"
#include "src/base/text.h"
#include "src/cli/command.h"
#include "src/cli/console.h"
#include "src/cli/embedded_files.h"
#include "src/cli/options.h"
#include "src/cli/print.h"
#include "src/cli/suggestion.h"
#include "src/cli/systemd_unit.h"
#include "src/system/signals.h"

namespace iris {
namespace {

constexpr const char* kHelp = "iris-predictor print --help";

/// One row of the table: a set of files with a name.
struct Printable {
  const char* what;
  const char* summary;  ///< One line, no full stop.
  const char* kind;     ///< What messages call one of the files.
  const char* comment;  ///< What begins a comment in them.
  std::span<const EmbeddedFile> (*files)();
  /// Makes of a text what suits a version of systemd; null: it is printed as it is.
  std::string (*adapt)(std::string text, std::optional<std::uint64_t> systemd) = nullptr;
};

constexpr Printable kPrintables[] = {
    {"proto", "what clients are generated from: the .proto files of every service", ".proto file", "//",
     EmbeddedProtos},
    {"compose", "a Compose file, plaintext and with TLS", "Compose file", "#", EmbeddedCompose},
    {"kubernetes", "manifests of a fleet, and of the same under KServe", "manifest", "#", EmbeddedKubernetes},
    {"licenses", "the licence, and the notices of all that is linked in", "licence file", "#", EmbeddedLicenses},
    {"unit", "a systemd service unit", "unit", "#", EmbeddedUnit, UnitForSystemd},
    {"socket", "a systemd socket unit for it, if systemd is to open its port", "unit", "#", EmbeddedSocket},
    {"completion", "what completes command lines in a shell", "completion", "#", EmbeddedCompletions},
    {"man", "the manual page", "manual page", ".\\\"", EmbeddedManual},
    {"sbom", "the bill of materials, as CycloneDX", "bill of materials", "#", EmbeddedSbom},
};

struct PrintOptions {
  std::string what;
  std::optional<std::string> name{};
  std::string out;
  std::optional<std::uint64_t> systemd{};  ///< The version of it that is printed for; nothing: this machine's.
};

/// Of a set all files, or the one of that name. Errors: kInvalidArgument, with what may have been meant.
Result<std::vector<EmbeddedFile>> Choose(const Printable& printable, const std::optional<std::string>& name) {
  const std::span<const EmbeddedFile> files = printable.files();
  if (!name) return std::vector<EmbeddedFile>(files.begin(), files.end());
  std::vector<std::string> paths;
  std::optional<std::string> in_a_folder;
  for (const EmbeddedFile& file : files) {
    if (file.path == *name) return std::vector<EmbeddedFile>{file};
    const std::string& path = paths.emplace_back(file.path);
    if (!in_a_folder && path.ends_with("/" + *name)) in_a_folder = path;
  }
  const std::optional<std::string> meant = in_a_folder ? in_a_folder : NearestWord(*name, paths);
  return Fail(ErrorCode::kInvalidArgument, UnknownWord(printable.kind, *name, meant, kHelp));
}

/// The text of one file as it is printed: byte for byte, or made to suit the machine.
std::string TextOf(const Printable& printable, const EmbeddedFile& file, std::optional<std::uint64_t> systemd) {
  if (printable.adapt == nullptr) return WholeText(file);
  return printable.adapt(WholeText(file), systemd ? systemd : InstalledSystemd());
}

/// A single file as it is; several one after the other, each behind a line that names it.
std::string TextOf(const Printable& printable, std::span<const EmbeddedFile> files,
                   std::optional<std::uint64_t> systemd) {
  if (files.size() == 1) return TextOf(printable, files[0], systemd);
  std::string text;
  for (const EmbeddedFile& file : files) {
    if (!text.empty()) text += '\n';
    text += std::string(printable.comment) + " ==== " + std::string(file.path) + " ====\n" +
            TextOf(printable, file, systemd);
  }
  return text;
}

ExitCode WriteTree(const Printable& printable, std::span<const EmbeddedFile> files, const PrintOptions& options) {
  const std::string& folder = options.out;
  for (const EmbeddedFile& file : files) {
    const std::string path = folder + (folder.ends_with('/') ? "" : "/") + std::string(file.path);
    Result<void> written = MakeDirectories(path.substr(0, path.rfind('/')));
    if (written) written = WriteFileAtomically(path, TextOf(printable, file, options.systemd));
    if (!written) return Report(written.error());
    if (const ExitCode told = PrintResult("wrote " + path + "\n"); told != ExitCode::kOk) return told;
  }
  return ExitCode::kOk;
}

ExitCode Print(const PrintOptions& options) {
  RestoreDefaultSignals();
  if (options.what.empty()) {
    PrintMessage("print needs to know what, as in 'iris-predictor print proto'; '" + std::string(kHelp) +
                 "' lists all there is");
    return ExitCode::kUsage;
  }
  const auto* const printable =
      std::ranges::find_if(kPrintables, [&](const Printable& each) { return each.what == options.what; });
  if (printable == std::end(kPrintables)) {
    std::vector<std::string> known;
    for (const Printable& each : kPrintables) known.emplace_back(each.what);
    PrintMessage(UnknownWord("subject", options.what, NearestWord(options.what, known), kHelp));
    return ExitCode::kUsage;
  }
  if (options.systemd && printable->adapt == nullptr) {
    PrintMessage("--systemd-version is for 'print unit'; '" + options.what + "' is the same for every version");
    return ExitCode::kUsage;
  }
  const Result<std::vector<EmbeddedFile>> files = Choose(*printable, options.name);
  if (!files) return Report(files.error());
  if (!options.out.empty()) return WriteTree(*printable, *files, options);
  return PrintResult(TextOf(*printable, *files, options.systemd));
}

/// What can be printed, and the files of each, for the help.
std::string Subjects() {
  std::string text;
  for (const Printable& printable : kPrintables) {
    text += std::string(printable.what) + ": " + printable.summary + ". Files:";
    for (const EmbeddedFile& file : printable.files()) text += " " + std::string(file.path);
    text += ". ";
  }
  return text;
}

}  // namespace

std::vector<std::string> PrintSubjects() {
  std::vector<std::string> subjects;
  for (const Printable& each : kPrintables) subjects.emplace_back(each.what);
  return subjects;
}

std::function<ExitCode()> DefinePrint(CommandDefinition& app) {
  const auto options = std::make_shared<PrintOptions>();
  std::string subjects;
  for (const std::string& each : PrintSubjects()) subjects += (subjects.empty() ? "" : ", ") + each;
  AddArgument(app, kSubjectName, "what to print: " + subjects, options->what);
  AddArgument(app, "NAME", "one of its files, byte for byte; without it all, each behind a line with its name",
              [options](const std::string& name) -> Result<void> {
                options->name = name;
                return {};
              });
  AddText(app, "--out", "DIR",
          "write the files into this folder, which is made if need be, instead; prints their names", options->out);
  AddOption(app, "--systemd-version", "NUMBER",
            "the version of systemd that a unit is for: from 253 on it is told of reloads",
            [options](const std::string& text) -> Result<void> {
              const std::optional<std::uint64_t> version = ReadSystemdVersion("systemd " + text);
              if (!version || std::to_string(*version) != text) {
                return Fail(ErrorCode::kInvalidArgument, "found " + Quote(text) + ", expected a version such as 252");
              }
              options->systemd = version;
              return {};
            })
      ->set_default_text("this machine's");
  app.set_footer(Subjects());
  return [options] { return Print(*options); };
}

}  // namespace iris

// SPDX-License-Identifier: Apache-2.0
//
// How long it takes from starting a server until it has answered its first call.
//   port=P path=/x.Y/Z request=FILE patience=SECONDS -- COMMAND…   which listens on 127.0.0.1:P
// Prints {"seconds": …, "resident": bytes after that call}, and ends the server.

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "arguments.h"
#include "http2_client.h"
#include "measurement.h"

namespace {

constexpr std::chrono::microseconds kBetweenTries{100};

/// The child ends with this process, however that ends.
pid_t Start(char** command) {
  const pid_t child = fork();
  if (child != 0) return child;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int nowhere = open("/dev/null", O_WRONLY);
  dup2(nowhere, STDERR_FILENO);
  execvp(command[0], command);
  _exit(69);
}

double Resident(pid_t process) {
  std::ifstream status("/proc/" + std::to_string(process) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) return 1024 * std::stod(line.substr(6));
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  int end = 1;
  while (end < argc && std::string_view(argv[end]) != "--") ++end;
  const iris::bench::Arguments arguments(end, argv);
  if (end + 1 >= argc) return 64;
  std::ifstream file(arguments.Text("request"), std::ios::binary);
  const std::vector<std::uint8_t> request(std::istreambuf_iterator<char>(file), {});
  const int port = static_cast<int>(arguments.Number("port", 0));
  const double patience = arguments.Number("patience", 20);
  const double start = iris::bench::WallSeconds();
  const pid_t child = Start(argv + end + 1);
  if (child < 0) {
    std::fprintf(stderr, "cannot start %s\n", argv[end + 1]);
    return 69;
  }
  std::string wrong = "nobody listens";
  double seconds = 0;
  for (; !wrong.empty() && seconds < patience; seconds = iris::bench::WallSeconds() - start) {
    iris::bench::Http2Client client(port);
    if (client.Connected()) {
      wrong = client.Call(arguments.Text("path"), request);
    } else {
      std::this_thread::sleep_for(kBetweenTries);
    }
  }
  const double resident = Resident(child);
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  if (!wrong.empty()) {
    std::fprintf(stderr, "%s: %s\n", argv[end + 1], wrong.c_str());
    return 1;
  }
  std::printf("{\"seconds\":%.9f,\"resident\":%.0f}\n", seconds, resident);
}

// SPDX-License-Identifier: Apache-2.0
//
// How long single calls take, one after the other, each from the request's first byte to the end of the answer.
//   ports=P,Q,…    servers on 127.0.0.1, one connection each; called in turn, so that they are measured side by side
//   path=/x.Y/Z  request=FILE   the message, with gRPC's five bytes before it
//   answer=FILE    what every answer has to be, likewise; without it: the same as the server's first
//   count=N        calls to each server that count     warm=M    calls to each before those
//   pause=SECONDS  of silence before each turn
// Prints {"seconds": [[…], …]}, a list a server. Exit code 1 with a message for a wrong or failed answer.

#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "arguments.h"
#include "http2_client.h"
#include "measurement.h"

namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return Bytes(std::istreambuf_iterator<char>(file), {});
}

struct Server {
  int port;
  std::unique_ptr<iris::bench::Http2Client> client;
  Bytes answer;
  std::vector<double> seconds;
};

}  // namespace

int main(int argc, char** argv) {
  const iris::bench::Arguments arguments(argc, argv);
  const std::string path = arguments.Text("path");
  const Bytes request = ReadFile(arguments.Text("request"));
  const int warm = static_cast<int>(arguments.Number("warm", 0));
  const int count = static_cast<int>(arguments.Number("count", 1));
  const std::chrono::duration<double> pause(arguments.Number("pause", 0));
  std::vector<Server> servers;
  std::istringstream ports(arguments.Text("ports"));
  for (std::string port; std::getline(ports, port, ',');) {
    const int number = std::stoi(port);
    servers.push_back({number, std::make_unique<iris::bench::Http2Client>(number), {}, {}});
    if (arguments.Text("answer") != "") servers.back().answer = ReadFile(arguments.Text("answer"));
  }
  for (int turn = -warm; turn < count; ++turn) {
    if (pause.count() > 0) std::this_thread::sleep_for(pause);
    for (Server& server : servers) {
      const double start = iris::bench::WallSeconds();
      std::string wrong = server.client->Call(path, request);
      const double seconds = iris::bench::WallSeconds() - start;
      if (server.answer.empty()) server.answer = server.client->answer();
      if (wrong.empty() && server.client->answer() != server.answer) wrong = "the answer is wrong";
      if (!wrong.empty()) {
        std::fprintf(stderr, "port %d, call %d: %s\n", server.port, turn + warm, wrong.c_str());
        return 1;
      }
      if (turn >= 0) server.seconds.push_back(seconds);
    }
  }
  std::string text;
  for (const Server& server : servers) text += (text.empty() ? "" : ",") + iris::bench::JsonArray(server.seconds);
  std::printf("{\"seconds\":[%s]}\n", text.c_str());
}

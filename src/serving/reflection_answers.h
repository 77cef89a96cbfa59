// SPDX-License-Identifier: Apache-2.0
//
// What server reflection answers: a function from question to answer, with the memory of what one call was sent. Knows
// protobuf but not gRPC.
// Source: https://github.com/grpc/grpc/blob/master/doc/server-reflection.md

#pragma once

#include <set>
#include <string>
#include <vector>

#include "grpc/reflection/v1/reflection.pb.h"
#include "src/base/error.h"
#include "src/serving/described_files.h"

namespace iris {

/// Answers the questions of one call. One thread at a time.
class ReflectionAnswers {
 public:
  /// `services` are sorted full names. `files` describe them and everything else that can be asked for. Both must
  /// outlive this.
  ReflectionAnswers(const DescribedFiles& files, const std::vector<std::string>& services)
      : files_(files), services_(services) {}

  /// Always has the question in it, and one kind of answer. A file comes with the imports that this call was not sent
  /// before; itself it comes every time.
  grpc::reflection::v1::ServerReflectionResponse Answer(grpc::reflection::v1::ServerReflectionRequest request);

 private:
  using File = DescribedFiles::File;

  // Errors, here and below: kNotFound.
  Result<void> Fill(const grpc::reflection::v1::ServerReflectionRequest& request,
                    grpc::reflection::v1::ServerReflectionResponse& response);
  Result<const File*> FileByName(const std::string& name) const;
  Result<const File*> FileContaining(const std::string& symbol) const;
  Result<const File*> FileContaining(const grpc::reflection::v1::ExtensionRequest& extension) const;
  Result<void> AddExtensionNumbers(const std::string& type,
                                   grpc::reflection::v1::ExtensionNumberResponse& response) const;
  Result<void> AddFiles(Result<const File*> file, grpc::reflection::v1::FileDescriptorResponse& response);

  const DescribedFiles& files_;
  const std::vector<std::string>& services_;
  std::set<const File*> sent_;
};

}  // namespace iris

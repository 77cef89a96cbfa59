// SPDX-License-Identifier: Apache-2.0

#include "src/model_file/json_certificate.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

#include "src/base/number.h"

namespace iris {
namespace {

constexpr double kRounding = 1e-12;  // of a certificate's sums, relative to the largest

Result<void> CheckCertificate(const JsonField& json, const Certificate& certificate) {
  if (certificate.objective < 0) return json["objective"].Unexpected("a number that is not negative");
  if (certificate.violation < 0) return json["violation"].Unexpected("a number that is not negative");
  const double difference = certificate.objective - certificate.dual_objective;
  const double rounding = kRounding * std::max(certificate.objective, std::abs(certificate.dual_objective));
  if (!(std::abs(certificate.duality_gap - difference) <= rounding)) {
    return json["duality_gap"].Unexpected("objective - dual_objective, which is " + FormatDouble(difference));
  }
  if (certificate.duality_gap < -rounding) return json["duality_gap"].Unexpected("a number that is not negative");
  return {};
}

}  // namespace

Json CertificateToJson(const Certificate& certificate) {
  return {{"objective", certificate.objective},
          {"dual_objective", certificate.dual_objective},
          {"duality_gap", certificate.duality_gap},
          {"violation", certificate.violation},
          {"support_vectors", certificate.support_vectors},
          {"steps", certificate.steps}};
}

Result<Certificate> ReadCertificate(const JsonField& json) {
  if (const Result<void> keys =
          json.ExpectKeys({"objective", "dual_objective", "duality_gap", "violation", "support_vectors", "steps"});
      !keys) {
    return std::unexpected(keys.error());
  }
  Certificate certificate;
  for (const auto& [key, member] :
       {std::pair{"objective", &Certificate::objective}, std::pair{"dual_objective", &Certificate::dual_objective},
        std::pair{"duality_gap", &Certificate::duality_gap}, std::pair{"violation", &Certificate::violation}}) {
    const Result<double> number = json[key].Number();
    if (!number) return std::unexpected(number.error());
    certificate.*member = *number;
  }
  for (const auto& [key, member] :
       {std::pair{"support_vectors", &Certificate::support_vectors}, std::pair{"steps", &Certificate::steps}}) {
    const Result<std::int64_t> count = json[key].Count();
    if (!count) return std::unexpected(count.error());
    certificate.*member = *count;
  }
  if (const Result<void> possible = CheckCertificate(json, certificate); !possible) {
    return std::unexpected(possible.error());
  }
  return certificate;
}

}  // namespace iris

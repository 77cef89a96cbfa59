// SPDX-License-Identifier: Apache-2.0
//
// The "certificates" of a JSON model file. Their grammar stands in json_model.cc. Only model_file includes this.

#pragma once

#include "src/model_file/json_fields.h"
#include "src/svm/model.h"

namespace iris {

/// A certificate as a JSON object.
Json CertificateToJson(const Certificate& certificate);

/// Reads what CertificateToJson wrote. How good it must be is the trainer's matter; what no certificate can say is
/// refused here, since a reader of the file would believe it. Errors: kBadData naming the key.
Result<Certificate> ReadCertificate(const JsonField& json);

}  // namespace iris

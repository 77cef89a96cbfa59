// SPDX-License-Identifier: Apache-2.0
//
// A variable that was meant as a setting and is none would go unseen.

#pragma once

namespace iris {

class CommandDefinition;

/// Logs a warning for every variable IRIS_… of the environment that no command takes and that is spelled much like a
/// setting of `app`. Others are left alone: Kubernetes sets IRIS_SERVICE_HOST and the like where a Service is called so.
void WarnOfMisspelledVariables(const CommandDefinition& app);

}  // namespace iris

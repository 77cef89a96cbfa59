// SPDX-License-Identifier: Apache-2.0
//
// Which folders a process has to be able to read so that a file can be read again after somebody replaced it.

#pragma once

#include <string>
#include <vector>

namespace iris {

/// The real folders in which `file` can be replaced: the one it is named in, and of every symbolic link on the way (the
/// file's own, as certbot's live/ → archive/ and Kubernetes' ..data) the one that it leads to. Where a folder is itself
/// reached by a link, that of its target too, since such links are switched from one folder to its neighbour; but not
/// when that is the root or directly below it, which would be far more than a neighbourhood.
/// A file that lies in the root stands for itself. What is no regular file, or not there, needs nothing: it is read once.
std::vector<std::string> ReadableFolders(const std::string& file);

}  // namespace iris

# SPDX-License-Identifier: Apache-2.0
#
# gRPC: core, C++ layer and upb, as one library. The list holds what a server and a client with TLS link, no more. Left
# out: xDS, RLS, ALTS, Google's credentials, authorization engine, c-ares, re2, the reflection plug-in (ours is in
# src/serving), all load-balancing policies but pick_first.
. "$(dirname "$0")/common.sh"
. "$(dirname "$0")/checked.sh"
. "$(dirname "$0")/profiled.sh"

flags="$FLAGS $MAP $NO_UNWIND $LTO -DNDEBUG -DGRPC_NO_XDS -DGRPC_NO_RLS -DGRPC_ARES=0 -DGRPC_USE_PROTO_LITE"
archive grpc "$RECIPES/grpc.list" "$flags -std=gnu11" \
  "$flags -fno-rtti -Wno-missing-template-arg-list-after-template-kw" \
  "$SOURCE" "$SOURCE/include" "$SOURCE/src/core/ext/upb-generated" "$SOURCE/third_party/upb" \
  "$SOURCE/third_party/address_sorting/include"
headers "$SOURCE/include" grpc
headers "$SOURCE/include" grpcpp
headers "$SOURCE/include" grpc++
licence LICENSE
for part in address_sorting upb upb/third_party/utf8_range; do
  cp "$SOURCE/third_party/$part/LICENSE" "$OUT/licenses/grpc-$(basename $part)-LICENSE"
done
